import type { Interval } from "./wilson.ts";

/**
 * What remains true of a mean whatever the missing grades would have been.
 *
 *   q = wFailed / (wFailed + W)        [ (1 - q) low,  (1 - q) high + q ]
 *
 * The estimate itself uses judged records only: honest if failing has nothing to do with the answer. These bounds assume
 * nothing, and are shown beside it. A missing grade is never a 0.
 *
 * @param interval of the judged records
 * @param W        Σ 1/π of the judged, @param wFailed Σ 1/π of the chosen without a grade
 * @returns the bounds with the failed share; `null` when nothing was chosen
 * Source: docs/statistics.md, "Missing grades"
 */
export function failureBounds({ low, high }: Interval, W: number, wFailed: number): (Interval & { failedShare: number }) | null {
  if (!(W >= 0 && wFailed >= 0))
    throw new RangeError(`weights of judged (${W}) and failed (${wFailed}) records cannot be negative or NaN.`);
  if (W + wFailed === 0) return null;
  const q = wFailed / (wFailed + W);
  return { failedShare: q, low: (1 - q) * low, high: (1 - q) * high + q };
}
