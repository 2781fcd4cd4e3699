import { expect, test } from "@jest/globals";
import type { Plan } from "../../../shared/evaluation/plan.ts";
import { concludeEvaluation, type ItemResult, isFinished, type TargetResult } from "../../../shared/evaluation/result.ts";
import { inRandomOrder, lookAt } from "../../../shared/evaluation/untilDecided.ts";
import type { Judgement } from "../../../shared/judging/judgement.ts";

const plan: Plan = {
  version: 1,
  id: "e-1",
  endpoint: "chat",
  serving: {},
  questions: { kind: "goldenSet", bucket: "b", key: "k" },
  targets: [],
  goldenSet: { bucket: "b", key: "k", etag: "e", version: "v" },
  variants: ["a", "b"],
  judge: { model: "m", version: "v" },
  criteria: ["quality", "tone"],
  tolerance: 0.02,
  payload: "openai-chat",
  parameters: {},
  prices: {},
  untilDecided: false,
  items: 40,
  broken: { count: 0, first: [] },
  plannedAt: "2026-03-02T10:00:00Z",
};
const answered = (judgement: Judgement, more: object = {}): TargetResult => ({
  outcome: "answered",
  finishReason: "stop",
  promptTokens: 10,
  completionTokens: 5,
  tokensEstimated: false,
  scores: { empty: 1, relevance: null },
  latencyMs: 100,
  judgement,
  ...more,
});
const graded = (quality: number) => answered({ status: "graded", grades: { quality, tone: 1 }, costMicroUsd: 7 });
const failed: TargetResult = { outcome: "model_error", status: 500, latencyMs: 9, judgement: null };
const skipped = answered({ status: "skipped", reason: "budget" });
const items = (n: number, of: (i: number) => [TargetResult, TargetResult]): ItemResult[] =>
  Array.from({ length: n }, (_, i) => {
    const [a, b] = of(i);
    return { id: `q${i}`, tags: [], variants: { a, b } };
  });
const conclude = (results: ItemResult[], more: Partial<Plan> = {}) =>
  concludeEvaluation({ ...plan, ...more }, results, null, "2026-03-02T11:00:00Z");

test.each([
  { it: "worse where it is graded lower", b: (i: number) => 0.5 + (i % 3) / 100, verdict: "worse", wins: 0, ties: 0, losses: 40 },
  {
    it: "better where it is graded higher",
    b: (i: number) => 0.95 + (i % 3) / 100,
    verdict: "better",
    wins: 40,
    ties: 0,
    losses: 0,
  },
  {
    it: "equivalent where the grades are alike",
    b: () => 0.9,
    tolerance: 0.25,
    verdict: "equivalent",
    wins: 0,
    ties: 40,
    losses: 0,
  },
  {
    it: "undecided where they scatter",
    b: (i: number) => (i % 2 ? 1 : 0.78),
    verdict: "undecided",
    wins: 20,
    ties: 0,
    losses: 20,
  },
])("the second variant is $it", ({ b, verdict, tolerance = 0.02, wins, ties, losses }) => {
  const result = conclude(
    items(40, (i) => [graded(0.9), graded(b(i))]),
    { tolerance },
  );
  expect(result).toMatchObject({
    verdict,
    unfinished: 0,
    besides: { b: { criteria: { quality: { verdict, n: 40, wins, ties, losses }, tone: { ties: 40 } } } },
  });
});

test("only items that were graded for both are compared, and everything else is counted", () => {
  const results = items(40, (i) => [i < 10 ? failed : graded(0.9), i >= 30 ? skipped : graded(0.5)]);
  const result = conclude(results);
  expect(result.besides.b!.criteria.quality).toMatchObject({ n: 20, difference: expect.closeTo(-0.4, 12) });
  expect(result).toMatchObject({ unfinished: 10, judgeMicroUsd: 60 * 7 });
  expect(result.byVariant.a).toMatchObject({ answered: 30, modelErrors: 10, judgements: { graded: 30, skipped: 0 } });
  expect(result.byVariant.b).toMatchObject({ answered: 40, modelErrors: 0, judgements: { graded: 30, skipped: 10 } });
});

test("items that are missing are unfinished, and nothing is guessed of them", () => {
  const result = conclude(items(5, () => [failed, graded(1)]));
  expect(result).toMatchObject({ unfinished: 35, verdict: null, besides: { b: { criteria: { quality: null, tone: null } } } });
  expect(result.byVariant.a).toMatchObject({ grades: { quality: null }, scores: {}, latencyMs: null });
});

test("one variant is measured and compared with nothing", () => {
  const results = items(40, (i) => [graded(i % 4 ? 1 : 0.6), failed]);
  const result = conclude(results, { variants: ["a"] });
  expect(result).toMatchObject({ besides: {}, verdict: null, byVariant: { a: { scores: { empty: 1, relevance: null } } } });
  const { mean, lower, upper, n } = result.byVariant.a!.grades.quality!;
  expect({ mean, n }).toEqual({ mean: expect.closeTo(0.9, 12), n: 40 });
  expect(lower).toBeGreaterThan(0.6);
  expect(upper).toBeLessThan(1);
  expect(lower < mean && mean < upper).toBe(true);
});

test("grades that are all alike do not make an interval of no width", () => {
  const { lower, upper } = conclude(items(40, () => [graded(1), graded(1)])).byVariant.a!.grades.quality!;
  expect(upper).toBe(1);
  expect(lower).toBeLessThan(0.97);
});

test("latency is that of the answers, by nearest rank", () => {
  const results = items(10, (i) => [answered({ status: "skipped", reason: "budget" }, { latencyMs: (i + 1) * 10 }), failed]);
  expect(conclude(results).byVariant.a!.latencyMs).toEqual({ p50: 50, p90: 90, p95: 100 });
});

test("the order of the results does not matter", () => {
  const results = items(40, (i) => [graded(0.9), graded(i / 40)]);
  expect(conclude(results.toReversed())).toEqual(conclude(results));
});

test.each([
  { it: "graded", target: graded(1), finished: true },
  { it: "a model error", target: failed, finished: true },
  { it: "not judged for want of budget", target: skipped, finished: false },
])("an item with what is $it is finished: $finished", ({ target, finished }) =>
  expect(isFinished({ id: "q", tags: [], variants: { a: graded(1), b: target } })).toBe(finished),
);

test("an evaluation that may stop is compared in its random order up to the first verdict, and what nobody was asked is spared", () => {
  const plenty = items(400, (i) => [graded(0.9), graded(0.3 + (i % 3) / 100)]);
  const begun = inRandomOrder(plenty).slice(0, 60);
  const result = conclude(begun, { items: 400, untilDecided: true });
  expect(result).toMatchObject({ verdict: "worse", unfinished: 0, spared: 340 });
  expect(result.besides.b!.criteria.quality!.n).toBeLessThan(60);
  const scattered = inRandomOrder(items(400, (i) => [graded(0.9), graded(i % 2 ? 1 : 0.78)])).slice(0, 30);
  expect(conclude(scattered, { items: 400, untilDecided: true })).toMatchObject({
    unfinished: 370,
    spared: 0,
    verdict: "undecided",
  });
});

test.each([
  { finished: 9, look: null },
  { finished: 10, look: 10 },
  { finished: 11, look: 10 },
  { finished: 12, look: 12 },
  { finished: 10_000, look: 9_885 },
])("with $finished finished items it is looked at with $look", ({ finished, look }) => expect(lookAt(finished)).toBe(look));
