import type { JudgeShift } from "../statistics/anchors.ts";
import type { Binning } from "../statistics/bins.ts";
import { type DailyCycle, seasonalTerm } from "../statistics/dailyCycle.ts";
import { afterJudgeMove, type MeasuredMean, referenceOf, shiftedReference } from "../statistics/reference.ts";
import type { Threshold } from "../statistics/thresholds.ts";
import { type WeekCycle, weekTerm } from "../statistics/weekCycle.ts";
import type { Interval } from "../statistics/wilson.ts";
import type { CriterionBaseline } from "./baseline.ts";
import { dayMs, type MonitorSettings } from "./rules.ts";
import { segmentReferences } from "./segmentEvidence.ts";

/** What the grades of one criterion are held against. */
export type JudgedReference = {
  criterion: string;
  /** On the scale of today's judge. */
  level: MeasuredMean;
  /** Around `level`, without the daily cycle. */
  unchanged: Interval;
  cycle: DailyCycle;
  week: WeekCycle;
  /** Of each segment, without the cycles; `null` where it has none. */
  segments: (Interval | null)[];
  binning: Binning;
  windowMs: number;
  fold: "window" | "day";
};

/** @param shift of the judge since the baseline was frozen; `null`: none was found */
export function judgedReference(
  criterion: string,
  { mu0, nStar0, cycle, week, bySegment }: Pick<CriterionBaseline, "mu0" | "nStar0" | "cycle" | "week" | "bySegment">,
  shift: JudgeShift | null,
  binning: Binning,
  { tolerance, windowMs, fold }: Pick<MonitorSettings, "tolerance" | "windowMs" | "fold">,
  { z0 }: Threshold,
): JudgedReference {
  const level = shift === null ? { mu0, nStar0 } : afterJudgeMove({ mu0, nStar0 }, shift);
  return {
    criterion,
    level,
    unchanged: referenceOf(level, tolerance, z0),
    cycle,
    week,
    segments: segmentReferences(bySegment, shift, tolerance),
    binning,
    windowMs,
    fold,
  };
}

/** The terms of the day's and the week's cycle in the middle of a window. */
export function seasonalAt({ cycle, week, windowMs }: JudgedReference, startMs: number): number {
  const middleMs = startMs + windowMs / 2;
  return seasonalTerm(cycle, hourOfDay(middleMs)) + weekTerm(week, middleMs);
}

/** What counts as unchanged in a window. */
export function referenceAt(reference: JudgedReference, startMs: number): Interval {
  return shiftedReference(reference.unchanged, seasonalAt(reference, startMs));
}

/** In UTC, fractional. */
export function hourOfDay(timeMs: number): number {
  return (timeMs % dayMs) / 3_600_000;
}

/** The number of the window that begins at a moment: windows since 1970. */
export function foldNumber(startMs: number, windowMs: number): number {
  return Math.floor(startMs / windowMs);
}
