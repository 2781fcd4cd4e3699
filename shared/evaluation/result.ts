import type { Scores } from "../capture/inference.ts";
import { costOf, countJudgements, type Judgement, type JudgementCounts } from "../judging/judgement.ts";
import { nearestRank } from "../statistics/nearestRank.ts";
import { addDifference, bettingInterval, noDifferences, type Verdict } from "../statistics/pairedDifference.ts";
import type { Answer } from "./answer.ts";
import { agreements } from "./consistency.ts";
import type { BrokenLine } from "./goldenSet.ts";
import type { Plan } from "./plan.ts";
import {
  type CostPerThousandGood,
  costPerThousandGood,
  errorOfEvaluation,
  gradeOf,
  priceOf,
  type SideBySide,
  sideBySide,
} from "./sideBySide.ts";
import { decisive, inRandomOrder, isDecided } from "./untilDecided.ts";

/** What became of one item with one variant, without texts. `judgement` is `null` where there was no answer to grade. */
export type TargetResult =
  | (Omit<Extract<Answer, { outcome: "answered" }>, "completion"> & {
      /** Where the item is asked repeatedly or in other words: of each answer, the graded one first. */
      sketches?: string[];
      judgement: Judgement;
    })
  | (Exclude<Answer, { outcome: "answered" }> & { judgement: null });
export type ItemResult = { id: string; tags: string[]; group?: string; variants: Record<string, TargetResult> };

/** Mean of what was measured, with the interval that misses the true mean with the declared error. */
type Mean = { mean: number; lower: number; upper: number; n: number };

export type VariantResult = {
  answered: number;
  modelErrors: number;
  unreadable: number;
  /** Items for which no answer was brought along. */
  missing: number;
  judgements: JudgementCounts;
  /** Criterion → mean grade; `null` where nothing was graded. */
  grades: Record<string, Mean | null>;
  /** Scorer → mean of the answers that it had something to say about; `null` where there are none. */
  scores: Record<string, number | null>;
  /** `null` without answers, or where they were brought along. */
  latencyMs: { p50: number; p90: number; p95: number } | null;
  tokens: { prompt: number; completion: number };
  /** How far the answers to one question agree: asked again, and asked in other words. `null` where nothing was. */
  consistency: { repeats: Mean | null; rewordings: Mean | null };
  judgeMicroUsd: number;
  /** `null` without a price, or where there is no cost or nothing good. */
  costPerThousandGood: CostPerThousandGood | null;
};

export type EvaluationResult = {
  version: 1;
  id: string;
  endpoint: string;
  variants: string[];
  judge: Plan["judge"];
  tolerance: number;
  error: number;
  items: number;
  broken: { count: number; first: BrokenLine[] };
  /** Items without a whole result: the execution failed before them, or the budget was spent. Starting the same id again completes them. */
  unfinished: number;
  /** Items that nobody was asked, since the comparison was decided before. */
  spared: number;
  byVariant: Record<string, VariantResult>;
  /** Every target but the first → what it is beside the first, on the items that both have. Empty with one target. */
  besides: Record<string, SideBySide>;
  /** Of `quality`, or of the first criterion without it: `worse` where any target is, else that of the second; `null` with one target, or without a pair. */
  verdict: Verdict | null;
  judgeMicroUsd: number;
  /** The name of the error that ended the execution, or `null`. */
  failure: string | null;
  concludedAt: string;
};

/** Whether nothing of an item is missing. An answer that was not judged for want of budget is. */
export function isFinished({ variants }: ItemResult): boolean {
  return Object.values(variants).every(({ judgement }) => judgement?.status !== "skipped");
}

