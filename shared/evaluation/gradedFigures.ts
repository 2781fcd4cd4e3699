import { costPerGood, pairedCostRatio } from "../statistics/costPerGood.ts";
import type { GradedPair, GradedSet, Taken } from "../statistics/gradedSet.ts";
import { nearestRank } from "../statistics/nearestRank.ts";
import { type Price, type Prices, servingMicroUsd } from "./prices.ts";
import { type CostPerThousandGood, priceOf, type Ratio } from "./sideBySide.ts";

/** What the answers of a graded set took; `null`: not all of its lines say, or there is no price. */
type GradedFigures = {
  latencyMs: { p50: number; p95: number } | null;
  /** Per answer. */
  tokens: { prompt: number; completion: number } | null;
  costPerThousandGood: CostPerThousandGood | null;
};

export type FiguresBeside = { a: GradedFigures; b: GradedFigures /** B's over A's. */; costRatio: Ratio | null };

/**
 * What the answers of two graded sets took side by side, as far as their lines say it.
 * @param pairs the grades of both, in the order of A: how good each answer was
 * @param prices of `a` and of `b`
 * Source: docs/statistics.md, "Cost per good answer"
 */
export function figuresBeside(a: GradedSet, b: GradedSet, pairs: readonly GradedPair[], prices: Prices): FiguresBeside {
  const ids = [...a.answers.keys()].slice(0, pairs.length);
  const takenBy = ({ answers }: GradedSet) => ids.map((id) => answers.get(id)!.took); // both have all ids
  const [tookA, tookB] = [takenBy(a), takenBy(b)];
  const rowsA = rowsOf(
    tookA,
    pairs.map((pair) => pair.a),
    priceOf(prices, "a"),
  );
  const rowsB = rowsOf(
    tookB,
    pairs.map((pair) => pair.b),
    priceOf(prices, "b"),
  );
  const ratio = rowsA && rowsB && pairedCostRatio(rowsA.map((row, i) => ({ a: row, b: rowsB[i]! })));
  return {
    a: figuresOf(tookA, rowsA),
    b: figuresOf(tookB, rowsB),
    costRatio: ratio && { ratio: ratio.ratio, lower: ratio.low, upper: ratio.high },
  };
}

type Row = { cost: number; good: number };

function figuresOf(took: readonly Taken[], rows: readonly Row[] | null): GradedFigures {
  const latencies = known(took.map(({ latencyMs }) => latencyMs))?.sort((x, y) => x - y);
  const prompt = known(took.map(({ promptTokens }) => promptTokens));
  const completion = known(took.map(({ completionTokens }) => completionTokens));
  const cost = rows && costPerGood(rows);
  return {
    latencyMs: latencies ? { p50: nearestRank(latencies, 0.5), p95: nearestRank(latencies, 0.95) } : null,
    tokens: prompt && completion ? { prompt: mean(prompt), completion: mean(completion) } : null,
    costPerThousandGood: cost && { usd: cost.ratio / 1_000, lower: cost.low / 1_000, upper: cost.high / 1_000 },
  };
}

function rowsOf(took: readonly Taken[], grades: readonly number[], price: Price | undefined): Row[] | null {
  if (price === undefined) return null;
  const costs = known(
    took.map(({ promptTokens, completionTokens, latencyMs }) =>
      price.by === "tokens" && (promptTokens === null || completionTokens === null)
        ? null
        : servingMicroUsd(price, { promptTokens: promptTokens ?? 0, completionTokens: completionTokens ?? 0, latencyMs }),
    ),
  );
  return costs?.map((cost, i) => ({ cost, good: grades[i]! })) ?? null; // one grade for each
}

/** Of values of which one is not known, nothing is said. */
const known = (values: readonly (number | null)[]): number[] | null => {
  const there = values.filter((value) => value !== null);
  return there.length === values.length ? there : null;
};
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
