import { requireUnit } from "./preconditions.ts";
import { clippedMean, type Interval, wilson } from "./wilson.ts";

/** A measured mean and the effective number of records behind it, as `estimateMean` gives them. */
export type MeasuredMean = { mu0: number; nStar0: number };

/**
 * Between which means nothing is wrong: the wider of the harmless change and of what the baseline itself cannot exclude.
 *
 *   low = min( μ₀ - tol, Wilson low(μ₀, n*₀, z₀) )        high = max( μ₀ + tol, Wilson high(μ₀, n*₀, z₀) )
 *
 * May leave [0, 1]; bets are placed within [0.001, 0.999] all the same.
 *
 * @param tol largest harmless change of the mean, in score points
 * @param z0  see thresholds.ts
 * Source: docs/statistics.md, "What counts as unchanged"
 */
export function referenceOf({ mu0, nStar0 }: MeasuredMean, tol: number, z0: number): Interval {
  requireUnit("mu0", mu0);
  requireUnit("the tolerance", tol);
  const measured = wilson(mu0, nStar0, z0);
  return { low: Math.min(mu0 - tol, measured.low), high: Math.max(mu0 + tol, measured.high) };
}

/** The reference at another level, e.g. by the daily cycle's term. */
export function shiftedReference({ low, high }: Interval, by: number): Interval {
  return { low: low + by, high: high + by };
}

/**
 * The baseline on the scale of a judge that moved: what the old answers would get today. With J the judge's shift on the anchors:
 *
 *   μ₀ ← μ₀ + J        n*₀ ← min( n*₀, μ₀(1 - μ₀) / (se₀² + seJ²) )
 *
 * The reference made of it is wider by what the anchors leave open. The rule then starts anew, so a drop that the judge's
 * move hid is still found.
 * Source: docs/statistics.md, "When the judge moved"
 */
export function afterJudgeMove({ mu0, nStar0 }: MeasuredMean, { J, seJ }: { J: number; seJ: number }): MeasuredMean {
  const moved = clippedMean(mu0 + J);
  const b = moved * (1 - moved);
  const variance = (mu0 * (1 - mu0)) / nStar0 + seJ * seJ;
  return { mu0: moved, nStar0: b === 0 || variance === 0 ? nStar0 : Math.min(nStar0, b / variance) };
}
