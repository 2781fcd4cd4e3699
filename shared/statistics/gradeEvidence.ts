import { gradeBets, K, lnFactor } from "./bets.ts";
import { requirePi, requireProbability, requireUnit } from "./preconditions.ts";
import type { Interval } from "./wilson.ts";

/** An answer that was chosen for judging; `y` is `null` where there is no grade, or not yet. */
export type GradedRow = { y: number | null; pi: number; conversation?: string };

/** A grade that arrived after its window was folded, with what its own window was judged by. */
export type LateRow = { y: number; pi: number; piRef: number; reference: Interval };

/** Evidence of one fold: plain sums, so a day is the sum of its windows. */
export type Evidence = {
  /** ln E of each bet. */
  lnE: number[];
  /** Records that it rests on; 0 opens no new start. */
  records: number;
};

/**
 * Evidence that the mean grade left its reference, from one window. Bets on a drop come first (u = 1 - y, m = 1 - low), then
 * those on a rise (u = y, m = high); m is kept within [0.001, 0.999]. With w = piRef/π:
 *
 *   ln E_κ = Σ ln( 1 + κ w (u/m - 1) )
 *   k ≥ 2 records of one conversation:  ln( 1 + s κ Σ w (u/m - 1) ),  s = min(1, K/(k κ))
 *
 * Weighting by piRef/π makes every answer count alike whatever the sampler preferred, and keeps weights at most 1, so that
 * no single record decides. A record without a grade is a factor of 1: neither good nor bad. A late grade is held against
 * its own window's reference, always alone.
 *
 * @param piRef     smallest π that the window's plan could assign, frozen before anything was chosen
 * @param reference see reference.ts, moved by the daily cycle's term
 * @throws RangeError for π < piRef, a grade outside [0, 1] or NaN
 * Source: Waudby-Smith & Ramdas 2024, Estimating means by betting; docs/statistics.md, "Evidence of a window"
 */
export function gradeEvidence(
  piRef: number,
  reference: Interval,
  rows: readonly GradedRow[],
  late: readonly LateRow[] = [],
): Evidence {
  requireProbability("piRef", piRef);
  const lnE = new Array<number>(2 * gradeBets.length).fill(0);
  let records = 0;
  const m = meansOf(reference);
  const conversations = new Map<string, { k: number; drop: number; rise: number }>();
  for (const { y, pi, conversation } of rows) {
    requirePi(pi, piRef);
    if (y === null) continue;
    requireUnit("y", y);
    records++;
    const drop = excess(piRef / pi, 1 - y, m.drop);
    const rise = excess(piRef / pi, y, m.rise);
    if (conversation === undefined) {
      multiply(lnE, 1, drop, rise);
      continue;
    }
    const sofar = conversations.get(conversation);
    if (sofar === undefined) conversations.set(conversation, { k: 1, drop, rise });
    else {
      sofar.k++;
      sofar.drop += drop;
      sofar.rise += rise;
    }
  }
  for (const { k, drop, rise } of conversations.values()) multiply(lnE, k, drop, rise);
  for (const row of late) {
    requirePi(row.pi, row.piRef);
    requireUnit("y", row.y);
    records++;
    const own = meansOf(row.reference);
    multiply(lnE, 1, excess(row.piRef / row.pi, 1 - row.y, own.drop), excess(row.piRef / row.pi, row.y, own.rise));
  }
  return { lnE, records };
}

/** Evidence of two spans together, e.g. of a day's windows for a daily fold. */
export function addEvidence(a: Evidence, b: Evidence): Evidence {
  if (a.lnE.length !== b.lnE.length)
    throw new RangeError(`evidence of ${a.lnE.length} bets does not add to that of ${b.lnE.length}.`);
  return { lnE: a.lnE.map((x, j) => x + b.lnE[j]!), records: a.records + b.records };
}

/** Which way a bet of this rule points, by its index in `lnE`. */
export function gradeDirection(bet: number): "drop" | "rise" {
  return bet < gradeBets.length ? "drop" : "rise";
}

function meansOf({ low, high }: Interval): { drop: number; rise: number } {
  if (Number.isNaN(low) || Number.isNaN(high))
    throw new RangeError("the reference is NaN: check the baseline that it was made of.");
  return { drop: Math.min(0.999, Math.max(0.001, 1 - low)), rise: Math.min(0.999, Math.max(0.001, high)) };
}

function excess(w: number, u: number, m: number): number {
  return w * (u / m - 1);
}

/** Multiplies one factor per bet, of k records that move together, into the evidence. */
function multiply(lnE: number[], k: number, drop: number, rise: number): void {
  const J = gradeBets.length;
  for (let j = 0; j < J; j++) {
    const kappa = gradeBets[j]!;
    const stake = k === 1 ? kappa : kappa * Math.min(1, K / (k * kappa));
    lnE[j]! += lnFactor(stake * drop);
    lnE[J + j]! += lnFactor(stake * rise);
  }
}
