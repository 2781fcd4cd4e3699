import { differenceBets, lnFactor } from "./bets.ts";
import type { Evidence } from "./gradeEvidence.ts";
import { requirePositive, requireUnit } from "./preconditions.ts";

/** How far a judge moved on the anchors: mean difference to the stored grades, and its standard error. */
export type JudgeShift = { J: number; seJ: number };

/**
 * The largest mean difference that says nothing about the judge: `max(0.01, z₀ sd/√K)`.
 * @param sd of the differences of one more reading when the anchors were stored, to their stored grades
 * @param K  number of anchors
 * Source: docs/statistics.md, "The judge"
 */
export function anchorMargin(sd: number, K: number, z0: number): number {
  requirePositive("the number of anchors", K);
  if (!(sd >= 0)) throw new RangeError(`the standard deviation of the anchors' readings is ${sd}, and cannot be.`);
  return Math.max(0.01, (z0 * sd) / Math.sqrt(K));
}

/**
 * Evidence that the judge moved, from the anchors of one day. With d = new - stored, u = (1 ∓ d)/2 and m = (1 + margin)/2:
 *
 *   ln E_κ = Σ ln( 1 + κ (u/m - 1) )        bets on "grades fell" first, then on "grades rose"
 *
 * @param differences new minus stored grade of each anchor that was graded again, in [-1, 1]
 * @throws RangeError for a difference outside [-1, 1] or NaN
 * Source: docs/statistics.md, "The judge"
 */
export function anchorEvidence(differences: readonly number[], margin: number): Evidence {
  requireUnit("the anchors' margin", margin);
  const J = differenceBets.length;
  const boldest = differenceBets[J - 1]!;
  const m = (1 + margin) / 2;
  const lnE = new Array<number>(2 * J).fill(0);
  for (const d of differences) {
    requireDifference(d);
    for (let j = 0; j < J; j++) {
      lnE[j]! += lnFactor(differenceBets[j]! * ((1 - d) / 2 / m - 1), boldest);
      lnE[J + j]! += lnFactor(differenceBets[j]! * ((1 + d) / 2 / m - 1), boldest);
    }
  }
  return { lnE, records: differences.length };
}

/** Which way a bet of this rule points, by its index in `lnE`. */
export function anchorDirection(bet: number): "fell" | "rose" {
  return bet < differenceBets.length ? "fell" : "rose";
}

/**
 * The judge's shift: J = mean d, seJ = sd(d)/√K.
 * @returns `null` with fewer than two differences, whose spread nobody knows
 * Source: docs/statistics.md, "Whose change is it"
 */
export function judgeShift(differences: readonly number[]): JudgeShift | null {
  const K = differences.length;
  if (K < 2) return null;
  for (const d of differences) requireDifference(d);
  const J = differences.reduce((a, b) => a + b, 0) / K;
  const variance = differences.reduce((sum, d) => sum + (d - J) ** 2, 0) / (K - 1);
  return { J, seJ: Math.sqrt(variance / K) };
}

function requireDifference(d: number): void {
  if (!(d >= -1 && d <= 1)) throw new RangeError(`a difference of two grades is ${d}, and must lie between -1 and 1.`);
}
