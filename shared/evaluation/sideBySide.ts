import { type Comparison, compareFinished, compareUntilDecided, morePairsNeeded } from "../statistics/compare.ts";
import { compareTags, type TagComparison, type TaggedPair } from "../statistics/compareTags.ts";
import { type CostPerGood, costPerGood, pairedCostRatio } from "../statistics/costPerGood.ts";
import type { Plan } from "./plan.ts";
import { type Price, servingMicroUsd } from "./prices.ts";
import type { ItemResult, TargetResult } from "./result.ts";

/** How often an interval may miss the true difference: the usual one in twenty. */
export const errorOfEvaluation = 0.05;

/** A comparison, and where it is undecided about how many more items would decide it; `null`: no number would, or none is needed. */
export type ItemComparison = Comparison & { moreNeeded: number | null };
export type Ratio = { ratio: number; lower: number; upper: number };

/** What a target is beside the first. `null`: no item had both. */
export type SideBySide = {
  /** By criterion of the judge. */
  criteria: Record<string, ItemComparison | null>;
  /** By scorer and reference metric, of those that both targets' answers have. */
  scores: Record<string, ItemComparison | null>;
  /** Of every criterion and tag, at once. */
  tags: TagComparison[];
  /** How many times as much a good answer costs; `null` without prices, or without cost or anything good. */
  costRatio: Ratio | null;
};

/** The mean price of a thousand good answers in dollars, where a half-good answer is half a good one, with its 95 % interval. */
export type CostPerThousandGood = { usd: number; lower: number; upper: number };

/**
 * Compares target `b` with target `a`, in pairs by item: with one look at the finished set, or where the evaluation may stop early by the
 * criterion's first verdict, in the order of `items`.
 */
export function sideBySide(
  items: readonly ItemResult[],
  [a, b]: readonly [string, string],
  { criteria, tolerance, untilDecided, prices }: Pick<Plan, "criteria" | "tolerance" | "untilDecided" | "prices">,
): SideBySide {
  const pairsOf = (value: (result: TargetResult) => number | null): TaggedPair[] =>
    items.flatMap(({ variants, tags }) => {
      const [of, beside] = [value(variants[a]!), value(variants[b]!)]; // an item has them all
      return of === null || beside === null ? [] : [{ a: of, b: beside, tags }];
    });
  const byCriterion = Object.fromEntries(criteria.map((name) => [name, pairsOf((result) => gradeOf(result, name))]));
  const scorers = [
    ...new Set(items.flatMap(({ variants }) => [variants[a]!, variants[b]!].flatMap((result) => Object.keys(scoresOf(result))))),
  ].sort();
  return {
    criteria: Object.fromEntries(criteria.map((name) => [name, comparisonOf(byCriterion[name]!, tolerance, untilDecided)])),
    scores: Object.fromEntries(
      scorers.map((name) => [
        name,
        comparisonOf(
          pairsOf((result) => scoreOf(result, name)),
          tolerance,
          untilDecided,
        ),
      ]),
    ),
    tags: compareTags(byCriterion, errorOfEvaluation),
    costRatio: costRatioOf(items, [a, b], prices),
  };
}

/** What a thousand good answers of a target cost. An answer that failed costs the time it took, and is not good; one that was not judged tells nothing. */
export function costPerThousandGood(results: readonly TargetResult[], price: Price | undefined): CostPerThousandGood | null {
  if (price === undefined) return null;
  const rows = results.flatMap((result) => costRow(result, price) ?? []);
  const cost = costPerGood(rows);
  // A thousand good answers at so many micro-dollars each.
  return cost && { usd: cost.ratio / 1_000, lower: cost.low / 1_000, upper: cost.high / 1_000 };
}

export function gradeOf(result: TargetResult, criterion: string): number | null {
  const { judgement } = result;
  return judgement?.status === "graded" && Object.hasOwn(judgement.grades, criterion) ? judgement.grades[criterion]! : null;
}

/** Of a plug-in that says more than 1, or less than 0, the unit is its own. */
function scoreOf(result: TargetResult, name: string): number | null {
  const score = scoresOf(result)[name] ?? null;
  return score !== null && score >= 0 && score <= 1 ? score : null;
}

const scoresOf = (result: TargetResult) => (result.outcome === "answered" ? result.scores : {});

function comparisonOf(pairs: readonly TaggedPair[], tolerance: number, untilDecided: boolean): ItemComparison | null {
  if (pairs.length === 0) return null;
  const comparison = (untilDecided ? compareUntilDecided : compareFinished)(pairs, tolerance, errorOfEvaluation);
  return { ...comparison, moreNeeded: morePairsNeeded(comparison, tolerance) };
}

function costRatioOf(
  items: readonly ItemResult[],
  [a, b]: readonly [string, string],
  prices: Readonly<Record<string, Price>>,
): Ratio | null {
  const [priceA, priceB] = [priceOf(prices, a), priceOf(prices, b)];
  if (priceA === undefined || priceB === undefined) return null;
  const pairs = items.flatMap(({ variants }) => {
    const [of, beside] = [costRow(variants[a]!, priceA), costRow(variants[b]!, priceB)]; // an item has them all
    return of === null || beside === null ? [] : [{ a: of, b: beside }];
  });
  const ratio: CostPerGood | null = pairedCostRatio(pairs);
  return ratio && { ratio: ratio.ratio, lower: ratio.low, upper: ratio.high };
}

/** A target may be called "constructor". */
export const priceOf = (prices: Readonly<Record<string, Price>>, target: string): Price | undefined =>
  Object.hasOwn(prices, target) ? prices[target] : undefined;

function costRow(result: TargetResult, price: Price): { cost: number; good: number } | null {
  const billed = result.outcome === "answered" ? result : { promptTokens: 0, completionTokens: 0, latencyMs: result.latencyMs };
  const good = result.outcome === "answered" ? gradeOf(result, "quality") : 0;
  const cost = servingMicroUsd(price, billed);
  return cost === null || good === null ? null : { cost, good };
}
