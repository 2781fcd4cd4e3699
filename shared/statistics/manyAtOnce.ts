import { lnEvidenceAbove, type Values } from "./pairedDifference.ts";
import { requireProbability } from "./preconditions.ts";

/**
 * Which of many hypotheses to reject at once so that, of those rejected, the expected share of true ones is at most α, however they depend on
 * each other (e-BH): the k with the largest e-values, for the largest k with
 *
 *   ln e_(k) ≥ ln( M/(α k) )
 *
 * @param lnE   ln of each of the M e-values
 * @returns the indices of those rejected, ascending
 * Source: Wang & Ramdas 2022; docs/statistics.md, "Many tags at once"
 */
export function rejectedAtOnce(lnE: readonly number[], alpha: number): number[] {
  requireProbability("alpha", alpha);
  const order = lnE.map((_, i) => i).sort((i, j) => lnE[j]! - lnE[i]! || i - j);
  let k = order.length;
  while (k > 0 && !(lnE[order[k - 1]!]! >= Math.log(lnE.length / (alpha * k)))) k--;
  return order.slice(0, k).sort((i, j) => i - j);
}

/**
 * ln e-value against "B is no better than A": the mixture of bets on the mean of `u = (1 + d)/2` over one half. Exact for any number of pairs,
 * whenever one looks.
 * @param counts difference B - A in [-1, 1] → how many pairs have it
 */
export function lnEvidenceBetter(counts: ReadonlyMap<number, number>): number {
  return lnEvidenceAbove(valuesOf(counts, 1), 0.5);
}

/** The same against "B is no worse than A". */
export function lnEvidenceWorse(counts: ReadonlyMap<number, number>): number {
  return lnEvidenceAbove(valuesOf(counts, -1), 0.5);
}

function valuesOf(counts: ReadonlyMap<number, number>, sign: 1 | -1): Values {
  return [...counts].map(([d, count]) => ({ u: (1 + sign * d) / 2, count }));
}
