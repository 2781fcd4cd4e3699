import type { Assay, EndpointSettings } from "../../config/assay.ts";
import { judgeVersion } from "../../judging/judgeVersion.ts";
import { criteriaOf, primary } from "../../judging/rubric.ts";
import type { JudgeQuality } from "../../labels/humanGrades.ts";
import { judgeQualitiesOf } from "../../labels/labelKeys.ts";
import type { AnchorReading } from "../../monitoring/anchors.ts";
import { type Baseline, betaOf } from "../../monitoring/baseline.ts";
import type { HourCoverage } from "../../monitoring/coverage.ts";
import { estimatesOf, groupSums, mergeGroups } from "../../monitoring/estimates.ts";
import type { LiveComparison } from "../../monitoring/liveComparison.ts";
import type { KnownSignals } from "../../monitoring/monitorState.ts";
import { anchorReadingsOf, baselinesOf, comparisonKey, coverageKey, escaped, signalsKey } from "../../monitoring/resultKeys.ts";
import { type MonitorSettings, monitorSettings, type Rule, rulesOf, signalOf, thresholds } from "../../monitoring/rules.ts";
import type { ServingDay } from "../../monitoring/serving.ts";
import { inputMix } from "../../monitoring/signals/questions.ts";
import { isShareSignal } from "../../monitoring/signals/registry.ts";
import { emptySummary, merge, type Summary } from "../../monitoring/summary.ts";
import { referenceOf } from "../../statistics/reference.ts";
import { distributionsOf, ratesOf } from "./distributions.ts";
import { readExamples } from "./examples.ts";
import type { Books, BudgetedDay, CoverageRow, JudgeHealth, SignalEvidence, SpanFacts } from "./facts.ts";
import { readFindings, readRemediations } from "./findings.ts";
import { marksOf } from "./marks.ts";
import { metricSeries, qualitySeries, stepOf, timesOf } from "./series.ts";
import type { Metric, MetricValues, ReportSource } from "./source.ts";
import { allUnder, type ReportedWindow, readWindows } from "./windows.ts";

/** What a report of a span is asked for. `assay`: `null` where there is no configuration; then nothing is known of targets and rules. */
export type SpanQuestion = { endpoint: string; fromMs: number; untilMs: number; assay: Assay | null };
/** Says how many windows of how many were read. */
export type OnProgress = (done: number, of: number) => void;

/**
 * Reads all that a report says of an endpoint's span.
 * @returns without title and origin, which the caller knows
 */
export async function readSpan(
  source: ReportSource,
  { endpoint, fromMs, untilMs, assay }: SpanQuestion,
  onProgress?: OnProgress,
): Promise<Omit<SpanFacts, "title" | "origin" | "events">> {
  const settings = assay !== null && Object.hasOwn(assay.endpoints, endpoint) ? assay.endpoints[endpoint]! : null;
  const windows = await readWindows(source, endpoint, fromMs, untilMs, onProgress);
  const baseline = await readBaselineAt(source, endpoint, untilMs);
  const watched = assay === null ? null : monitorSettings(assay, endpoint);
  const variants = [...new Set([...(settings?.variants ?? []), ...windows.map(({ variant }) => variant)])];
  const books = booksOf(windows, variants);
  const criteria = settings?.judge ? criteriaOf(settings.judge) : gradedIn(windows);
  const comparisons = await readComparisons(source, endpoint, fromMs, untilMs);
  const grouped = windows.map((window) => ({ window, groups: groupSums([window], criteria, shadowsOn(comparisons, window)) }));
  const betas = Object.fromEntries(criteria.map((name) => [name, baseline === null ? 0 : betaOf(baseline, name)]));

  const times = timesOf(fromMs, untilMs);
  const stepMs = stepOf(fromMs, untilMs);
  const wanted = variants.flatMap((variant) => metricsOf(endpoint, variant));
  const values = await source.metrics(wanted, times[0]!, untilMs, stepMs); // there is a first
  // Copies of requests are no traffic of their own.
  const asked = windows.filter((window) => !shadowsOn(comparisons, window).includes(window.variant));
  const captured = (variant: string | null, atMs: number) =>
    asked
      .filter(
        (of) => (variant ?? of.variant) === of.variant && Date.parse(of.window) >= atMs && Date.parse(of.window) < atMs + stepMs,
      )
      .reduce((sum, { summary }) => sum + summary.counts.captured, 0);
  const all = times.map((atMs) => captured(null, atMs));
  const series = variants.map((variant, v) => {
    const own = grouped.flatMap(({ window, groups }) =>
      groups
        .filter((of) => of.variant === variant && of.segment === null && of.criterion === primary)
        .map(({ sums, predicted }) => ({ atMs: Date.parse(window.window), sums, predicted })),
    );
    const of = (k: number): MetricValues => values?.[2 * v + k] ?? new Map();
    return {
      variant,
      quality: qualitySeries(own, times, stepMs, betas[primary] ?? 0),
      evidence: metricSeries(of(0), times),
      latency: metricSeries(of(1), times, 1e-6), // SageMaker measures in microseconds
      traffic: times.map((atMs, k) =>
        all[k] === 0 ? null : { y: captured(variant, atMs) / all[k]!, low: null, high: null, n: all[k]! },
      ),
    };
  });

  const remediations = await readRemediations(source, endpoint, fromMs, untilMs);
  const alarms = await source.alarms(endpoint, fromMs, untilMs);
  const findings = await readFindings(source, endpoint, fromMs, untilMs, remediations, alarms);
  return {
    endpoint,
    from: new Date(fromMs).toISOString(),
    until: new Date(untilMs).toISOString(),
    settings: settings && {
      ...settings.quality,
      latencyLimitMs: settings.latency.p90OverMs,
      servingBudgetMicroUsd: settings.servingBudget?.microUsdPerDay ?? null,
    },
    baseline: baseline && { ...baseline, ...meanOf(baseline, watched) },
    times,
    series,
    marks: marksOf(alarms, findings, remediations),
    findings,
    remediations,
    books,
    estimates: estimatesOf(mergeGroups(grouped.map(({ groups }) => groups)), betas),
    comparisons,
    distributions: distributionsOf(baseline, books),
    rates: ratesOf(baseline, books),
    signals: watched === null ? null : await readSignals(source, endpoint, fromMs, untilMs, watched),
    days: await readDays(source, endpoint, fromMs, untilMs),
    coverage: await readCoverage(source, endpoint, fromMs, untilMs),
    judge: await readJudge(source, endpoint, fromMs, untilMs, settings, baseline, windows),
    examples: await readExamples(source, windows, findings),
  };
}

