import { type DailyCycle, fitDailyCycle, seasonalTerm } from "../statistics/dailyCycle.ts";
import { enoughJudged } from "../statistics/estimate.ts";
import { fitWeekCycle, noWeek } from "../statistics/weekCycle.ts";
import { clippedMean } from "../statistics/wilson.ts";
import type { CriterionBaseline, ShareBaseline } from "./baseline.ts";
import { hourOfDay } from "./judgedReference.ts";
import { fitPrediction, type PastAnswer } from "./prediction.ts";
import { estimateOf, mergeSums, noSums, type QualitySums, sumsOf } from "./qualitySums.ts";
import { binIndices, binOf } from "./segments.ts";
import type { WindowRecord } from "./windowRecord.ts";

/** A segment with fewer judged answers has no mean of its own. */
export const enoughInSegment = 10;

/** `criterion`: `null` where too few were judged. */
export type Measured = { judged: number; criterion: CriterionBaseline | null };

/** What a span says of the grades of one criterion. */
export function measureCriterion(
  name: string,
  records: readonly WindowRecord[],
  { binning }: ShareBaseline,
  wholeDays: number,
  windowMs: number,
): Measured {
  const sums = records.map((record) => recordSums(name, record)).reduce(mergeSums, noSums());
  const estimate = estimateOf(sums);
  const judged = sums.moments.plain.a;
  if (estimate === null || judged < enoughJudged) return { judged, criterion: null };
  const cycle = wholeDays > 0 ? fitDailyCycle(hourlyRows(name, records, windowMs)) : noCycle;
  const bySegment = binIndices(binning).map((bin) => {
    const rows = records.map(({ rows, summary, ...record }) => ({
      ...record,
      rows: rows.filter(({ segment }) => binOf(binning, segment) === bin),
      answered: Object.entries(summary.segments).reduce((n, [segment, k]) => n + (binOf(binning, segment) === bin ? k : 0), 0),
    }));
    const own = rows.map(({ rows, answered }) => gradedSums(name, rows, answered, [])).reduce(mergeSums, noSums());
    const mean = estimateOf(own);
    return mean === null || mean.n < enoughInSegment ? null : { mu0: mean.theta, se0: mean.standardError, judged: mean.n };
  });
  return {
    judged,
    criterion: {
      sums,
      mu0: clippedMean(estimate.theta),
      nStar0: estimate.nStar,
      se0: estimate.standardError,
      cycle,
      week: wholeDays >= daysOfWeek ? fitWeekCycle(weekRows(name, records, cycle, windowMs)) : noWeek,
      bySegment,
      prediction: fitPrediction(records.flatMap(({ rows }) => pastAnswers(name, rows))),
    },
  };
}

/** In a fixed order, for sums that are the same to the last digit. */
function pastAnswers(name: string, rows: WindowRecord["rows"]): PastAnswer[] {
  const sorted = [...rows].sort((a, b) => order(a.eventId, b.eventId));
  return sorted.flatMap(({ y, ...row }) => (y[name] === undefined ? [] : [{ ...row, y: y[name] }]));
}

/** Under a whole day nobody can tell an hour from a trend. */
const noCycle: DailyCycle = { b: 0, c: 0, cBar: 0, sBar: 0, s2: 0, statistic: 0, used: false };

function hourlyRows(name: string, records: readonly WindowRecord[], windowMs: number) {
  return records.flatMap(({ window, rows }) => {
    const hour = hourOfDay(Date.parse(window) + windowMs / 2);
    return rows.flatMap(({ y, pi }) => (y[name] === undefined ? [] : [{ hour, y: y[name], pi }]));
  });
}

export const daysOfWeek = 7;

function weekRows(name: string, records: readonly WindowRecord[], cycle: DailyCycle, windowMs: number) {
  return records.flatMap(({ window, rows }) => {
    const timeMs = Date.parse(window) + windowMs / 2;
    const seasonal = seasonalTerm(cycle, hourOfDay(timeMs));
    return rows.flatMap(({ y, pi }) => (y[name] === undefined ? [] : [{ timeMs, y: y[name], pi, cycle: seasonal }]));
  });
}

export function recordSums(name: string, { rows, summary, failed, pending }: WindowRecord): QualitySums {
  return gradedSums(name, rows, summary.counts.answered, [...failed, ...pending]);
}

function gradedSums(
  name: string,
  rows: WindowRecord["rows"],
  answered: number,
  ungraded: readonly { pi: number }[],
): QualitySums {
  const chosen = [
    ...rows.map(({ y, ...row }) => ({ ...row, y: y[name] ?? null, f: 0 })),
    ...ungraded.map(({ pi }) => ({ y: null, f: 0, pi })),
  ];
  return sumsOf(Math.max(answered, chosen.length), 0, chosen, 0);
}

const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
