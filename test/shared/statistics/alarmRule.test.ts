import { expect, test } from "@jest/globals";
import {
  type AlarmRule,
  applyFold,
  evidenceOf,
  leadingBet,
  lnStatistic,
  newRule,
  restart,
} from "../../../shared/statistics/alarmRule.ts";
import { addEvidence, type Evidence, gradeEvidence } from "../../../shared/statistics/gradeEvidence.ts";
import { thresholdOf } from "../../../shared/statistics/thresholds.ts";
import { casesOf, expectClose } from "./vectors.ts";

type Step = {
  logE: number[];
  logR: number[];
  onsetSum: number[];
  onset: number[];
  logStatistic: number;
  evidence: number;
  alarm: boolean;
};
type Path = { D: number; lnThreshold: number; windows: { window: { judged: unknown[]; late?: unknown[] } }[] };
// All paths were computed with the prediction (beta 0.8). How evidence turns into an alarm does not depend on it, so the
// windows' evidence is taken from the case, divided by its D, and every later number is checked.
test.each(casesOf<Path, { steps: Step[] }>("detector-path"))("detector-path: $name", ({ input, expected }) => {
  let rule = newRule(6);
  for (const [i, { logE, logR, onsetSum, onset, logStatistic, evidence, alarm }] of expected.steps.entries()) {
    const { judged, late = [] } = input.windows[i]!.window;
    rule = applyFold(rule, i + 1, { lnE: logE.map((x) => x / input.D), records: judged.length + late.length }, input.lnThreshold);
    expectClose(
      { ...rule, statistic: lnStatistic(rule) },
      { lnR: logR, onsetSum, onset, statistic: logStatistic },
      `fold ${i + 1}`,
    );
    expectClose(evidenceOf(rule, input.lnThreshold), evidence);
    expect(rule.alarmedAt !== null).toBe(alarm);
  }
});

const reference = { low: 0.85, high: 0.95 };
const windowOf = (...grades: number[]) =>
  gradeEvidence(
    0.5,
    reference,
    grades.map((y) => ({ y, pi: 0.5 })),
  );
const good = windowOf(1, 1, 1, 0.5, 1, 1, 1, 0.9, 1, 0.6);
const bad = windowOf(0, 0, 1, 0, 0, 0, 1, 0, 0, 0);
const empty = windowOf();
const { lnA } = thresholdOf(1, 8640, 10);
const play = (folds: Evidence[], rule = newRule(12), from = 1) =>
  folds.reduce((sofar, evidence, i) => applyFold(sofar, from + i, evidence, lnA), rule);
const repeat = (evidence: Evidence, times: number) => new Array<Evidence>(times).fill(evidence);

test.each([
  { it: "nothing seen", folds: [], alarmedAt: null, lnR: "nothing" },
  { it: "only empty folds: no start is open", folds: repeat(empty, 5), alarmedAt: null, lnR: "nothing" },
  { it: "good windows for long", folds: repeat(good, 500), alarmedAt: null, lnR: "something" },
  { it: "a drop after good windows", folds: [...repeat(good, 20), ...repeat(bad, 3)], alarmedAt: 22, lnR: "something" },
  {
    it: "a rise: everything perfect for long",
    folds: repeat(windowOf(...new Array<number>(40).fill(1)), 12),
    alarmedAt: 11,
    lnR: "something",
  },
  {
    it: "good windows after the alarm: it stays",
    folds: [...repeat(bad, 3), ...repeat(good, 500)],
    alarmedAt: 2,
    lnR: "something",
  },
])("$it", ({ folds, alarmedAt, lnR }) => {
  const rule = play(folds);
  expect(rule.alarmedAt).toBe(alarmedAt);
  expect(rule.lnR === null ? "nothing" : "something").toBe(lnR);
  expect(evidenceOf(rule, lnA)).toBeGreaterThanOrEqual(0);
});

