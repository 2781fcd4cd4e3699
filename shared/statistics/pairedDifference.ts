import { differenceBets, lnFactor } from "./bets.ts";
import { continuousZ } from "./continuousLook.ts";
import { logMeanExp } from "./logSpace.ts";
import { normalQuantile } from "./normal.ts";
import type { Interval } from "./wilson.ts";

export type Verdict = "better" | "worse" | "equivalent" | "undecided";

/** From this many differing pairs on, means of differences are normal enough. */
export const enoughDiffering = 30;
/** Pairs at which the interval for watching is tightest. */
export const pairsStar = 200;

/** Differences of pairs, as counts of distinct values: what an interval needs, whatever the order. Plain sums. */
export type Differences = { n: number; sum: number; sumSquares: number; differing: number; counts: Map<number, number> };

export function noDifferences(): Differences {
  return { n: 0, sum: 0, sumSquares: 0, differing: 0, counts: new Map() };
}

/** Adds the difference of one pair. Changes `differences`. @throws RangeError unless d lies in [-1, 1] */
export function addDifference(differences: Differences, d: number): void {
  if (!(d >= -1 && d <= 1)) throw new RangeError(`a difference of two grades is ${d}, and must lie between -1 and 1.`);
  differences.n++;
  differences.sum += d;
  differences.sumSquares += d * d;
  if (d !== 0) differences.differing++;
  differences.counts.set(d, (differences.counts.get(d) ?? 0) + 1);
}

/**
 * Interval of the mean difference for one who looks after every pair and may stop at any.
 *
 *   fewer than 30 differing pairs: the betting interval        otherwise: mean ± z(n) s/√n
 *
 * @param alpha probability of ever missing the true mean
 * Source: docs/statistics.md, "Two variants on the same inputs"
 */
export function intervalWhileWatching(differences: Differences, alpha: number): Interval {
  if (differences.differing < enoughDiffering) return bettingInterval(differences, alpha);
  return around(differences, continuousZ(differences.n, pairsStar, alpha));
}

/**
 * Interval of the mean difference for one look at a set that was finished before anybody looked.
 *
 *   fewer than 30 differing pairs: the betting interval
 *   otherwise: mean ± t s/√n,  t = z + (z³ + z)/(4(n - 1))
 *
 * Source: docs/statistics.md, "Two variants on the same inputs"
 */
export function intervalOfFinishedSet(differences: Differences, alpha: number): Interval {
  if (differences.differing < enoughDiffering) return bettingInterval(differences, alpha);
  const z = normalQuantile(1 - alpha / 2);
  return around(differences, z + (z ** 3 + z) / (4 * (differences.n - 1)));
}

/** Betting interval: exact for any number of pairs, at every look at once. Before the first pair it is all of [-1, 1]. */
export function bettingInterval({ counts }: Differences, alpha: number): Interval {
  const fromBelow = [...counts].map(([d, count]) => ({ u: (1 + d) / 2, count }));
  const fromAbove = [...counts].map(([d, count]) => ({ u: (1 - d) / 2, count }));
  return { low: 2 * lowerMean(fromBelow, alpha / 2) - 1, high: 1 - 2 * lowerMean(fromAbove, alpha / 2) };
}

/** Values u in [0, 1] with how often each occurred, and how much of a bet each carries (1 unless said): a value that stands for fewer carries less. */
export type Values = readonly { u: number; count: number; weight?: number }[];

/**
 * The largest m that the values speak against at every smaller one: where the mixture over the bets reaches 1/α.
 *
 *   (1/J) Σ_j Π ( 1 + κ_j w (u/m - 1) ) = 1/α        by bisection; the left side falls as m grows
 *
 * @returns 0 where no m is spoken against
 * Source: Waudby-Smith & Ramdas 2024; docs/statistics.md, "Two variants on the same inputs"
 */
export function lowerMean(values: Values, alpha: number): number {
  let [low, high] = [0, 1];
  // 50 halvings: finer than 1e-15.
  for (let i = 0; i < 50; i++) {
    const m = (low + high) / 2;
    if (lnEvidenceAbove(values, m) >= -Math.log(alpha)) low = m;
    else high = m;
  }
  return low < 1e-15 ? 0 : low;
}

/** ln of the mixture over the bets that the mean of the values exceeds m, 0 < m < 1. */
export function lnEvidenceAbove(values: Values, m: number): number {
  const boldest = differenceBets.at(-1)!;
  return logMeanExp(
    differenceBets.map((kappa) => {
      let sum = 0;
      for (const { u, count, weight = 1 } of values) sum += count * lnFactor(kappa * weight * (u / m - 1), boldest);
      return sum;
    }),
  );
}

/**
 * What an interval of B - A says of B. In this order: a difference inside the tolerance is `equivalent`, even where it is surely
 * not zero.
 * @param tolerance largest difference that nobody cares about, in score points
 */
export function verdictOf({ low, high }: Interval, tolerance: number): Verdict {
  if (Number.isNaN(low) || Number.isNaN(high)) throw new RangeError("no verdict from an interval that is NaN.");
  if (low > -tolerance && high < tolerance) return "equivalent";
  if (low > 0) return "better";
  if (high < 0) return "worse";
  return "undecided";
}

function around({ n, sum, sumSquares }: Differences, multiplier: number): Interval {
  const mean = sum / n;
  const s2 = Math.max(0, (sumSquares - (sum * sum) / n) / (n - 1));
  const half = multiplier * Math.sqrt(s2 / n);
  return { low: mean - half, high: mean + half };
}