function booksOf(windows: readonly ReportedWindow[], variants: readonly string[]): Books {
  const summaries = new Map<string, Summary>();
  const chosen = new Map<string, number>();
  for (const variant of variants) {
    const own = windows.filter((window) => window.variant === variant);
    summaries.set(
      variant,
      own.reduce((sum, { summary }) => merge(sum, summary), emptySummary()),
    );
    chosen.set(
      variant,
      own.reduce((sum, window) => sum + window.chosen, 0),
    );
  }
  return { total: [...summaries.values()].reduce(merge, emptySummary()), variants: summaries, chosen };
}

const gradedIn = (windows: readonly ReportedWindow[]) => [
  ...new Set(windows.flatMap(({ rows }) => rows.flatMap(({ y }) => Object.keys(y)))),
];

const metricsOf = (endpoint: string, variant: string): Metric[] => [
  evidenceMetric(endpoint, variant, primary),
  {
    namespace: "AWS/SageMaker",
    name: "ModelLatency",
    dimensions: { EndpointName: escaped(endpoint), VariantName: escaped(variant) },
    stat: "p90",
  },
];

const evidenceMetric = (endpoint: string, variant: string | null, signal: string): Metric => ({
  namespace: "Assay",
  name: "Evidence",
  dimensions: {
    Endpoint: escaped(endpoint),
    ...(variant === null ? {} : { Variant: escaped(variant) }),
    Signal: escaped(signal),
  },
  stat: "Maximum",
});

/** The baseline that was last approved by then. */
async function readBaselineAt(source: ReportSource, endpoint: string, untilMs: number): Promise<Baseline | null> {
  const baselines = await allUnder<Baseline>(source, baselinesOf(endpoint));
  const then = baselines.filter(({ approvedAt }) => approvedAt !== undefined && Date.parse(approvedAt) <= untilMs);
  return then.sort((a, b) => (a.approvedAt! < b.approvedAt! ? -1 : 1)).at(-1) ?? null; // those have one
}

function meanOf({ criteria }: Baseline, watched: MonitorSettings | null): { mean: number | null; low: number; high: number } {
  const level = Object.hasOwn(criteria, primary) ? criteria[primary]! : null;
  if (level === null) return { mean: null, low: 0, high: 1 };
  if (watched === null) return { mean: level.mu0, low: level.mu0, high: level.mu0 };
  return { mean: level.mu0, ...referenceOf(level, watched.tolerance, thresholds(watched).judged.z0) };
}

/** As the monitor last knew them; `null` where it has not looked yet. */
async function readSignals(
  source: ReportSource,
  endpoint: string,
  fromMs: number,
  untilMs: number,
  watched: MonitorSettings,
): Promise<SpanFacts["signals"]> {
  const key = signalsKey(endpoint);
  if (!(await source.keys(key)).includes(key)) return null;
  const { asOf, signals } = await source.json<KnownSignals>(key);
  const published = signals.map(({ variant, signal }) =>
    isShareSignal(signal) && signal !== inputMix.name ? null : evidenceMetric(endpoint, variant, signal),
  );
  const asked = published.filter((metric) => metric !== null);
  const stepMs = stepOf(fromMs, untilMs);
  const values = await source.metrics(asked, Math.floor(fromMs / stepMs) * stepMs, untilMs, stepMs);
  const limits = thresholds(watched);
  const kinds = new Map(rulesOf(watched).map((rule: Rule) => [signalOf(rule), rule.kind]));
  const lines = signals.flatMap((line, k): SignalEvidence[] => {
    const kind = kinds.get(line.signal);
    if (kind === undefined) return []; // it is watched no longer
    const metric = published[k];
    const series = metric && values ? [...values[asked.indexOf(metric)]!.values()] : []; // one for each that was asked
    return [{ ...line, most: series.length === 0 ? null : Math.max(...series), oneIn: Math.exp(limits[kind].lnA) }];
  });
  return { asOf, lines };
}

