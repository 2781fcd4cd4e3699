import { type DailyCycle, seasonalTerm } from "../statistics/dailyCycle.ts";
import { enoughJudged } from "../statistics/estimate.ts";
import { wanderOf } from "../statistics/wander.ts";
import { type WeekCycle, weekTerm } from "../statistics/weekCycle.ts";
import { anchorsPerBaseline } from "./anchors.ts";
import type { Baseline, ShareBaseline } from "./baseline.ts";
import { hourOfDay } from "./judgedReference.ts";
import { daysOfWeek, type Measured } from "./measureCriterion.ts";
import { dayMs, type MonitorSettings } from "./rules.ts";
import { enoughWindows } from "./shares.ts";
import { inputMix } from "./signals/questions.ts";
import type { WindowRecord } from "./windowRecord.ts";

/** Harmless wander fits twice into the tolerance (docs/statistics.md, "What counts as unchanged"). */
const wandersInTolerance = 2;
/** What changes within hours shows by the hour; what takes its time shows only where more was judged. */
const wanderSpansMs = [dayMs / 24, dayMs / 4];

/** That a criterion's mean wanders too far by itself for its alarms to keep the declared rate. */
export function restlessness(
  name: string,
  cycle: DailyCycle,
  week: WeekCycle,
  records: readonly WindowRecord[],
  { tolerance, windowMs }: MonitorSettings,
): Baseline["limits"] {
  const rowsOf = ({ window, rows }: WindowRecord) => {
    const middleMs = Date.parse(window) + windowMs / 2;
    const seasonal = seasonalTerm(cycle, hourOfDay(middleMs)) + weekTerm(week, middleMs);
    return onePerConversation(rows).flatMap(({ y, pi }) => (y[name] === undefined ? [] : [{ y: y[name] - seasonal, pi }]));
  };
  const graded = records.map((record) => ({ startMs: Date.parse(record.window), rows: rowsOf(record) }));
  const over = (spanMs: number) => {
    const spans = Map.groupBy(graded, ({ startMs }) => Math.floor(startMs / spanMs));
    return wanderOf([...spans.values()].map((own) => own.flatMap(({ rows }) => rows)));
  };
  const wander = Math.max(...wanderSpansMs.map(over));
  if (wandersInTolerance * wander <= tolerance) return [];
  const because =
    `Its mean wanders by itself, by ${(100 * wander).toFixed(1)} points within a day, so its alarms will come more often than declared. ` +
    `Set quality.tolerance to ${(Math.ceil(100 * wandersInTolerance * wander) / 100).toFixed(2)} or more.`;
  return [{ signal: name, because }];
}

/** Answers of one conversation resemble each other, which is no wander. */
function onePerConversation(rows: WindowRecord["rows"]): WindowRecord["rows"] {
  const sorted = [...rows].sort((a, b) => order(a.eventId, b.eventId));
  return [...new Map(sorted.map((row) => [row.conversation ?? ` ${row.eventId}`, row])).values()];
}

/** Which rhythm a baseline of so many days cannot know; `null` for whole weeks, in which each day of the week is as often as any other. */
function unknownCycle(wholeDays: number): string | null {
  if (wholeDays < 1)
    return "The span is shorter than a day, so the daily cycle is unknown and may look like a change. Take whole days, 7 or 14.";
  if (wholeDays % daysOfWeek === 0) return null;
  return `The span has ${wholeDays} whole days, not whole weeks, so what weekends do may look like a change. Take 7 or 14 days.`;
}

/** What a baseline cannot watch yet, each with what to do about it. */
export function limitsOf(
  settings: MonitorSettings,
  measured: readonly (readonly [string, Measured])[],
  segments: ShareBaseline | null,
  shares: Baseline["shares"],
  wholeDays: number,
  anchors: number,
): Baseline["limits"] {
  const judgedOf = new Map(measured.map(([name, { judged }]) => [name, judged]));
  const unjudged = settings.criteria.filter((name) => (judgedOf.get(name) ?? 0) < enoughJudged);
  const limits = unjudged.map((signal) => ({
    signal,
    because: `It has ${judgedOf.get(signal) ?? 0} of ${enoughJudged} judged answers. Judge more of them, or take a longer span.`,
  }));
  const cycle = unknownCycle(wholeDays);
  if (cycle !== null && measured.length > unjudged.length)
    limits.push(...settings.criteria.filter((name) => !unjudged.includes(name)).map((signal) => ({ signal, because: cycle })));
  if (settings.signals.includes(inputMix.name) && !segments?.dispersion) {
    const because = `It needs ${enoughWindows} windows of whole days to know how much the segments' shares vary by themselves. Take a longer span.`;
    limits.push({ signal: inputMix.name, because });
  }
  const short = settings.signals.filter((name) => shares[name]?.dispersion === null);
  if (short.length > 0) {
    const because = `They need ${enoughWindows} windows of whole days to know how much they vary by themselves. Take a longer span.`;
    limits.push({ signal: short.join(", "), because });
  }
  if (anchors === 0) {
    const because =
      "There is no anchor, so a judge that moves cannot be told from a model that moves. Take a span with its texts.";
    limits.push({ signal: "judge", because });
  } else if (anchors < anchorsPerBaseline) {
    const because =
      `It has ${anchors} of ${anchorsPerBaseline} anchors, so a small move of the judge is found later. Judge more answers; ` +
      "or, where the day's budget did not suffice for their readings, create it again tomorrow: what was read is not paid again.";
    limits.push({ signal: "judge", because });
  }
  return limits;
}

const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