/** Concludes an evaluation: one look at the finished set. `results` may come in any order. */
export function concludeEvaluation(
  plan: Plan,
  results: readonly ItemResult[],
  failure: string | null,
  concludedAt: string,
): EvaluationResult {
  const items = plan.untilDecided ? inRandomOrder(results) : results.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const byVariant = Object.fromEntries(plan.variants.map((variant) => [variant, variantResult(plan, items, variant)]));
  const [first, ...others] = plan.variants;
  const besides = Object.fromEntries(
    others.map((other) => [other, sideBySide(items, [first!, other], plan)]), // there is a first
  );
  const missing = plan.items - items.filter(isFinished).length;
  const isSpared = plan.untilDecided && isDecided(items, plan);
  const verdicts = others.map((other) => besides[other]!.criteria[decisive(plan)]?.verdict ?? null);
  return {
    version: 1,
    id: plan.id,
    endpoint: plan.endpoint,
    variants: plan.variants,
    judge: plan.judge,
    tolerance: plan.tolerance,
    error: errorOfEvaluation,
    items: plan.items,
    broken: plan.broken,
    unfinished: isSpared ? 0 : missing,
    spared: isSpared ? missing : 0,
    byVariant,
    besides,
    verdict: verdicts.includes("worse") ? "worse" : (verdicts[0] ?? null),
    judgeMicroUsd: Object.values(byVariant).reduce((sum, { judgeMicroUsd }) => sum + judgeMicroUsd, 0),
    failure,
    concludedAt,
  };
}

function variantResult({ criteria, prices }: Plan, items: readonly ItemResult[], variant: string): VariantResult {
  const results = items.map(({ variants }) => variants[variant]!); // an item has them all
  const answers = results.flatMap((result) => (result.outcome === "answered" ? [result] : []));
  const judgements = answers.map(({ judgement }) => judgement);
  const latencies = answers.flatMap(({ latencyMs }) => latencyMs ?? []).sort((x, y) => x - y);
  const count = (outcome: Answer["outcome"]) => results.filter((result) => result.outcome === outcome).length;
  const total = (of: (answer: (typeof answers)[number]) => number) => answers.reduce((sum, answer) => sum + of(answer), 0);
  return {
    answered: answers.length,
    modelErrors: count("model_error"),
    unreadable: count("unreadable"),
    missing: count("missing"),
    judgements: countJudgements(judgements),
    grades: Object.fromEntries(criteria.map((criterion) => [criterion, meanOf(results.map((r) => gradeOf(r, criterion)))])),
    scores: meanScores(answers.map(({ scores }) => scores)),
    latencyMs:
      latencies.length === 0
        ? null
        : { p50: nearestRank(latencies, 0.5), p90: nearestRank(latencies, 0.9), p95: nearestRank(latencies, 0.95) },
    tokens: { prompt: total(({ promptTokens }) => promptTokens), completion: total(({ completionTokens }) => completionTokens) },
    consistency: consistencyOf(items, variant),
    judgeMicroUsd: judgements.reduce((sum, judgement) => sum + costOf(judgement), 0),
    costPerThousandGood: costPerThousandGood(results, priceOf(prices, variant)),
  };
}

function consistencyOf(items: readonly ItemResult[], variant: string): VariantResult["consistency"] {
  const { repeats, rewordings } = agreements(
    items.flatMap(({ group = null, variants }) => {
      const result = variants[variant]!; // an item has them all
      return result.outcome === "answered" && result.sketches ? [{ group, sketches: result.sketches }] : [];
    }),
  );
  return { repeats: meanOf(repeats), rewordings: meanOf(rewordings) };
}

/** The betting interval is exact for any mean of values in [-1, 1], also where all grades are alike. */
function meanOf(grades: readonly (number | null)[]): Mean | null {
  const sums = noDifferences();
  for (const grade of grades) if (grade !== null) addDifference(sums, 2 * grade - 1);
  if (sums.n === 0) return null;
  const { low, high } = bettingInterval(sums, errorOfEvaluation);
  const grade = (d: number) => (1 + d) / 2;
  return { mean: grade(sums.sum / sums.n), lower: grade(low), upper: grade(high), n: sums.n };
}

function meanScores(all: readonly Scores[]): Record<string, number | null> {
  const names = [...new Set(all.flatMap((scores) => Object.keys(scores)))];
  return Object.fromEntries(
    names.map((name) => {
      const known = all.flatMap((scores) => scores[name] ?? []);
      return [name, known.length === 0 ? null : known.reduce((a, b) => a + b) / known.length];
    }),
  );
}
