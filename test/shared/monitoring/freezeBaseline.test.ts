import { expect, test } from "@jest/globals";
import { chanceFrom } from "../../../bench/chance.ts";
import { drawWindow } from "../../../bench/traffic.ts";
import { approve, parseBaseline, retire, UnusableBaseline } from "../../../shared/monitoring/baseline.ts";
import { windowMs } from "../../../shared/monitoring/windows.ts";
import { conversationVariance } from "../../../shared/statistics/conversations.ts";
import { estimateMean } from "../../../shared/statistics/estimate.ts";
import { momentsOf } from "../../../shared/statistics/momentBlocks.ts";
import { endpoint, freeze, graded, sound, soundDays, startMs } from "./played.ts";

const days = soundDays(5, 0.06);
const baseline = freeze(days);
const week = Array.from({ length: 7 * 96 }, (_, n) =>
  drawWindow(
    chanceFrom(n + 1),
    { startMs: startMs + n * windowMs, endpoint, variant: "stable" },
    { requestsPerHour: 40, pi: 0.06, segments: sound },
  ),
);
const anchors = Array.from({ length: 20 }, (_, i) => ({
  id: `a${i}`,
  prompt: "Q",
  completion: "A",
  readings: [{ quality: 0.8 }],
}));

test("the mean is that of all variants' judged answers, as the estimator gives it", () => {
  const rows = days.flatMap(({ rows }) => rows.map(({ y, pi }) => ({ y: y.quality!, f: 0, pi })));
  const N = days.reduce((sum, { summary }) => sum + summary.counts.answered, 0);
  const expected = estimateMean(momentsOf(N, 0, rows), 0, conversationVariance(rows))!;
  const { mu0, nStar0, se0 } = baseline.criteria.quality!;
  expect(mu0).toBeCloseTo(expected.theta, 12);
  expect(nStar0 / expected.nStar).toBeCloseTo(1, 9);
  expect(se0).toBeCloseTo(expected.standardError, 12);
});

test("the same records in another order give the same version, other records another", () => {
  expect(freeze([...days].reverse()).version).toBe(baseline.version);
  expect(freeze(days.slice(1)).version).not.toBe(baseline.version);
  expect(freeze([...days, { ...days[0]!, endpoint: "another" }]).version).toBe(baseline.version);
});

test("segments have their own means and shares, and a bin for what is new", () => {
  const { segments, criteria } = baseline;
  expect(segments!.binning).toEqual({ kind: "categories", categories: ["orders", "billing", "returns"] });
  expect(segments!.counts.at(-1)).toBe(0);
  expect(segments!.dispersion!.D).toBeGreaterThanOrEqual(1);
  const [orders, billing, returns, fresh] = criteria.quality!.bySegment;
  expect([orders!.mu0, billing!.mu0, returns!.mu0].map((mean) => Number(mean.toFixed(1)))).toEqual([0.9, 0.9, 0.9]);
  expect(fresh).toBeNull();
});

test.each([
  { it: "nothing of a whole sound week", records: week, anchors: undefined, limits: [] },
  { it: "the weekend of three sound days", records: days, anchors: undefined, limits: ["quality"] },
  { it: "the judge without anchors", records: week, anchors: [], limits: ["judge"] },
  { it: "small moves of the judge with few anchors", records: week, anchors: anchors.slice(0, 20), limits: ["judge"] },
  {
    it: "the mix and the daily cycle of half a day",
    records: days.slice(0, 96),
    anchors: undefined,
    limits: ["quality", "input-mix"],
  },
  { it: "quality of a few minutes", records: days.slice(0, 2), anchors: undefined, limits: ["quality", "input-mix"] },
  { it: "anything of nothing", records: [], anchors: [], limits: ["quality", "input-mix", "judge"] },
])("says that it cannot watch $it", ({ records, anchors, limits }) => {
  expect(freeze(records, anchors).limits.map(({ signal }) => signal)).toEqual(limits);
});

test("a daily cycle moves the reference where it is clear, and only over whole days", () => {
  const chance = chanceFrom(2);
  const wave = (n: number) => graded(sound, 0.06 * Math.cos((2 * Math.PI * n) / 96));
  const records = Array.from({ length: 3 * 96 }, (_, n) =>
    drawWindow(
      chance,
      { startMs: startMs + n * windowMs, endpoint, variant: "stable" },
      { requestsPerHour: 200, pi: 0.2, segments: wave(n) },
    ),
  );
  expect(freeze(records).criteria.quality!.cycle).toMatchObject({ used: true, b: expect.closeTo(0.06, 1) });
  expect(freeze(records.slice(0, 80)).criteria.quality!.cycle.used).toBe(false);
});

test("the self-test says when the baseline's own days differ by more than the tolerance", () => {
  expect(baseline.selfTest).toEqual([]);
  const chance = chanceFrom(4);
  const badDay = Array.from({ length: 96 }, (_, n) =>
    drawWindow(
      chance,
      { startMs: startMs + n * windowMs, endpoint, variant: "stable" },
      { requestsPerHour: 200, pi: 0.2, segments: graded(sound, -0.15) },
    ),
  );
  expect(freeze([...days, ...badDay]).selfTest).toMatchObject([{ variant: "stable", criterion: "quality" }]);
});

test("a baseline that went through JSON is the same, and one that was changed is refused", () => {
  const text = JSON.stringify(approve(baseline, "Ada", "a quiet week", "2026-11-02T09:00:00Z"));
  const read = parseBaseline(text, "b.json");
  expect(read).toMatchObject({ version: baseline.version, status: "approved", approvedBy: "Ada", why: "a quiet week" });
  expect(retire(read, "Ada", "an old week", "2026-11-05T00:00:00Z").status).toBe("retired");
  const better = { ...baseline, criteria: { quality: { ...baseline.criteria.quality!, mu0: 0.5 } } };
  for (const broken of [JSON.stringify(better), "{}", "null", "[1]", '{"version":'])
    expect(() => parseBaseline(broken, "b.json")).toThrow(UnusableBaseline);
});
