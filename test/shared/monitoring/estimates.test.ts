import { expect, test } from "@jest/globals";
import { chanceFrom } from "../../../bench/chance.ts";
import { estimatesOf, type GroupSums, groupSums, mergeGroups } from "../../../shared/monitoring/estimates.ts";
import { addAnswered, type Counted, emptySummary } from "../../../shared/monitoring/summary.ts";
import { windowRecordOf } from "../../../shared/monitoring/windowRecord.ts";
import { estimateMean } from "../../../shared/statistics/estimate.ts";
import { momentsOf } from "../../../shared/statistics/momentBlocks.ts";

type Drawn = { id: string; variant: string; segment: string; f: number; y: number | null; pi: number };

/** Answers of two variants and segments, a fifth of the risky ones' weight, with grades that the prediction follows; some fail. */
function draw(seed: number, n: number): Drawn[] {
  const chance = chanceFrom(seed);
  return Array.from({ length: n }, (_, i) => {
    const f = Math.round(100 * chance()) / 100;
    const y = Math.min(1, Math.max(0, f + 0.2 * (chance() - 0.5)));
    return {
      id: `e${seed}-${i}`,
      variant: i % 2 === 0 ? "stable" : "candidate",
      segment: chance() < 0.3 ? "billing" : "orders",
      f,
      y: chance() < 0.1 ? null : y,
      pi: f < 0.2 ? 1 : 0.5,
    };
  });
}

/** The window's sums, by way of its books: half of those that could be chosen are. */
function sumsOfWindow(
  drawn: readonly Drawn[],
  predicts = true,
  shadows: readonly string[] = [],
): { sums: GroupSums[]; chosen: Drawn[] } {
  const chosen = drawn.filter(({ pi }, i) => pi === 1 || i % 3 !== 0);
  const records = ["candidate", "stable"].map((variant) => {
    const summary = emptySummary();
    const own = drawn.filter((each) => each.variant === variant);
    for (const { id, segment, f, pi } of own) {
      const counted: Counted = {
        ...{ eventId: id, time: "2026-11-02T09:01:00Z", outcome: "answered", segment, scores: {} },
        ...{ promptTokens: 1, completionTokens: 1, tokensEstimated: false },
      };
      const isChosen = chosen.some((each) => each.id === id);
      addAnswered(summary, counted, { hardFailure: false, pi, piRef: 0.5, chosen: isChosen, f: predicts ? { quality: f } : {} });
    }
    const judgements = own.map(({ id, segment, y, pi }) => ({
      ...{ eventId: id, time: "2026-11-02T09:01:00Z", segment, pi, scores: {} },
      judgement: y === null ? { status: "failed" as const } : { status: "graded" as const, grades: { quality: y } },
    }));
    return windowRecordOf({ window: "2026-11-02T09:00:00Z", endpoint: "chat", variant }, [summary], judgements);
  });
  return { sums: groupSums(records, ["quality"], shadows), chosen };
}

const find = (estimates: ReturnType<typeof estimatesOf>, variant: string | null, segment: string | null) =>
  estimates.find((each) => each.variant === variant && each.segment === segment)!;

test.each([
  { of: "all variants", variant: null, segment: null },
  { of: "one variant", variant: "stable", segment: null },
  { of: "a segment of all variants", variant: null, segment: "orders" },
  { of: "a segment of one variant", variant: "candidate", segment: "orders" },
])("two windows together estimate $of as their rows do", ({ variant, segment }) => {
  const windows = [draw(1, 300), draw(2, 200)];
  const parts = windows.map((drawn) => sumsOfWindow(drawn));
  const estimates = estimatesOf(mergeGroups(parts.map(({ sums }) => sums)), { quality: 0.8 });
  const isOwn = (each: Drawn) => (variant === null || each.variant === variant) && (segment === null || each.segment === segment);
  const all = windows.flat().filter(isOwn);
  const rows = parts.flatMap(({ chosen }) => chosen).filter(isOwn);
  const sumF = all.reduce((sum, { f }) => sum + f, 0);
  const expected = estimateMean(momentsOf(all.length, sumF, rows), 0.8)!;
  const actual = find(estimates, variant, segment);
  expect(actual).toMatchObject({ answers: all.length, judged: rows.filter(({ y }) => y !== null).length, beta: 0.8 });
  expect(actual.corrected).toBeNull();
  expect(actual.quality!.mean).toBeCloseTo(expected.theta, 9);
  expect(actual.quality!.lower).toBeCloseTo(expected.low, 2); // single answers are conversations of one, which adds n/(n-1)
  expect(actual.quality!.nEff).toBeCloseTo(expected.nEff, 6);
  const failed = rows.filter(({ y }) => y === null).reduce((sum, { pi }) => sum + 1 / pi, 0);
  const weight = rows.reduce((sum, { pi }) => sum + 1 / pi, 0);
  expect(actual.bounds!.failedShare).toBeCloseTo(failed / weight, 9);
  expect(actual.bounds!.lower).toBeLessThan(actual.quality!.lower);
  expect(actual.bounds!.upper).toBeGreaterThan(actual.quality!.upper);
  if (actual.judged >= 100) expect(actual.gain).toBeGreaterThan(0.9);
});

