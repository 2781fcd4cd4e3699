import { type DailyCycle, fitDailyCycle, seasonalTerm } from "../statistics/dailyCycle.ts";
import { enoughJudged } from "../statistics/estimate.ts";
import { wanderOf } from "../statistics/wander.ts";
import { fitWeekCycle, noWeek, type WeekCycle, weekTerm } from "../statistics/weekCycle.ts";
import { clippedMean } from "../statistics/wilson.ts";
import { anchorSpread, anchorsPerBaseline, type ReadAnchor, storedAnchor } from "./anchors.ts";
import {
  type Baseline,
  type BaselineContent,
  baselineFormat,
  baselineVersion,
  type CriterionBaseline,
  type SelfTestAlarm,
  type ShareBaseline,
  type SystemVersion,
} from "./baseline.ts";
import { foldJudged, foldNumber, hourOfDay, judgedReference, newJudgedRule } from "./judgedRule.ts";
import { fitPrediction, type PastAnswer } from "./prediction.ts";
import { estimateOf, mergeSums, noSums, type QualitySums, sumsOf } from "./qualitySums.ts";
import { dayMs, type MonitorSettings, thresholds } from "./rules.ts";
import { binIndices, binOf } from "./segments.ts";
import { countsOf, enoughWindows, shareBaseline } from "./shares.ts";
import { inputMix } from "./signals/questions.ts";
import { signalNamed } from "./signals/registry.ts";
import { isOfVariant, type Signal } from "./signals/signal.ts";
import type { WindowRecord } from "./windowRecord.ts";
import { iso } from "./windows.ts";

/** What a baseline is made of. */
export type BaselineSource = {
  endpoint: string;
  madeFrom: string;
  judgeVersion: string | null;
  system: SystemVersion | null;
  /** Of all its variants, in any order, each window and variant once. Others are passed over. */
  records: readonly WindowRecord[];
  anchors: readonly ReadAnchor[];
};

/** A segment with fewer judged answers has no mean of its own. */
export const enoughInSegment = 10;
/** A day whose first or last hour saw no request is a whole day all the same. */
const edgeMs = 2 * 3_600_000;

/**
 * Measures and freezes what "unchanged" means for one endpoint, its variants pooled. Pure: the same records give the same
 * version, in whatever order they come.
 * @param settings tolerance, and the thresholds of the self-test
 * @returns a draft; `limits` says what it cannot watch yet, `selfTest` where its own days disagree
 * Source: docs/statistics.md, "The baseline"
 */
export function freezeBaseline(source: BaselineSource, settings: MonitorSettings, nowIso: string): Baseline {
  const { endpoint, madeFrom, judgeVersion, system } = source;
  const { windowMs } = settings;
  const records = source.records
    .filter((record) => record.endpoint === endpoint)
    .sort((a, b) => order(a.window, b.window) || order(a.variant, b.variant));
  const fromMs = records.length === 0 ? 0 : Date.parse(records[0]!.window);
  const toMs = records.length === 0 ? 0 : Date.parse(records.at(-1)!.window) + windowMs;
  const wholeDays = Math.floor((toMs - fromMs + edgeMs) / dayMs);
  const wholeFrom = iso(Math.max(0, toMs - wholeDays * dayMs));

  const byWindow = [...Map.groupBy(records, ({ window }) => window).values()];
  const sharesOf = (signal: Signal, windows: readonly (readonly WindowRecord[])[]) =>
    shareBaseline(
      signal.shape,
      windows.map((own) => countsOf(signal, own)),
      byHour(windows.filter(([first]) => first!.window >= wholeFrom)).map((hour) => hour.map((own) => countsOf(signal, own))),
    );
  const segments = sharesOf(inputMix, byWindow);
  const shares: Baseline["shares"] = {};
  for (const signal of settings.signals.filter((name) => name !== inputMix.name).map(signalNamed)) {
    const single = records.map((record) => [record]);
    const of = (key: string, windows: readonly (readonly WindowRecord[])[]) => {
      const own = sharesOf(signal, windows);
      if (own !== null) shares[key] = own;
    };
    of(signal.name, isOfVariant(signal) ? single : byWindow);
    for (const variant of isOfVariant(signal) ? new Set(records.map((record) => record.variant)) : [])
      of(
        `${signal.name}/${variant}`,
        single.filter(([record]) => record!.variant === variant),
      );
  }
  const names = [...new Set(records.flatMap(({ rows }) => rows.flatMap(({ y }) => Object.keys(y))))].sort();
  const measured =
    segments === null ? [] : names.map((name) => [name, measure(name, records, segments, wholeDays, windowMs)] as const);
  const criteria: Baseline["criteria"] = {};
  for (const [name, { criterion }] of measured) if (criterion !== null) criteria[name] = criterion;

  const draws = [...source.anchors].sort((a, b) => order(a.id, b.id));
  const anchors = draws.flatMap((read) => storedAnchor(read) ?? []);
  const content: BaselineContent = {
    format: baselineFormat,
    endpoint,
    span: { from: iso(fromMs), to: iso(toMs) },
    windowMs,
    judgeVersion,
    system,
    criteria,
    segments,
    shares,
    anchors,
    anchorSpread: anchorSpread(draws),
  };
  return {
    version: baselineVersion(content),
    ...content,
    createdAt: nowIso,
    madeFrom,
    limits: [
      ...limitsOf(settings, measured, segments, shares, wholeDays, anchors.length),
      ...Object.entries(criteria).flatMap(([name, { cycle, week }]) => restlessness(name, cycle, week, records, settings)),
    ],
    selfTest: segments === null ? [] : selfTest(criteria, records, segments, settings),
    status: "draft",
  };
}

