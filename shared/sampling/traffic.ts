import { windowMs } from "../monitoring/windows.ts";
import type { Band } from "./policy.ts";
import type { StrataCounts } from "./strata.ts";

export const dayMs = 86_400_000;
export const windowsPerDay = dayMs / windowMs;
const windowsPerHour = 3_600_000 / windowMs;

/** What one day (UTC) of an endpoint brought: the counts that the pacer plans from. */
export type TrafficDay = {
  /** yyyy-mm-dd. */
  date: string;
  /** Answers, and chosen answers, per window of the day. */
  answered: number[];
  chosen: number[];
  /** Answers per segment and band. */
  strata: Record<string, Record<Band, number>>;
  /** Of all answers together. */
  promptTokens: number;
  completionTokens: number;
};

/** How many windows "lately" is: two hours are long enough for a trend and short enough to notice that traffic doubled. */
export const recentWindows = 8;
/** Traffic of this many answers more or less is chance, not a trend. */
const chanceAnswers = 20;
/** The share of a profile that is spread evenly over the day: an hour that was empty so far need not stay so. */
const evenShare = 0.1;
const largestTrend = 10;

/** What may be expected, in answers. */
export type Forecast = {
  /** Of the windows that begin from one moment on and before another. */
  between(fromMs: number, toMs: number): number;
  /** Of a whole day at today's level. */
  day: number;
};

/**
 * The daily profile, learnt from what the last days brought per hour, at the level of the last two hours.
 * @param days  in any order; the window that runs at `nowMs` is not counted, for it is not complete
 * @returns `null` before the first answer in a complete window
 */
export function forecastOf(days: readonly TrafficDay[], nowMs: number): Forecast | null {
  const running = Math.floor(nowMs / windowMs);
  const seen = new Map<number, number>();
  for (const { date, answered } of days) {
    const firstWindow = Date.parse(date) / windowMs;
    for (const [i, n] of answered.entries()) if (n > 0 && firstWindow + i < running) seen.set(firstWindow + i, n);
  }
  if (seen.size === 0) return null;
  const first = Math.min(...seen.keys()); // before it nobody captured anything, which says nothing about the hours
  const [sums, windows] = [new Array<number>(24).fill(0), new Array<number>(24).fill(0)];
  for (let window = first; window < running; window++) {
    const hour = hourOf(window);
    sums[hour]! += seen.get(window) ?? 0;
    windows[hour]!++;
  }
  const overall = sums.reduce((a, b) => a + b, 0) / (running - first);
  const profile = sums.map((sum, hour) => {
    const n = windows[hour]!; // there are as many
    return n === 0 ? overall : (1 - evenShare) * (sum / n) + evenShare * overall;
  });

  const since = Math.max(running - recentWindows, first);
  const usual = sumOver(since, running, (window) => profile[hourOf(window)]!);
  const lately = sumOver(since, running, (window) => seen.get(window) ?? 0);
  const trend = Math.min(largestTrend, Math.max(1 / largestTrend, (lately + chanceAnswers) / (usual + chanceAnswers)));
  const expected = (window: number) => trend * profile[hourOf(window)]!;
  return {
    between: (fromMs, toMs) => sumOver(Math.ceil(fromMs / windowMs), Math.ceil(toMs / windowMs), expected),
    day: sumOver(0, windowsPerDay, expected),
  };
}

const hourOf = (window: number) => Math.floor((window % windowsPerDay) / windowsPerHour);

function sumOver(from: number, to: number, value: (window: number) => number): number {
  let sum = 0;
  for (let window = from; window < to; window++) sum += value(window);
  return sum;
}

/** Answers, or chosen ones, of the windows that begin from one moment on and before another. */
export function countBetween(days: readonly TrafficDay[], what: "answered" | "chosen", fromMs: number, toMs: number): number {
  return days.reduce((sum, day) => {
    const startMs = Date.parse(day.date);
    return day[what].reduce(
      (n, count, i) => (startMs + i * windowMs >= fromMs && startMs + i * windowMs < toMs ? n + count : n),
      sum,
    );
  }, 0);
}

/** All days' answers per segment and band. */
export function strataOf(days: readonly TrafficDay[]): StrataCounts {
  const all = new Map<string, Record<Band, number>>();
  for (const { strata } of days) {
    for (const [segment, { quiet, risky }] of Object.entries(strata)) {
      const before = all.get(segment) ?? { quiet: 0, risky: 0 };
      all.set(segment, { quiet: before.quiet + quiet, risky: before.risky + risky });
    }
  }
  return Object.fromEntries(all);
}

/** Which window of its day it is, from 0. */
export function windowOfDay(window: string): number {
  return (Date.parse(window) % dayMs) / windowMs;
}
