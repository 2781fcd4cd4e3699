/**
 * The bets κ of a detector. Each stakes another share on "it got worse": small ones find small changes late, large ones
 * find large changes at once, and their mean needs no choice. Doubling, so that none is far from the best.
 * Source: docs/statistics.md, "Bets"
 */
export const gradeBets = [0.02, 0.04, 0.08, 0.16, 0.32, 0.64] as const;

/** For differences of two grades, which lie close around their middle: bolder. */
export const differenceBets = [0.05, 0.1, 0.2, 0.4, 0.8, 0.97] as const;

/** The most that one factor may lose: no record, and no conversation, can end a detector with one blow. */
export const K = 0.95;

/**
 * `ln(1 + stake)` of one factor.
 * @throws RangeError under `-floor`: the caller broke a promise (a weight over 1, a mean outside its range) or passed NaN
 */
export function lnFactor(stake: number, floor: number = K): number {
  // 1e-9 for rounding: a conversation's factor is scaled to lose exactly K at most.
  if (!(stake >= -floor - 1e-9)) {
    throw new RangeError(
      `a factor of evidence would be ${1 + stake}, under ${1 - floor}. A weight, grade or reference is out of range.`,
    );
  }
  return Math.log1p(stake);
}
