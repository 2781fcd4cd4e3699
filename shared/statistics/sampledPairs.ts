import type { Comparison } from "./compare.ts";
import { continuousZ } from "./continuousLook.ts";
import { enoughDiffering, lowerMean, pairsStar, type Values, verdictOf } from "./pairedDifference.ts";
import { requireProbability, requireUnit } from "./preconditions.ts";
import type { Interval } from "./wilson.ts";

/** Grades of two answers to one request, both in [0, 1], and the probability with which both were graded, in (0, 1]. */
export type SampledPair = { a: number; b: number; pi: number };

/**
 * What B is beside A where pairs were drawn with unequal probabilities, for one who looks as often as they like. A pair weighs w = π_min/π.
 *
 *   D = Σ w d / Σ w       n_eff = (Σ w)² / Σ w²       D ± z(n_eff) √( n/(n-1) Σ w² (d - D)² ) / Σ w
 *
 * With fewer than 30 pairs that differ by more than the tolerance, that carry the spread, or that all are worth, the interval is the betting
 * one, in which a pair stakes w.
 * @returns `null` without pairs
 * Source: docs/statistics.md, "Shadow variants"
 */
export function compareSampledPairs(pairs: readonly SampledPair[], tolerance: number, error: number): Comparison | null {
  requireUnit("the tolerance", tolerance);
  requireProbability("the error", error);
  if (pairs.length === 0) return null;
  const piMin = pairs.reduce((min, { pi }) => Math.min(min, pi), 1);
  const weighted = pairs.map(({ a, b, pi }) => ({ d: b - a, w: piMin / pi }));
  const total = (of: (pair: { d: number; w: number }) => number) => weighted.reduce((sum, pair) => sum + of(pair), 0);
  const sumW = total(({ w }) => w);
  const difference = total(({ d, w }) => w * d) / sumW;
  const nEff = sumW ** 2 / total(({ w }) => w * w);
  const mattering = weighted.filter(({ d }) => Math.abs(d) > tolerance).length;
  // Pairs that agree to a hair, or few that carry all of the spread, promise nothing of the next one.
  const carrying = total(({ d, w }) => (w * d) ** 2) ** 2 / total(({ d, w }) => (w * d) ** 4);
  const areMany = Math.min(mattering, carrying, nEff) >= enoughDiffering;
  const interval = areMany ? around() : betting(weighted, error);
  const count = (is: (d: number) => boolean) => weighted.filter(({ d }) => is(d)).length;
  return {
    verdict: verdictOf(interval, tolerance),
    difference,
    lower: interval.low,
    upper: interval.high,
    n: pairs.length,
    wins: count((d) => d > 0),
    ties: count((d) => d === 0),
    losses: count((d) => d < 0),
  };

  function around(): Interval {
    const n = pairs.length;
    const spread = total(({ d, w }) => (w * (d - difference)) ** 2);
    const half = (continuousZ(nEff, pairsStar, error) * Math.sqrt((n / (n - 1)) * spread)) / sumW;
    return { low: difference - half, high: difference + half };
  }
}

function betting(weighted: readonly { d: number; w: number }[], error: number): Interval {
  const values = (sign: 1 | -1): Values => weighted.map(({ d, w }) => ({ u: (1 + sign * d) / 2, count: 1, weight: w }));
  return { low: 2 * lowerMean(values(1), error / 2) - 1, high: 1 - 2 * lowerMean(values(-1), error / 2) };
}
