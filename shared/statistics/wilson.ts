import { requirePositive } from "./preconditions.ts";

/** Both ends included. */
export type Interval = { low: number; high: number };

/**
 * Wilson's interval of a mean in [0, 1] from an effective number of records.
 *
 *   centre = (t + z²/2n*) / (1 + z²/n*)      half = z / (1 + z²/n*) · √( t(1 - t)/n* + z²/4n*² )
 *
 * It never collapses to a point at t = 0 or 1, where "nothing bad among 8" still leaves much open.
 *
 * @param theta the mean; what lies outside [0, 1] counts as its nearest end
 * @param nStar effective number of records, over 0, not necessarily whole
 * @param z     normal quantile of the level, e.g. 1.96 for 95 %
 * @throws RangeError if theta is not a number or nStar is not over 0
 * Source: Wilson 1927; docs/statistics.md, "The interval"
 */
export function wilson(theta: number, nStar: number, z: number): Interval {
  requirePositive("nStar", nStar);
  const t = clippedMean(theta);
  const z2 = (z * z) / nStar;
  const centre = (t + z2 / 2) / (1 + z2);
  const half = (z / (1 + z2)) * Math.sqrt((t * (1 - t)) / nStar + z2 / nStar / 4);
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/** A mean cut to [0, 1], and put on an end that only rounding keeps it from. @throws RangeError if it is not a number */
export function clippedMean(theta: number): number {
  if (Number.isNaN(theta)) throw new RangeError("the mean is NaN: a score or a weight that it was made of is no number.");
  return theta < 1e-12 ? 0 : theta > 1 - 1e-12 ? 1 : theta;
}
