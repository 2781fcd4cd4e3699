export const minuteMs = 60_000;
export const startOfMinute = (timeMs: number): number => Math.floor(timeMs / minuteMs) * minuteMs;

export type Metric = { namespace: string; name: string; dimensions: Readonly<Record<string, string>> };
type Totals = { count: number; sum: number; min: number; max: number };
/** What was measured at one moment: each value and how often it was, or a set of which only its statistics are known. */
export type Sample = { values: readonly number[]; counts: readonly number[] } | Totals;

type Bucket = { values: Map<number, number>; sets: Totals | null };
type Series = { metric: Metric; units: Map<string, Map<number, Bucket>> };

/** `null`: there is no such value, because nothing was measured or because only totals were put. */
export type Statistic = (buckets: readonly Bucket[]) => number | null;

/** Every datum that was put, by metric, unit and minute. Values are kept with their counts, so percentiles are exact. */
export class MetricStore {
  readonly #series = new Map<string, Series>();

  put(metric: Metric, unit: string, atMs: number, sample: Sample): void {
    const bucket = this.#bucketOf(metric, unit, startOfMinute(atMs));
    if ("values" in sample) {
      for (const [i, value] of sample.values.entries()) {
        const count = sample.counts[i]!;
        bucket.values.set(value, (bucket.values.get(value) ?? 0) + count);
      }
    } else if (sample.min === sample.max) {
      // All values are the same one, so the distribution is known after all.
      bucket.values.set(sample.min, (bucket.values.get(sample.min) ?? 0) + sample.count);
    } else {
      bucket.sets = bucket.sets === null ? { ...sample } : addTotals(bucket.sets, sample);
    }
  }

  /** All metrics, in the order in which they first appeared. */
  list(): Metric[] {
    return [...this.#series.values()].map(({ metric }) => metric);
  }

  /**
   * @param unit only data of this unit; `null`: of any
   * @returns the statistic of [`fromMs`, `toMs`), both whole minutes
   */
  aggregate(metric: Metric, statistic: Statistic, unit: string | null, fromMs: number, toMs: number): number | null {
    const units = this.#series.get(keyOf(metric))?.units;
    if (!units) return null;
    const buckets: Bucket[] = [];
    for (const [of, minutes] of units) {
      if (unit !== null && of !== unit) continue;
      for (let atMs = fromMs; atMs < toMs; atMs += minuteMs) {
        const bucket = minutes.get(atMs);
        if (bucket) buckets.push(bucket);
      }
    }
    return buckets.length === 0 ? null : statistic(buckets);
  }

  #bucketOf(metric: Metric, unit: string, atMs: number): Bucket {
    const key = keyOf(metric);
    const series = this.#series.get(key) ?? { metric, units: new Map<string, Map<number, Bucket>>() };
    this.#series.set(key, series);
    const minutes = series.units.get(unit) ?? new Map<number, Bucket>();
    series.units.set(unit, minutes);
    const bucket = minutes.get(atMs) ?? { values: new Map<number, number>(), sets: null };
    minutes.set(atMs, bucket);
    return bucket;
  }
}

/** `Sum`, `Average`, `Minimum`, `Maximum`, `SampleCount`, `p0` to `p100` with decimals; `null` for what is not implemented. */
export function statisticNamed(name: string): Statistic | null {
  const plain = Object.hasOwn(plainStatistics, name) ? plainStatistics[name] : undefined;
  if (plain) return (buckets) => plain(totalsOf(buckets));
  const percent = /^p(\d{1,3}(?:\.\d{1,10})?)$/.exec(name)?.[1];
  return percent === undefined || Number(percent) > 100 ? null : (buckets) => percentile(buckets, Number(percent) / 100);
}

const plainStatistics: Readonly<Record<string, (totals: Totals) => number>> = {
  Sum: ({ sum }) => sum,
  Average: ({ sum, count }) => sum / count,
  Minimum: ({ min }) => min,
  Maximum: ({ max }) => max,
  SampleCount: ({ count }) => count,
};

/**
 * The value at rank q(n − 1) of the n sorted values, counted from 0, linear between neighbours. How CloudWatch interpolates
 * is not documented. `null` where a statistic set hides the distribution, as on AWS.
 */
function percentile(buckets: readonly Bucket[], q: number): number | null {
  if (buckets.some(({ sets }) => sets !== null)) return null;
  const counts = new Map<number, number>();
  for (const { values } of buckets) for (const [value, n] of values) counts.set(value, (counts.get(value) ?? 0) + n);
  const sorted = [...counts].sort(([a], [b]) => a - b);
  const rank = q * (sorted.reduce((n, [, count]) => n + count, 0) - 1);
  const below = valueAtRank(sorted, Math.floor(rank));
  return below + (valueAtRank(sorted, Math.ceil(rank)) - below) * (rank - Math.floor(rank));
}

function valueAtRank(sorted: readonly (readonly [value: number, count: number])[], rank: number): number {
  let passed = 0;
  for (const [value, count] of sorted) {
    passed += count;
    if (rank < passed) return value;
  }
  return sorted.at(-1)![0];
}

function totalsOf(buckets: readonly Bucket[]): Totals {
  const totals: Totals = { count: 0, sum: 0, min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY };
  const add = ({ count, sum, min, max }: Totals) => {
    totals.count += count;
    totals.sum += sum;
    totals.min = Math.min(totals.min, min);
    totals.max = Math.max(totals.max, max);
  };
  for (const { values, sets } of buckets) {
    for (const [value, count] of values) add({ count, sum: value * count, min: value, max: value });
    if (sets) add(sets);
  }
  return totals;
}

const addTotals = (a: Totals, b: Totals): Totals => ({
  count: a.count + b.count,
  sum: a.sum + b.sum,
  min: Math.min(a.min, b.min),
  max: Math.max(a.max, b.max),
});

const keyOf = ({ namespace, name, dimensions }: Metric): string =>
  JSON.stringify([namespace, name, Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1))]);
