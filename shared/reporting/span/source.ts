import type { Source } from "../../capture/inference.ts";

/** What CloudWatch is asked for. */
export type Metric = { namespace: string; name: string; dimensions: Record<string, string>; stat: string };
/** By the start of its period, epoch milliseconds. */
export type MetricValues = ReadonlyMap<number, number>;

/** An answer whose text is wanted. */
export type Wanted = { eventId: string; endpoint: string; variant: string; source: Source };

/** An alarm by its name; `until`: `null` while it is on. */
export type Alarmed = { at: string; until: string | null; text: string };

/**
 * Where the facts of a report come from: a deployed stack, or a folder with the objects of its results bucket, which knows neither table nor
 * metrics. `null` says so.
 */
export type ReportSource = {
  /** Every key of the results bucket that begins so, in order. */
  keys(prefix: string): Promise<string[]>;
  /** An object that is there, and one of JSON. */
  read(key: string): Promise<string>;
  json<T>(key: string): Promise<T>;
  /** Items of the table's partition whose sort key begins so. */
  items(pk: string, skPrefix: string): Promise<Record<string, unknown>[] | null>;
  /** In the order in which they are asked. */
  metrics(asked: readonly Metric[], fromMs: number, untilMs: number, periodMs: number): Promise<MetricValues[] | null>;
  /** When alarms of an endpoint were on, in order of their beginnings. */
  alarms(endpoint: string, fromMs: number, untilMs: number): Promise<Alarmed[]>;
  /** The text of an answer; `null` where it cannot be read, or may not. */
  text(wanted: Wanted): Promise<{ question: string; answer: string } | null>;
};
