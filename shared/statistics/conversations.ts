import { requireProbability, requireUnit } from "./preconditions.ts";

/** A judged record with its conversation; without an id it stands alone. */
export type ConversationRow = { y: number; f: number; pi: number; conversation?: string };

/**
 * Variance of the estimated mean when answers of one conversation resemble each other (C conversations, w = 1/π, e = y - β f):
 *
 *   V_c = C/(C-1) · Σ_c ( Σ_{i in c} w_i (e_i - ē) )² / W²
 *
 * It needs the rows: sums of windows cannot know which of their records belong together.
 *
 * @returns 0 with fewer than two conversations, where nothing can be said: the variance of single records stands then
 * @throws RangeError for a grade or prediction outside [0, 1] or a π outside (0, 1]
 * Source: Särndal, Swensson & Wretman 1992, chapter 4; docs/statistics.md, "Conversations"
 */
export function conversationVariance(rows: readonly ConversationRow[], beta = 0): number {
  let W = 0;
  let sumE = 0;
  for (const { y, f, pi } of rows) {
    requireUnit("y", y);
    requireUnit("f", f);
    requireProbability("pi", pi);
    W += 1 / pi;
    sumE += (y - beta * f) / pi;
  }
  const eBar = sumE / W;
  const totals = new Map<string | number, number>();
  rows.forEach(({ y, f, pi, conversation }, i) => {
    const key = conversation ?? i; // A string never equals a number, so a record without a conversation is one of its own.
    totals.set(key, (totals.get(key) ?? 0) + (y - beta * f - eBar) / pi);
  });
  const C = totals.size;
  if (C < 2) return 0;
  let squares = 0;
  for (const total of totals.values()) squares += total * total;
  return ((C / (C - 1)) * squares) / (W * W);
}