test("the statistic is two-sided: the mean over all twelve bets, so one direction alone pays ln 2", () => {
  const bothWays = play(repeat(bad, 2));
  const oneWay = play(repeat({ lnE: bad.lnE.slice(0, 6), records: bad.records }, 2), newRule(6));
  const otherWay = play(repeat({ lnE: bad.lnE.slice(6), records: bad.records }, 2), newRule(6));
  const mean = (Math.exp(lnStatistic(oneWay)) + Math.exp(lnStatistic(otherWay))) / 2;
  expectClose(lnStatistic(bothWays), Math.log(mean));
  expect(lnStatistic(oneWay) - lnStatistic(bothWays)).toBeCloseTo(Math.LN2, 3);
});

test("an empty fold keeps the evidence and opens no start", () => {
  const before = play(repeat(bad, 2));
  const after = play([empty], before, 3);
  expectClose(after.lnR, before.lnR);
  // The same fold with a record that says nothing opens a start: R + 1.
  const opened = play([{ ...empty, records: 1 }], before, 3);
  expectClose(
    opened.lnR,
    before.lnR!.map((x) => Math.log1p(Math.exp(x))),
  );
});

test.each([
  { it: "the same fold again", fold: 2 },
  { it: "a fold of the past", fold: 1 },
])("ignores $it", ({ fold }) => {
  const rule = play([good, bad]);
  expect(applyFold(rule, fold, bad, lnA)).toBe(rule);
});

test("fold numbers may have gaps, and date the change", () => {
  const folds = [
    [1000, good],
    [1001, good],
    [1050, bad],
    [1051, bad],
  ] as const;
  const rule = folds.reduce((sofar, [fold, evidence]) => applyFold(sofar, fold, evidence, lnA), newRule(12));
  const { bet, since } = leadingBet(rule)!;
  expect([bet < 6, since, rule.alarmedAt]).toEqual([true, 1050, 1051]);
  expect(leadingBet(newRule(12))).toBeNull();
});

test("a restarted rule has no evidence, refuses old folds, and alarms again if it goes on", () => {
  const alarmed = play(repeat(bad, 3));
  const rule = restart(alarmed);
  expect([rule.alarmedAt, lnStatistic(rule), evidenceOf(rule, lnA)]).toEqual([null, -Infinity, 0]);
  expect(applyFold(rule, 3, bad, lnA)).toBe(rule);
  const again = play(repeat(bad, 3), rule, 4);
  expect([again.alarmedAt, leadingBet(again)!.since]).toEqual([5, 4]);
});

test("a daily fold is one step with the sum of its windows", () => {
  const daily = thresholdOf(1, 90, 10).lnA;
  const day = [good, bad, empty, good].reduce(addEvidence);
  const rule = [day, day].reduce((sofar, evidence, i) => applyFold(sofar, i + 1, evidence, daily), newRule(12));
  const expected = day.lnE.map((x) => x + Math.log1p(Math.exp(x)));
  expectClose(rule.lnR, expected);
  expect(rule.lastFold).toBe(2);
});

test("the state is plain JSON of constant size, also after thousands of folds without anybody looking", () => {
  const rule = play(repeat(bad, 5000));
  expect(JSON.parse(JSON.stringify(rule))).toEqual(rule);
  expect(JSON.parse(JSON.stringify(newRule(12)))).toEqual(newRule(12));
  expect(lnStatistic(rule)).toBeGreaterThan(10_000);
  expect(lnStatistic(rule)).toBeLessThan(Infinity);
  expect(rule.onset).toHaveLength(12);
});

test.each<{ it: string; attempt: () => AlarmRule; says: string }>([
  {
    it: "evidence of another rule",
    attempt: () => applyFold(newRule(6), 1, bad, lnA),
    says: "rule of 6 bets cannot take evidence of 12",
  },
  {
    it: "evidence of NaN",
    attempt: () => applyFold(newRule(1), 1, { lnE: [Number.NaN], records: 1 }, lnA),
    says: "fold 1 is not finite",
  },
  { it: "a fold without number", attempt: () => applyFold(newRule(12), Number.NaN, bad, lnA), says: "needs a number" },
])("refuses $it", ({ attempt, says }) => expect(attempt).toThrow(says));