test("what is stored is enough to estimate again, and neither order nor grouping of windows changes it", () => {
  const [a, b, c] = [1, 2, 3].map((seed) => sumsOfWindow(draw(seed, 300)).sums) as [GroupSums[], GroupSums[], GroupSums[]];
  const whole = estimatesOf(mergeGroups([a, b, c]), { quality: 0.8 });
  const stored = JSON.parse(JSON.stringify(mergeGroups([mergeGroups([c, b]), a]))) as GroupSums[];
  for (const [i, again] of estimatesOf(stored, { quality: 0.8 }).entries()) {
    expect(again).toMatchObject({ variant: whole[i]!.variant, segment: whole[i]!.segment, judged: whole[i]!.judged });
    expect(again.quality!.mean).toBeCloseTo(whole[i]!.quality!.mean, 9);
    expect(again.quality!.upper).toBeCloseTo(whole[i]!.quality!.upper, 9);
  }
});

test("predictions count only where every window had them, and a baseline has a slope for them", () => {
  const [with1, without] = [sumsOfWindow(draw(1, 300)).sums, sumsOfWindow(draw(2, 300), false).sums];
  expect(find(estimatesOf(mergeGroups([with1, without]), { quality: 0.8 }), null, null)).toMatchObject({ beta: 0, gain: null });
  expect(find(estimatesOf(with1, {}), null, null).beta).toBe(0);
  expect(find(estimatesOf(with1, { quality: 0.8 }), null, null).beta).toBe(0.8);
});

test("what a shadow answers counts for it and not for all together, also where it served later", () => {
  const [night, day] = [sumsOfWindow(draw(1, 300), true, ["candidate"]), sumsOfWindow(draw(2, 200))];
  const stored = JSON.parse(JSON.stringify(mergeGroups([night.sums, day.sums]))) as GroupSums[];
  const estimates = estimatesOf(mergeGroups([stored]), { quality: 0.8 });
  expect(find(estimates, null, null).answers).toBe(150 + 200);
  expect(find(estimates, "candidate", null).answers).toBe(150 + 100);
  expect(estimates.filter(({ variant, segment }) => variant === "candidate" && segment === null)).toHaveLength(1);
  const inShadow = estimatesOf(night.sums, { quality: 0.8 });
  const { variant: _, ...all } = find(inShadow, null, "orders");
  expect(find(inShadow, "stable", "orders")).toEqual({ variant: "stable", ...all });
});

test("under 30 judged answers there is no estimate, and no bounds, but the counts", () => {
  const few = find(estimatesOf(sumsOfWindow(draw(1, 20)).sums, { quality: 0.8 }), null, null);
  expect(few).toMatchObject({ answers: 20, quality: null, bounds: null, gain: null });
  expect(few.judged).toBeGreaterThan(5);
});

test("labels correct the groups that have enough of them, and no other", () => {
  const { sums } = sumsOfWindow(draw(1, 400));
  const label = (segment: string) => ({ variant: "stable", segment, window: "2026-11-02T09:00:00Z", p: 0.01 });
  const labelled = Array.from({ length: 120 }, (_, i) => ({
    ...label(i < 100 ? "orders" : "returns"),
    ...{ h: { quality: 0.25 + (i % 3) / 4 }, y: { quality: 0.5 + (i % 3) / 4 } },
  }));
  const estimates = estimatesOf(sums, {}, labelled);
  const of = (variant: string | null, segment: string | null) => find(estimates, variant, segment).corrected;
  expect(of("stable", "orders")).toMatchObject({ labels: 100, bias: expect.closeTo(0.25, 9) });
  expect(of(null, null)).toMatchObject({ labels: 120, bias: expect.closeTo(0.25, 9) });
  expect(of("candidate", null)).toBeNull();
  const { quality, corrected } = find(estimates, null, null);
  expect(corrected!.mean).toBeLessThan(quality!.mean);
  expect(corrected!.lower).toBeLessThan(corrected!.mean);
});
