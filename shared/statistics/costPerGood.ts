import { z95 } from "./normal.ts";
import type { Interval } from "./wilson.ts";

export type CostPerGood = Interval & {
  /** In the unit of the costs. */
  ratio: number;
  /** Variance of ln ratio. */
  vLog: number;
};

/** A mean with its standard error. */
export type Mean = { mean: number; standardError: number };

/**
 * What one good answer costs, from records that have both. With means c and g, variances per record v_c, v_g and their covariance:
 *
 *   ratio = c/g        vLog = ( v_c/c² + v_g/g² - 2 cov/(c g) ) / n        interval: ratio · exp(± z √vLog)
 *
 * @param records cost in any one unit from 0, and how good the answer was, in [0, 1]
 * @returns `null` where there is no cost or nothing good at all, or a single record: no ratio, or nobody knows how sure it is
 * Source: delta method, e.g. Cochran 1977, section 6.4; docs/statistics.md, "Cost per good answer"
 */
export function costPerGood(records: readonly { cost: number; good: number }[], z = z95): CostPerGood | null {
  const n = records.length;
  if (n < 2) return null;
  const c = records.reduce((sum, { cost }) => sum + cost, 0) / n;
  const g = records.reduce((sum, { good }) => sum + good, 0) / n;
  if (!hasRatio(c, g)) return null;
  // Linearised: the variance of cost/c - good/g per record is the bracket above.
  const spread = records.reduce((sum, { cost, good }) => sum + (cost / c - good / g) ** 2, 0) / (n - 1);
  return withInterval(c / g, spread / n, z);
}

/** The same from two means of different records: vLog = (seC/c)² + (seG/g)². */
export function costPerGoodOfMeans(cost: Mean, good: Mean, z = z95): CostPerGood | null {
  if (!hasRatio(cost.mean, good.mean)) return null;
  const vLog = (cost.standardError / cost.mean) ** 2 + (good.standardError / good.mean) ** 2;
  return withInterval(cost.mean / good.mean, vLog, z);
}

/** How many times as much a good answer of B costs as one of A, from different records: log ratios subtract, vLog adds. */
export function costRatio(a: CostPerGood, b: CostPerGood, z = z95): CostPerGood {
  return withInterval(b.ratio / a.ratio, a.vLog + b.vLog, z);
}

/** A record that both variants answered. */
export type CostPair = { a: { cost: number; good: number }; b: { cost: number; good: number } };

/** The same from pairs: what both share (a long question is dear for both) cancels in the difference per row. */
export function pairedCostRatio(pairs: readonly CostPair[], z = z95): CostPerGood | null {
  const [a, b] = [
    costPerGood(
      pairs.map((pair) => pair.a),
      z,
    ),
    costPerGood(
      pairs.map((pair) => pair.b),
      z,
    ),
  ];
  if (a === null || b === null) return null;
  const n = pairs.length;
  const mean = (of: (pair: CostPair) => number) => pairs.reduce((sum, pair) => sum + of(pair), 0) / n;
  const [cA, gA] = [mean((pair) => pair.a.cost), mean((pair) => pair.a.good)];
  const [cB, gB] = [mean((pair) => pair.b.cost), mean((pair) => pair.b.good)];
  const rows = pairs.map((pair) => pair.b.cost / cB - pair.b.good / gB - (pair.a.cost / cA - pair.a.good / gA));
  const spread = rows.reduce((sum, row) => sum + row * row, 0) / (n - 1);
  return withInterval(b.ratio / a.ratio, spread / n, z);
}

/** @throws RangeError where a mean is negative or NaN */
function hasRatio(cost: number, good: number): boolean {
  if (!(cost >= 0 && good >= 0)) throw new RangeError(`a mean cost of ${cost} for a mean quality of ${good} cannot be.`);
  return cost > 0 && good > 0;
}

function withInterval(ratio: number, vLog: number, z: number): CostPerGood {
  const factor = Math.exp(z * Math.sqrt(vLog));
  return { ratio, vLog, low: ratio / factor, high: ratio * factor };
}
