import { logMeanExp, softplus } from "./logSpace.ts";

/** Evidence of a change whose start nobody knows, of each bet; `lnS` is `null` before the first start. */
export type StartMixture = { starts: number; lnS: number[] | null };

/** A mixture that has seen nothing. */
export function newMixture(): StartMixture {
  return { starts: 0, lnS: null };
}

/**
 * Adds a fold. The change may have begun at any of the starts, the d-th with weight `1/(d (d + 1))`; together they are 1:
 *
 *   S ← (S + [a start opens] / (d (d + 1))) · E        e-value: mean over bets of S, plus 1/(d + 1) for all starts to come
 *
 * Unlike a sum over all starts this is an e-value at whatever time one looks, from the first start on: by chance alone it reaches 1/a with
 * probability a at most. A change at the d-th start pays `ln(d (d + 1))` of evidence for it.
 *
 * @param lnE   ln of the fold's factor, of each bet
 * @param opens whether a change may have begun with this fold; the first one always opens
 * Source: docs/statistics.md, "Many segments at once"
 */
export function addToMixture({ starts, lnS }: StartMixture, lnE: readonly number[], opens: boolean): StartMixture {
  if (!opens && lnS !== null) return { starts, lnS: lnS.map((sum, j) => sum + lnE[j]!) };
  const d = starts + 1;
  const lnWeight = -Math.log(d * (d + 1));
  // ln(e^a + e^b) = b + ln(1 + e^(a - b))
  return { starts: d, lnS: lnE.map((x, j) => x + (lnS === null ? lnWeight : lnWeight + softplus(lnS[j]! - lnWeight))) };
}

/** ln of the e-value over some of the bets, e.g. those of one direction; 0 before any data. */
export function lnEvidenceOf({ starts, lnS }: StartMixture, from: number, to: number): number {
  if (lnS === null) return 0;
  const sum = logMeanExp(lnS.slice(from, to));
  const rest = -Math.log(starts + 1);
  return rest + softplus(sum - rest);
}