type Measured = { judged: number; criterion: CriterionBaseline | null };

function measure(
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

/** Windows, of one variant or of all, by the hour that they begin in. */
function byHour(windows: readonly (readonly WindowRecord[])[]): (readonly WindowRecord[])[][] {
  const hourOf = ({ window, variant }: WindowRecord) => `${window.slice(0, "2026-03-02T09".length)} ${variant}`;
  return [...Map.groupBy(windows, ([first]) => hourOf(first!)).values()];
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

const daysOfWeek = 7;

function weekRows(name: string, records: readonly WindowRecord[], cycle: DailyCycle, windowMs: number) {
  return records.flatMap(({ window, rows }) => {
    const timeMs = Date.parse(window) + windowMs / 2;
    const seasonal = seasonalTerm(cycle, hourOfDay(timeMs));
    return rows.flatMap(({ y, pi }) => (y[name] === undefined ? [] : [{ timeMs, y: y[name], pi, cycle: seasonal }]));
  });
}

function recordSums(name: string, { rows, summary, failed, pending }: WindowRecord): QualitySums {
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

/** Harmless wander fits twice into the tolerance (docs/statistics.md, "What counts as unchanged"). */
const wandersInTolerance = 2;
/** What changes within hours shows by the hour; what takes its time shows only where more was judged. */
const wanderSpansMs = [dayMs / 24, dayMs / 4];

/** That a criterion's mean wanders too far by itself for its alarms to keep the declared rate. */
function restlessness(
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

function limitsOf(
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

/**
 * Replays the baseline through the detector, each day against a reference of the other days.
 * Source: docs/statistics.md, "The baseline"
 */
function selfTest(
  criteria: Baseline["criteria"],
  records: readonly WindowRecord[],
  { binning }: ShareBaseline,
  settings: MonitorSettings,
): SelfTestAlarm[] {
  const { judged: threshold } = thresholds(settings);
  const dayOf = ({ window }: WindowRecord) => window.slice(0, 10);
  const days = [...new Set(records.map(dayOf))];
  if (days.length < 2) return [];
  const variants = [...new Set(records.map(({ variant }) => variant))];
  return Object.entries(criteria).flatMap(([criterion, { cycle, week }]) => {
    const sumsByDay = days.map((day) => {
      const own = records.filter((record) => dayOf(record) === day);
      return { day, sums: own.map((record) => recordSums(criterion, record)).reduce(mergeSums, noSums()) };
    });
    const references = new Map(
      days.map((day) => {
        const others = sumsByDay.filter((of) => of.day !== day).reduce((all, { sums }) => mergeSums(all, sums), noSums());
        const estimate = estimateOf(others);
        const measured =
          estimate === null ? null : { mu0: clippedMean(estimate.theta), nStar0: estimate.nStar, cycle, week, bySegment: [] };
        return [day, measured && judgedReference(criterion, measured, null, binning, settings, threshold)];
      }),
    );
    return variants.flatMap((variant): SelfTestAlarm[] => {
      let state = newJudgedRule();
      for (const record of records) {
        const reference = references.get(dayOf(record));
        if (record.variant !== variant || !reference) continue;
        const fold = foldNumber(Date.parse(record.window), settings.windowMs);
        state = foldJudged(state, fold, record, [], reference, threshold);
        // The first one is enough to say that the tolerance is too small.
        if (state.rule.alarmedAt !== null) return [{ variant, criterion, window: record.window }];
      }
      return [];
    });
  });
}

const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
