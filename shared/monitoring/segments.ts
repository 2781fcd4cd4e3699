import type { Binning } from "../statistics/bins.ts";
import { binsOfCategories, countBins } from "../statistics/bins.ts";
import { overdispersion } from "../statistics/overdispersion.ts";
import type { SegmentBaseline } from "./baseline.ts";
import type { Summary } from "./summary.ts";

/** Fewer windows cannot tell how much windows differ (docs/statistics.md, "Overdispersion"). */
const enoughWindows = 48;

/**
 * How a baseline's answers spread over the segments.
 * @param windows    books per window, over all variants
 * @param wholeDays  those of them that make up whole days: only they can tell how much a day's windows differ
 * @returns `null` without answers
 */
export function segmentBaseline(
  windows: readonly (readonly Summary[])[],
  wholeDays: readonly (readonly Summary[])[],
): SegmentBaseline | null {
  const all = windows.flat();
  const totals = new Map<string, number>();
  for (const { segments } of all)
    for (const [segment, n] of Object.entries(segments)) totals.set(segment, (totals.get(segment) ?? 0) + n);
  if (totals.size === 0) return null;
  const binning = binsOfCategories(Object.fromEntries(totals));
  const counts = segmentCounts(binning, all);
  const days = wholeDays.map((summaries) => segmentCounts(binning, summaries)).filter((bins) => answers(bins) > 0);
  if (days.length < enoughWindows) return { binning, counts, dispersion: null };
  const meanAnswers = days.reduce((sum, bins) => sum + answers(bins), 0) / days.length;
  return { binning, counts, dispersion: { D: overdispersion(days), meanAnswers } };
}

/** Answers per bin. */
export function segmentCounts(binning: Binning, summaries: readonly Summary[]): number[] {
  const bins = summaries.map(({ segments }) => countBins(binning, segments));
  return binIndices(binning).map((bin) => bins.reduce((sum, counts) => sum + counts[bin]!, 0));
}

/** The bin of a segment: the last one is that of all that the baseline did not know, or seldom saw. */
export function binOf(binning: Binning, segment: string): number {
  return countBins(binning, { [segment]: 1 }).indexOf(1);
}

export function binIndices(binning: Binning): number[] {
  const borders = binning.kind === "edges" ? binning.edges : binning.categories;
  return Array.from({ length: borders.length + 1 }, (_, bin) => bin);
}

/** How a bin is called. */
export function binName(binning: Binning, bin: number): string {
  if (binning.kind === "edges") return `up to ${binning.edges[bin] ?? "any"}`;
  return binning.categories[bin] ?? "new or rare segments";
}

function answers(bins: readonly number[]): number {
  return bins.reduce((a, b) => a + b, 0);
}