async function readComparisons(
  source: ReportSource,
  endpoint: string,
  fromMs: number,
  untilMs: number,
): Promise<LiveComparison[]> {
  const folder = comparisonKey(endpoint, "").replace(/\.json$/, "");
  const keys = await source.keys(folder);
  const wanted = new Set(datesOf(fromMs, untilMs).map((date) => comparisonKey(endpoint, date)));
  return Promise.all(keys.filter((key) => wanted.has(key)).map((key) => source.json<LiveComparison>(key)));
}

/** The variants that were in the shadow on a window's day, as its comparison knows. */
function shadowsOn(comparisons: readonly LiveComparison[], { window }: { window: string }): string[] {
  const own = comparisons.filter(({ date }) => window.startsWith(date));
  return own.flatMap(({ variants }) => variants.filter(({ shadow }) => shadow).map(({ variant }) => variant));
}

/** The days (UTC) that a span touches. */
function datesOf(fromMs: number, untilMs: number): string[] {
  const dayMs = 86_400_000;
  const dates: string[] = [];
  for (let ms = Math.floor(fromMs / dayMs) * dayMs; ms < untilMs; ms += dayMs)
    dates.push(new Date(ms).toISOString().slice(0, 10));
  return dates;
}

async function readDays(source: ReportSource, endpoint: string, fromMs: number, untilMs: number): Promise<BudgetedDay[]> {
  const spent = await source.items(`budget#${endpoint}`, "");
  if (spent === null) return [];
  const ended = (await source.items(`serving#${endpoint}`, "")) ?? [];
  const running = (await source.items(`endpoint#${endpoint}`, "serving")) ?? [];
  const serving = new Map([...ended, ...running].map(({ day }) => [(day as ServingDay).date, day as ServingDay]));
  return datesOf(fromMs, untilMs).flatMap((date) => {
    const item = spent.find(({ sk }) => sk === date);
    const served = serving.get(date);
    if (item === undefined && served === undefined) return [];
    return [
      {
        date,
        judgeMicroUsd: Number(item?.spentMicroUsd ?? 0),
        judgeBudgetMicroUsd: Number(item?.budgetMicroUsd ?? 0),
        servingMicroUsd: served === undefined ? null : Math.round(Object.values(served.costMicroUsd).reduce((a, b) => a + b, 0)),
      },
    ];
  });
}

async function readCoverage(source: ReportSource, endpoint: string, fromMs: number, untilMs: number): Promise<CoverageRow[]> {
  const wanted = new Set<string>();
  for (let ms = Math.floor(fromMs / 3_600_000) * 3_600_000; ms < untilMs; ms += 3_600_000)
    wanted.add(coverageKey(endpoint, new Date(ms).toISOString()));
  const folder = coverageKey(endpoint, "").split("date=")[0]!; // what stands before is always there
  const keys = (await source.keys(folder)).filter((key) => wanted.has(key));
  const hours = await Promise.all(keys.map((key) => source.json<{ variants: HourCoverage[] }>(key)));
  const rows = Map.groupBy(
    hours.flatMap(({ variants }) => variants),
    ({ variant }) => variant,
  );
  return [...rows].map(([variant, own]) => {
    const total = (of: (hour: HourCoverage) => number) => own.reduce((sum, hour) => sum + of(hour), 0);
    return {
      variant,
      hours: own.length,
      requests: total(({ requests }) => requests),
      records: total(({ records }) => records),
      judged: total(({ judged }) => judged),
    };
  });
}

async function readJudge(
  source: ReportSource,
  endpoint: string,
  fromMs: number,
  untilMs: number,
  settings: EndpointSettings | null,
  baseline: Baseline | null,
  windows: readonly ReportedWindow[],
): Promise<JudgeHealth> {
  const failed = (status: "failed" | "refused" | "unparseable" | "skipped") =>
    windows.reduce((sum, window) => sum + window.failed.filter((row) => row.status === status).length, 0);
  const agreements = await source.keys(judgeQualitiesOf(endpoint));
  const readings =
    baseline === null ? [] : await allUnder<{ reading: AnchorReading }>(source, anchorReadingsOf(endpoint, baseline.version));
  return {
    judge: settings?.judge ? { model: settings.judge.model, version: judgeVersion(settings.judge) } : null,
    graded: windows.reduce((sum, { rows }) => sum + rows.length, 0),
    failed: failed("failed"),
    refused: failed("refused"),
    unparseable: failed("unparseable"),
    skipped: failed("skipped"),
    pending: windows.reduce((sum, { pending }) => sum + pending.length, 0),
    agreement: agreements.length === 0 ? null : await source.json<JudgeQuality>(agreements.at(-1)!), // there is one
    readings: readings
      .map(({ reading }) => reading)
      .filter(({ time }) => Date.parse(time) >= fromMs && Date.parse(time) <= untilMs),
  };
}
