import { expect, test } from "@jest/globals";
import { beginVerification, lnVerification, verify } from "../../../shared/statistics/verification.ts";
import { casesOf, expectClose } from "./vectors.ts";

const beginAt = (mid: number) => beginVerification(mid - 0.05, mid + 0.05)!;
const rows = (grades: readonly number[], pi = 1) => grades.map((y) => ({ y, pi }));
const played = (mid: number, ...batches: number[][]) =>
  batches.reduce((sofar, grades) => verify(sofar, 1, rows(grades)), beginAt(mid));
const many = (n: number, y: number) => new Array<number>(n).fill(y);

type Windows = { mid: number; windows: number[][]; lnThreshold: number };
type Step = { logRecovered: number; logNotRecovered: number };
test.each(casesOf<Windows, { steps: Step[] }>("verify"))("verify: $name", ({ input, expected }) => {
  let verification = beginAt(input.mid);
  for (const [i, step] of expected.steps.entries()) {
    verification = verify(verification, 1, rows(input.windows[i]!));
    const { recovered, notRecovered } = lnVerification(verification);
    expectClose({ logRecovered: recovered, logNotRecovered: notRecovered }, step, `window ${i + 1}`);
    const verdict = notRecovered >= input.lnThreshold ? "not_recovered" : recovered >= input.lnThreshold ? "recovered" : null;
    expect(verification.verdict).toBe(verdict);
  }
});

test.each([
  { it: "good answers: recovered", batches: [many(60, 1)], verdict: "recovered" },
  { it: "bad answers: not recovered", batches: [many(10, 0)], verdict: "not_recovered" },
  { it: "answers in the middle: nothing yet", batches: [many(50, 0.85)], verdict: null },
  { it: "the first verdict stands, whatever bad comes", batches: [many(60, 1), many(200, 0)], verdict: "recovered" },
  { it: "the first verdict stands, whatever good comes", batches: [many(10, 0), many(900, 1)], verdict: "not_recovered" },
  { it: "no fresh answer", batches: [[], []], verdict: null },
])("$it", ({ batches, verdict }) => expect(played(0.85, ...batches).verdict).toBe(verdict));

test("unequal π: each record weighs piRef/π, so what the sampler preferred does not decide", () => {
  const mid = 0.8;
  // Bad answers were chosen ten times as often: 10 of 10 bad ones, 9 of 90 good ones. The truth is 0.9.
  const fresh = [...rows(many(10, 0), 1), ...rows(many(9, 1), 0.1)];
  const once = verify(beginAt(mid), 0.1, fresh);
  const weighed = lnVerification([...Array(20)].reduce((sofar) => verify(sofar, 0.1, fresh), beginAt(mid)));
  const unweighed = lnVerification(
    [...Array(20)].reduce((sofar) => verify(sofar, 1, rows([...many(10, 0), ...many(9, 1)])), beginAt(mid)),
  );
  expect(weighed.recovered).toBeGreaterThan(Math.log(20));
  expect(unweighed.notRecovered).toBeGreaterThan(Math.log(20));
  const kappa = 0.02;
  expectClose(once.lnRecovered[0], 10 * Math.log1p(-kappa * 0.1) + 9 * Math.log1p(kappa * (1 / mid - 1)));
  expect(once.judged).toBe(19);
});

test("a record without a grade says nothing, and the state is plain JSON", () => {
  const before = played(0.85, [1, 0, 1]);
  const after = verify(before, 0.5, [{ y: null, pi: 0.5 }]);
  expect(after).toEqual(before);
  expect(JSON.parse(JSON.stringify(after))).toEqual(after);
});

test.each([
  { theta: 0.88, refLow: 0.88 },
  { theta: 0.95, refLow: 0.88 },
  { theta: 0, refLow: -0.01 },
])("quality of $theta, not below its reference $refLow, cannot verify anything", ({ theta, refLow }) => {
  expect(beginVerification(theta, refLow)).toBeNull();
});

test.each([
  { it: "an unknown quality", attempt: () => beginVerification(Number.NaN, 0.8), says: "quality at the alarm is NaN" },
  { it: "an unknown reference", attempt: () => beginVerification(0.5, Number.NaN), says: "reference is NaN" },
  { it: "π under piRef", attempt: () => verify(beginAt(0.8), 0.5, rows([1], 0.1)), says: "piRef 0.5" },
  { it: "a grade of NaN", attempt: () => verify(beginAt(0.8), 1, rows([Number.NaN])), says: "y is NaN" },
])("refuses $it", ({ attempt, says }) => expect(attempt).toThrow(says));
