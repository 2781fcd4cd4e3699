import type { Scores } from "../capture/inference.ts";
import { costOf, countJudgements, type Judgement, type JudgementCounts } from "../judging/judgement.ts";
import { type Comparison, compareFinished } from "../statistics/compare.ts";
import { addDifference, bettingInterval, noDifferences, type Verdict } from "../statistics/pairedDifference.ts";
import type { Answer } from "./answer.ts";
import { agreements } from "./consistency.ts";
import type { BrokenLine } from "./goldenSet.ts";
import type { Plan } from "./plan.ts";

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
  latencyMs: { p50: number; p90: number } | null;
  tokens: { prompt: number; completion: number };
  /** How far the answers to one question agree: asked again, and asked in other words. `null` where nothing was. */
  consistency: { repeats: Mean | null; rewordings: Mean | null };
  judgeMicroUsd: number;
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
  byVariant: Record<string, VariantResult>;
  /** Criterion → what the second variant is beside the first, on the items where both were graded; `null` where none is. Empty with one variant. */
  comparisons: Record<string, Comparison | null>;
  /** Of `quality`; `null` with one variant, or without a pair. */
  verdict: Verdict | null;
  judgeMicroUsd: number;
  /** The name of the error that ended the execution, or `null`. */
  failure: string | null;
  concludedAt: string;
};

/** How often an interval may miss the true difference: the usual one in twenty. */
const errorOfEvaluation = 0.05;

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
  const items = results.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const byVariant = Object.fromEntries(plan.variants.map((variant) => [variant, variantResult(plan, items, variant)]));
  const [a, b] = plan.variants;
  const comparisons =
    a === undefined || b === undefined
      ? {}
      : Object.fromEntries(plan.criteria.map((criterion) => [criterion, comparisonOf(items, a, b, criterion, plan.tolerance)]));
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
    unfinished: plan.items - items.filter(isFinished).length,
    byVariant,
    comparisons,
    verdict: comparisons.quality?.verdict ?? null,
    judgeMicroUsd: Object.values(byVariant).reduce((sum, { judgeMicroUsd }) => sum + judgeMicroUsd, 0),
    failure,
    concludedAt,
  };
}

function comparisonOf(
  items: readonly ItemResult[],
  a: string,
  b: string,
  criterion: string,
  tolerance: number,
): Comparison | null {
  const pairs = items.flatMap(({ variants }) => {
    const [gradeA, gradeB] = [gradeOf(variants[a]!, criterion), gradeOf(variants[b]!, criterion)]; // an item has them all
    return gradeA === null || gradeB === null ? [] : [{ a: gradeA, b: gradeB }];
  });
  return pairs.length === 0 ? null : compareFinished(pairs, tolerance, errorOfEvaluation);
}

function variantResult({ criteria }: Plan, items: readonly ItemResult[], variant: string): VariantResult {
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
    latencyMs: latencies.length === 0 ? null : { p50: quantile(latencies, 0.5), p90: quantile(latencies, 0.9) },
    tokens: { prompt: total(({ promptTokens }) => promptTokens), completion: total(({ completionTokens }) => completionTokens) },
    consistency: consistencyOf(items, variant),
    judgeMicroUsd: judgements.reduce((sum, judgement) => sum + costOf(judgement), 0),
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

function gradeOf({ judgement }: TargetResult, criterion: string): number | null {
  return judgement?.status === "graded" && Object.hasOwn(judgement.grades, criterion) ? judgement.grades[criterion]! : null;
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

/** Nearest rank of ascending values, of which there is at least one. */
function quantile(ascending: readonly number[], q: number): number {
  return ascending[Math.max(0, Math.ceil(q * ascending.length) - 1)]!;
}
