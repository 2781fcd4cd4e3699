import { expect, test } from "@jest/globals";
import { compareLive, type LiveFigures } from "../../../shared/monitoring/liveComparison.ts";
import { shadowDifference } from "../../../shared/monitoring/shadow.ts";

const about = { endpoint: "chat", date: "2026-03-02", asOf: "2026-03-02T12:00:00Z", tolerance: 0.02 };
const quality = (mean: number, standardError = 0.01, nEff = 200) => ({ mean, lower: mean, upper: mean, standardError, nEff });
const live = (variant: string, answers: number, more: Partial<LiveFigures> = {}): LiveFigures => ({
  ...{ variant, shadow: false, answers, modelErrors: 0, quality: quality(0.8), latencyMs: { p50: 500, p95: 1_000 } },
  ...{ tokens: { prompt: 100, completion: 50 }, servingMicroUsd: 1e6 },
  ...more,
});

test.each([
  { it: "worse", b: quality(0.7), verdict: "worse" },
  { it: "better", b: quality(0.9), verdict: "better" },
  { it: "equivalent", b: quality(0.801, 0.001), a: quality(0.8, 0.001), verdict: "equivalent" },
  { it: "undecided", b: quality(0.78), verdict: "undecided" },
])("a variant is $it beside the one with most answers", ({ a = quality(0.8), b, verdict }) => {
  const { beside, differences } = compareLive(about, [live("next", 10, { quality: b }), live("stable", 90, { quality: a })], {});
  expect({ beside, verdict: differences[0]!.quality!.verdict }).toEqual({ beside: "stable", verdict });
});

test("the interval holds at every look of the day, so it is wider than that of one look", () => {
  const { lower, upper } = compareLive(about, [live("a", 2), live("b", 1)], {}).differences[0]!.quality!;
  expect((upper - lower) / 2).toBeGreaterThan(1.96 * Math.hypot(0.01, 0.01));
});

test("half the answers for the same money cost twice as much, with an interval from the quality alone", () => {
  const { cost } = compareLive(about, [live("a", 200), live("b", 100)], {}).differences[0]!;
  expect(cost).toEqual({ ratio: expect.closeTo(2, 12), lower: expect.any(Number), upper: expect.any(Number) });
  expect(cost!.lower < 2 && cost!.upper > 2).toBe(true);
});

test("what is not known is not compared", () => {
  const unknown = live("b", 1, { quality: null, latencyMs: null, tokens: null, servingMicroUsd: null });
  expect(compareLive(about, [live("a", 2), unknown], {}).differences).toEqual([
    { variant: "b", quality: null, latency: null, tokens: null, cost: null, paired: null },
  ]);
});

test("a shadow stands beside the variant that it mirrors, however many answers it has, and is compared by their pairs", () => {
  const pairs = Array.from({ length: 100 }, (_, i) => ({
    a: (i % 5) / 5,
    b: (i % 5) / 5 + 0.2,
    pi: 0.1,
    tokensA: 100,
    tokensB: 150,
  }));
  const paired = { next: shadowDifference({ pairs, ungraded: 4 }, about.tolerance, 0.05) };
  const figures = [live("next", 90, { shadow: true }), live("stable", 90)];
  const { beside, differences } = compareLive(about, figures, paired);
  expect(beside).toBe("stable");
  expect(differences).toMatchObject([
    { variant: "next", paired: { verdict: "better", n: 100, wins: 100, tokens: 1.5, ungraded: 4 } },
  ]);
  expect(differences[0]!.paired!.difference).toBeCloseTo(0.2, 12);
});
