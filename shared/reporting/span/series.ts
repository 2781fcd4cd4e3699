import type { GroupSums } from "../../monitoring/estimates.ts";
import { estimateOf, mergeSums, noSums } from "../../monitoring/qualitySums.ts";
import { hourMs, windowMs } from "../../monitoring/windows.ts";
import { enoughJudged } from "../../statistics/estimate.ts";
import type { Value } from "../report.ts";

/** More points than this nobody tells apart. */
const mostPoints = 200;
const steps = [windowMs, hourMs, 3 * hourMs, 6 * hourMs, 12 * hourMs];
const dayMs = 24 * hourMs;

/** How far the points of a span's curves are apart, in milliseconds. */
export function stepOf(fromMs: number, untilMs: number): number {
  return steps.find((step) => (untilMs - fromMs) / step <= mostPoints) ?? dayMs;
}

/** The starts of a span's steps in epoch milliseconds, whole multiples of the step: the first is at or before `fromMs`, and there is always one. */
export function timesOf(fromMs: number, untilMs: number): number[] {
  const step = stepOf(fromMs, untilMs);
  const first = Math.floor(fromMs / step) * step;
  return Array.from({ length: Math.max(1, Math.ceil((untilMs - first) / step)) }, (_, k) => first + k * step);
}

/** What one window says of a variant's grades. */
export type WindowSums = { atMs: number; sums: GroupSums["sums"]; predicted: boolean };

/**
 * The mean grade at each step, as it is published: its own windows and those before it, back to 30 judged answers, at most 24 hours. A step in
 * which the variant answered nothing is a gap.
 * @param windows of one variant, in order of time
 * @param beta    slope by which predicted grades count
 * Source: docs/statistics.md, "The mean"
 */
export function qualitySeries(
  windows: readonly WindowSums[],
  times: readonly number[],
  stepMs: number,
  beta: number,
): (Value | null)[] {
  return times.map((fromMs) => {
    const untilMs = fromMs + stepMs;
    let k = windows.findLastIndex(({ atMs }) => atMs < untilMs);
    if (k === -1 || windows[k]!.atMs < fromMs) return null; // -1: none
    let sums = noSums();
    let predicted = true;
    for (; k >= 0; k--) {
      const { atMs, sums: own, predicted: isPredicted } = windows[k]!; // k is an index
      const enough = sums.moments.plain.a >= enoughJudged;
      if (atMs < fromMs && (enough || atMs < untilMs - dayMs)) break;
      sums = mergeSums(sums, own);
      predicted &&= isPredicted;
    }
    const judged = sums.moments.plain.a;
    const estimate = judged < enoughJudged ? null : estimateOf(sums, predicted ? beta : 0);
    return estimate && { y: estimate.theta, low: estimate.low, high: estimate.high, n: judged };
  });
}

/** What CloudWatch has of each step; a step without a value is a gap. */
export function metricSeries(values: ReadonlyMap<number, number>, times: readonly number[], scale = 1): (Value | null)[] {
  return times.map((atMs) => {
    const value = values.get(atMs);
    return value === undefined ? null : { y: value * scale, low: null, high: null, n: null };
  });
}
