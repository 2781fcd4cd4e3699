import { gradeBets, lnFactor } from "./bets.ts";
import type { Evidence } from "./gradeEvidence.ts";
import { normalQuantile } from "./normal.ts";
import { requirePositive } from "./preconditions.ts";
import { wilson } from "./wilson.ts";

/** How values become at most ten bins: numbers by edges, and what has few values or no order by name. */
export type Binning = { kind: "edges"; edges: number[] } | { kind: "categories"; categories: string[] };

/** What a bin may hold without anything being wrong. */
export type BinReference = {
  /** Its share in the baseline. */
  p: number;
  /** Largest harmless share, and largest harmless share of all other bins together. */
  mUp: number;
  mDown: number;
};

/** How often each value occurred. The keys of numbers are their decimal text. */
export type ValueCounts = Readonly<Record<string, number>>;

/**
 * Bins of a number by the deciles of the baseline: at most nine distinct edges; a value on an edge belongs below it. At most
 * ten distinct values are categories instead.
 * @throws RangeError for a key that is no number, or without any value
 * Source: docs/statistics.md, "Bins"
 */
export function binsOfNumbers(baseline: ValueCounts): Binning {
  const values = Object.entries(baseline)
    .filter(([, count]) => count > 0)
    .map(([value, count]) => ({ value: Number(value), count }))
    .sort((a, b) => a.value - b.value);
  if (values.length === 0) throw new RangeError("bins need a baseline with at least one value.");
  if (values.some(({ value }) => !Number.isFinite(value)))
    throw new RangeError("a value of the baseline is not a finite number.");
  if (values.length <= 10) return binsOfCategories(baseline);

  const n = values.reduce((sum, { count }) => sum + count, 0);
  const largest = values.at(-1)!.value;
  const edges: number[] = [];
  let below = 0;
  for (const { value, count } of values) {
    const decile = Math.floor((10 * below) / n) + 1;
    below += count;
    // Nothing lies above the largest value, so it is no edge.
    if (10 * below >= decile * n && value < largest) edges.push(value);
  }
  return { kind: "edges", edges };
}

/** The nine most frequent names, and a bin for all others, which also is where new names turn up. Ties go by name. */
export function binsOfCategories(baseline: ValueCounts): Binning {
  const byFrequency = Object.entries(baseline)
    .filter(([, count]) => count > 0)
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  if (byFrequency.length === 0) throw new RangeError("bins need a baseline with at least one value.");
  return { kind: "categories", categories: byFrequency.slice(0, 9).map(([name]) => name) };
}

/** Counts per bin; of categories the last bin is that of all other names. */
export function countBins(binning: Binning, counts: ValueCounts): number[] {
  const borders = binning.kind === "edges" ? binning.edges : binning.categories;
  const bins = new Array<number>(borders.length + 1).fill(0);
  for (const [value, count] of Object.entries(counts)) bins[binOfValue(binning, value)]! += count;
  return bins;
}

/** The bin of one value: the last one is that of all other names, or of what is above every edge. */
export function binOfValue(binning: Binning, value: string): number {
  const [found, last] =
    binning.kind === "edges"
      ? [binning.edges.findIndex((edge) => Number(value) <= edge), binning.edges.length]
      : [binning.categories.indexOf(value), binning.categories.length];
  return found === -1 ? last : found;
}

/**
 * What each bin may hold: the wider of the tolerance δ and of what the baseline's n₀ records cannot exclude.
 *
 *   mUp = max(p + δ, high)      mDown = 1 - min(p - δ, low)      low, high = Wilson(p, n₀/D, Φ⁻¹(1 - α₀/(2 bins)))
 *
 * @param counts of the baseline per bin
 * @param D      overdispersion of the baseline's own windows, from 1; see overdispersion.ts
 * @param delta  tolerance per bin as a share, 0.02 unless there is a reason
 * @param alpha0 how unlucky the baseline may have been; see thresholds.ts
 * Source: docs/statistics.md, "Bins"
 */
export function binReferences(counts: readonly number[], D: number, delta: number, alpha0: number): BinReference[] {
  requireOverdispersion(D);
  const n0 = counts.reduce((a, b) => a + b, 0);
  requirePositive("the number of records in the baseline", n0);
  const z = normalQuantile(1 - alpha0 / (2 * counts.length));
  return counts.map((count) => {
    const p = count / n0;
    const { low, high } = wilson(p, n0 / D, z);
    return { p, mUp: Math.max(p + delta, high), mDown: 1 - Math.min(p - delta, low) };
  });
}

/**
 * Evidence that shares moved, from one window; order of `lnE`: bin, then up and down, then bets.
 * @param counts of the window per bin; without any record it says nothing
 * @param Dt     overdispersion at this window's size, from 1
 * Source: docs/statistics.md, "Bins"
 */
export function binEvidence(references: readonly BinReference[], counts: readonly number[], Dt: number): Evidence {
  if (references.length !== counts.length)
    throw new RangeError(`${counts.length} bins cannot be compared with a baseline of ${references.length}.`);
  const n = counts.reduce((a, b) => a + b, 0);
  const lnE = references.flatMap(({ mUp, mDown }, bin) => {
    const count = counts[bin]!;
    return [...hitEvidence(count, n, mUp, Dt), ...hitEvidence(n - count, n, mDown, Dt)];
  });
  return { lnE, records: n };
}

/**
 * Evidence per bet that hits are more frequent than m. Of a rate (refusals, failed judge calls) this is all there is.
 *
 *   ln E_κ = ( hits · ln(1 + κ(1/m - 1)) + (n - hits) · ln(1 - κ) ) / Dt        0 where m ≥ 1: nothing can exceed it
 *
 * @throws RangeError unless 0 ≤ hits ≤ n, m > 0 and Dt ≥ 1
 * Source: docs/statistics.md, "Bins" and "Rates"
 */
export function hitEvidence(hits: number, n: number, m: number, Dt: number): number[] {
  if (!(hits >= 0 && hits <= n && n < Infinity)) throw new RangeError(`${hits} hits of ${n} records cannot be.`);
  requireOverdispersion(Dt);
  requirePositive("the harmless share", m);
  if (m >= 1) return gradeBets.map(() => 0);
  return gradeBets.map((kappa) => (hits * lnFactor(kappa * (1 / m - 1)) + (n - hits) * lnFactor(-kappa)) / Dt);
}

/** Default tolerance of a rate p: a quarter of it, at least half a percentage point. A convention. */
export function rateTolerance(p: number): number {
  return Math.max(0.005, 0.25 * p);
}

function requireOverdispersion(D: number): void {
  if (!(D >= 1 && D < Infinity)) throw new RangeError(`the overdispersion is ${D}, and must be at least 1.`);
}
