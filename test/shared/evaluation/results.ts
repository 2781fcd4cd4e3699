import type { Plan } from "../../../shared/evaluation/plan.ts";
import type { Prices } from "../../../shared/evaluation/prices.ts";
import {
  concludeEvaluation,
  type EvaluationResult,
  type ItemResult,
  type TargetResult,
} from "../../../shared/evaluation/result.ts";

/** An answer that was graded, or failed (`null`). */
export const answeredWith = (quality: number, more: object = {}): TargetResult => ({
  outcome: "answered",
  finishReason: "stop",
  promptTokens: 100,
  completionTokens: 50,
  tokensEstimated: false,
  scores: { exact: quality > 0.5 ? 1 : 0 },
  latencyMs: 1_000,
  judgement: { status: "graded", grades: { quality }, costMicroUsd: 7 },
  ...more,
});

/** The result of `n` items with one or two targets, `a` and `b`. */
export function resultOf(
  n: number,
  of: (i: number) => TargetResult[],
  { prices = {}, tags = () => [] }: { prices?: Prices; tags?: (i: number) => string[] } = {},
): EvaluationResult {
  const variants = ["a", "b"].slice(0, of(0).length);
  const plan = {
    id: "e-1",
    endpoint: "chat",
    variants,
    criteria: ["quality"],
    tolerance: 0.02,
    items: n,
    broken: { count: 0, first: [] },
  };
  const items = Array.from({ length: n }, (_, i): ItemResult => {
    const results = of(i);
    return { id: `q${i}`, tags: tags(i), variants: Object.fromEntries(variants.map((name, at) => [name, results[at]!])) };
  });
  const judged = { ...plan, judge: { model: "m", version: "v" }, prices, untilDecided: false } as Partial<Plan> as Plan;
  return concludeEvaluation(judged, items, null, "2026-03-02T11:00:00Z");
}
