import type { Quarantined, ScoredInference } from "../capture/inference.ts";
import { escaped } from "./resultKeys.ts";

/** What one metric measured in one minute: each value and how often it was. */
export type Datum = {
  name: string;
  dimensions: Record<string, string>;
  timestampMs: number;
  unit: "Count" | "None";
  values: number[];
  counts: number[];
};

type Minute = { counts: Map<string, number>; values: Map<string, Map<number, number>> };
/** What is known of each minute (epoch milliseconds of its start) so far. */
export type Tally = Map<number, Minute>;

/** Counts an inference in its own minute. Changes `tally`. `hardFailure` is `null` for what has no answer. */
export function tallyInference(tally: Tally, inference: ScoredInference, hardFailure: boolean | null): void {
  const { counts, values } = minuteOf(tally, Date.parse(inference.time));
  add(counts, "Captured", 1);
  add(counts, metricOf[inference.outcome], 1);
  if (hardFailure === null) return;
  add(counts, "PromptTokens", inference.promptTokens);
  add(counts, "CompletionTokens", inference.completionTokens);
  add(valuesOf(values, "HardFailures"), hardFailure ? 1 : 0, 1);
  for (const [scorer, score] of Object.entries(inference.scores)) {
    // To 0.01, so that a minute has at most 101 distinct values: CloudWatch takes 150.
    if (score !== null) add(valuesOf(values, metricName(scorer)), Math.round(score * 100) / 100, 1);
  }
}

/** Counts a record that could not be read, in its own minute or, where it has no time, in that of `startedAt` (ISO). */
export function tallyQuarantined(tally: Tally, { time }: Quarantined, startedAt: string): void {
  const { counts } = minuteOf(tally, Date.parse(time ?? startedAt));
  add(counts, "Captured", 1);
  add(counts, "Quarantined", 1);
}

/**
 * The tally as CloudWatch takes it. What never happened is not published: a metric costs money from its first datum on.
 * @returns the datums in order of time, and how many records are too old or too far ahead for CloudWatch: they are in the books only
 */
export function datumsOf(
  tally: Tally,
  { endpoint, variant }: { endpoint: string; variant: string },
  nowMs: number,
): { datums: Datum[]; recordsOutside: number } {
  // CloudWatch takes ASCII only.
  const dimensions = { Endpoint: escaped(endpoint), Variant: escaped(variant) };
  const datums: Datum[] = [];
  let recordsOutside = 0;
  for (const [timestampMs, { counts, values }] of [...tally].sort(([a], [b]) => a - b)) {
    if (timestampMs < nowMs - oldestMs || timestampMs > nowMs + furthestAheadMs) {
      recordsOutside += counts.get("Captured")!; // each record that made the minute counted itself there
      continue;
    }
    for (const [name, n] of counts) datums.push({ name, dimensions, timestampMs, unit: "Count", values: [n], counts: [1] });
    for (const [name, frequencies] of values) {
      const sorted = [...frequencies].sort(([a], [b]) => a - b);
      datums.push({
        name,
        dimensions,
        timestampMs,
        unit: "None",
        values: sorted.map(([value]) => value),
        counts: sorted.map(([, n]) => n),
      });
    }
  }
  return { datums, recordsOutside };
}

/**
 * Counts an object under the prefix that is no capture. Of no endpoint, since its key names none: captures written to a prefix too deep
 * or too shallow would show here and nowhere else.
 */
export function ignoredObject(nowMs: number): Datum {
  return { name: "Ignored", dimensions: {}, timestampMs: nowMs, unit: "Count", values: [1], counts: [1] };
}

// CloudWatch takes two weeks back and two hours ahead; five minutes less, for retries on the way there and clocks that differ.
const marginMs = 5 * 60_000;
const oldestMs = 14 * 24 * 3_600_000 - marginMs;
const furthestAheadMs = 2 * 3_600_000 - marginMs;

const metricOf = {
  answered: "Answered",
  model_error: "ModelErrors",
  input_only: "InputOnly",
  output_only: "OutputOnly",
} as const;
/** `prompt_echo` is called `PromptEcho` there. */
const metricName = (scorer: string) => scorer.replace(/(?:^|_)([a-z0-9])/g, (_, first: string) => first.toUpperCase());

function minuteOf(tally: Tally, timeMs: number): Minute {
  const startMs = Math.floor(timeMs / 60_000) * 60_000;
  const minute = tally.get(startMs) ?? { counts: new Map(), values: new Map() };
  tally.set(startMs, minute);
  return minute;
}

function valuesOf(values: Minute["values"], name: string): Map<number, number> {
  const frequencies = values.get(name) ?? new Map<number, number>();
  values.set(name, frequencies);
  return frequencies;
}

function add<K>(counts: Map<K, number>, key: K, n: number): void {
  counts.set(key, (counts.get(key) ?? 0) + n);
}
