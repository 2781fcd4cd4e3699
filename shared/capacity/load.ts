/** What a variant did in one hour. */
export type LoadHour = {
  /** The hour's start, epoch milliseconds. */
  atMs: number;
  requests: number;
  /** Requests of one instance; `null`: SageMaker said nothing of it. */
  perInstance: number | null;
  promptTokens: number | null;
  completionTokens: number | null;
  /** p90 of the model's latency. */
  latencyMs: number | null;
  /** The fullest minute, of all GPUs of an instance together: 100 is one GPU full; `null`: no GPU, or it says nothing. */
  gpuMemoryPercent: number | null;
};

/**
 * How many requests an hour one instance takes before p90 exceeds the limit. `fitted`: where the curve of the hours meets it;
 * `at_least`: the busiest hour that kept to it, since load does not yet show in the latency; `null`: no hour is known.
 */
export type Capacity = { perInstanceHour: number; by: "fitted" | "at_least" } | null;

const hourMs = 3_600_000;
const weekMs = 7 * 24 * hourMs;
/** A line through fewer points is chance. */
const fewestHours = 12;
/** Beyond twice the busiest hour nobody has seen how latency goes. */
const mostExtrapolated = 2;

/**
 * Latency against load, as a queue has it: L = L0 / (1 - x/C), so that 1/L falls in a straight line with the load x of one instance. The
 * line is fitted by least squares weighted with the requests, and the load at which L is the limit is read off it.
 *
 * @param limitMs p90 that must not be exceeded
 * @returns requests an hour of one instance
 * Source: Little 1961 and the M/M/1 queue, Kleinrock 1975, section 3.2; docs/operating.md, "Capacity"
 */
export function capacityOf(hours: readonly LoadHour[], limitMs: number): Capacity {
  const known = hours.flatMap(({ perInstance, latencyMs, requests }) =>
    perInstance === null || latencyMs === null || latencyMs <= 0 || perInstance <= 0
      ? []
      : [{ x: perInstance, y: 1 / latencyMs, w: requests, isSound: latencyMs <= limitMs }],
  );
  const sound = known.filter(({ isSound }) => isSound).map(({ x }) => x);
  if (known.length === 0) return null;
  const busiest = Math.max(...known.map(({ x }) => x));
  const atLeast: Capacity = sound.length === 0 ? null : { perInstanceHour: Math.max(...sound), by: "at_least" };
  if (known.length < fewestHours) return atLeast;
  const W = sum(known.map(({ w }) => w));
  const mean = { x: sum(known.map(({ x, w }) => w * x)) / W, y: sum(known.map(({ y, w }) => w * y)) / W };
  const sxx = sum(known.map(({ x, w }) => w * (x - mean.x) ** 2));
  const slope = sxx === 0 ? 0 : sum(known.map(({ x, y, w }) => w * (x - mean.x) * (y - mean.y))) / sxx;
  const atRest = mean.y - slope * mean.x;
  const limit = (1 / limitMs - atRest) / slope;
  if (slope >= 0 || !(limit > 0) || limit > mostExtrapolated * busiest) return atLeast;
  return { perInstanceHour: limit, by: "fitted" };
}

/** What an hour of the week usually has: the median of the same hour of past weeks. */
export type UsualHour = { atMs: number; requests: number; weeks: number };

/**
 * The busiest of the next 24 hours, as the same hours of past weeks were.
 * @param nowMs the running hour is not over, and counts as one to come
 * @returns `null` where no such hour of a past week is known
 */
export function usualPeak(hours: readonly LoadHour[], nowMs: number): UsualHour | null {
  const byHour = new Map(hours.map((hour) => [hour.atMs, hour.requests]));
  const firstMs = Math.floor(nowMs / hourMs) * hourMs;
  const oldestMs = Math.min(...byHour.keys());
  let peak: UsualHour | null = null;
  for (let atMs = firstMs; atMs < firstMs + 24 * hourMs; atMs += hourMs) {
    const past: number[] = [];
    // Since the variant served first, an hour without any request is an hour with none.
    for (let beforeMs = atMs - weekMs; beforeMs >= oldestMs; beforeMs -= weekMs) past.push(byHour.get(beforeMs) ?? 0);
    if (past.length === 0) continue;
    const requests = median(past);
    if (peak === null || requests > peak.requests) peak = { atMs, requests, weeks: past.length };
  }
  return peak;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
