import { type Binning, binOfValue } from "../statistics/bins.ts";

/** The bin of a segment: the last one is that of all that the baseline did not know, or seldom saw. */
export function binOf(binning: Binning, segment: string): number {
  return binOfValue(binning, segment);
}

export function binIndices(binning: Binning): number[] {
  const borders = binning.kind === "edges" ? binning.edges : binning.categories;
  return Array.from({ length: borders.length + 1 }, (_, bin) => bin);
}
