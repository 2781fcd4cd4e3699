import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import type { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { approvedVersion, readBaseline } from "../../shared/aws/baselines.ts";
import { type Measured, putEstimates, readEstimates, readMeasured, saveMeasured } from "../../shared/aws/estimates.ts";
import { readFoldedWindow, readWindowRecords } from "../../shared/aws/foldedWindows.ts";
import { putMetrics } from "../../shared/aws/metrics.ts";
import { firstOpenWindow, windowsWithCaptures } from "../../shared/aws/openClaims.ts";
import { describeServed, shadowsOf } from "../../shared/aws/served.ts";
import { readServing, saveServing } from "../../shared/aws/servingDays.ts";
import type { JudgeSettings, ServingBudget } from "../../shared/config/assay.ts";
import { judgeVersion } from "../../shared/judging/judgeVersion.ts";
import { criteriaOf } from "../../shared/judging/rubric.ts";
import { betaOf } from "../../shared/monitoring/baseline.ts";
import { estimatesOf, groupSums, mergeGroups, type Span } from "../../shared/monitoring/estimates.ts";
import { newestWindows, windowsBefore, windowsBetween } from "../../shared/monitoring/readiness.ts";
import { accrue, outlookOf } from "../../shared/monitoring/serving.ts";
import { servingDatums } from "../../shared/monitoring/stateMetrics.ts";
import { iso, windowAfter, windowMs, windowOf } from "../../shared/monitoring/windows.ts";
import { compareLiveVariants } from "./compareLive.ts";
import { type TakenLabels, takeLabels } from "./labels.ts";
import type { DriftDeps } from "./watch.ts";

export type MeasureDeps = DriftDeps & { cloudwatch: CloudWatchClient; sagemaker: SageMakerClient };

/** Windows that were estimated now, labels that came, and variants that run on instances without a price in assay.yml: their cost is not counted. */
export type MeasuredNow = { endpoint: string; windows: number; labels: TakenLabels; unpriced: string[] };

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** What a run does not reach, the next one does. */
const windowsPerRun = 24;

/**
 * Estimates the mean grades of an endpoint's windows, hours and days, takes in labels, and counts what its instances cost. Needs no baseline: without
 * one, predictions do not count. Safe to repeat after a crash anywhere, and for two at once.
 * @throws what AWS says; the next tick goes on
 */
export async function measureEndpoint({ endpoint }: { endpoint: string }, deps: MeasureDeps): Promise<MeasuredNow> {
  const { judge, servingBudget } = deps.assay.endpoints[endpoint]!; // the plan has looked
  const unpriced = servingBudget === null ? [] : await countServing(endpoint, servingBudget, deps);
  const shadows = await shadowsOf(deps.sagemaker, endpoint);
  const windows = judge === null ? 0 : await estimate(endpoint, judge, shadows, deps);
  await compareLiveVariants(endpoint, shadows, deps);
  const labels = await takeLabels(endpoint, deps);
  return { endpoint, windows, labels, unpriced };
}

async function countServing(endpoint: string, budget: ServingBudget, deps: MeasureDeps): Promise<string[]> {
  const served = await describeServed(deps.sagemaker, endpoint, budget);
  if (served === null) return [];
  const nowMs = deps.nowMs();
  const before = await readServing(deps.table, endpoint);
  const { day, ended } = accrue(before, endpoint, served, nowMs);
  const isNew = day !== before && (await saveServing(deps.table, day, ended, before?.asOfMs ?? null, nowMs));
  const known = isNew ? day : ((await readServing(deps.table, endpoint)) ?? day);
  const unpriced = served.filter(({ microUsdPerHour, instances }) => microUsdPerHour === null && instances > 0);
  // A sum without them would pass for the whole.
  if (unpriced.length === 0)
    await putMetrics(deps.cloudwatch, servingDatums(endpoint, outlookOf(known, budget.microUsdPerDay), nowMs));
  return unpriced.map(({ variant, instanceType }) => `${variant} (${instanceType ?? "instance type unknown"})`);
}

/** @returns how many windows were estimated */
async function estimate(endpoint: string, judge: JudgeSettings, shadows: readonly string[], deps: MeasureDeps): Promise<number> {
  const measured = await readMeasured(deps.table, endpoint);
  const ready = await readyWindows(endpoint, measured, deps);
  if (ready.windows.length === 0) return 0;
  const spans = await estimator(endpoint, judge, shadows, deps);

  const last = ready.windows.at(-1)!; // there is one
  // Grades that came late: looked for once more, when nobody waits for them any longer.
  const final = windowsBefore(last)[0]!; // there are eight
  const again = (measured?.unfinished ?? []).filter((window) => window <= final);
  const unfinished = (measured?.unfinished ?? []).filter((window) => window > final);
  const done: string[] = [];
  for (const window of [...again, ...ready.windows]) {
    if (!again.includes(window) && !ready.captured.has(window)) continue;
    done.push(window);
    const isLate = await spans.window(window, again.includes(window));
    if (isLate && window > final) unfinished.push(window);
  }
  // An hour, or a day, is estimated once its last window is, and anew with every window of it that changes.
  const ends = (ms: number, length: number) => Math.floor(ms / length) * length + length;
  const complete = (length: number) => {
    const crossed = ready.windows.filter((window) => ends(Date.parse(window), length) === Date.parse(window) + windowMs);
    return new Set(
      [...done, ...crossed]
        .map((window) => Math.floor(Date.parse(window) / length) * length)
        .filter((startMs) => startMs + length - windowMs <= Date.parse(last)),
    );
  };
  for (const startMs of complete(hourMs)) await spans.rollUp("hour", startMs);
  for (const startMs of complete(dayMs)) await spans.rollUp("day", startMs);
  await saveMeasured(deps.table, endpoint, { window: last, unfinished });
  return done.length;
}

/** The windows since the last one that are settled, in order of time, and those of them in which something was captured. */
async function readyWindows(
  endpoint: string,
  measured: Measured | null,
  { table, nowMs }: MeasureDeps,
): Promise<{ windows: string[]; captured: Set<string> }> {
  const newest = newestWindows(nowMs());
  const first = measured === null ? windowOf(nowMs() - dayMs) : windowAfter(Date.parse(measured.window));
  if (first > newest.settled) return { windows: [], captured: new Set() };
  const firstOpen = await firstOpenWindow(table, endpoint, newest.overdue, newest.settled);
  const windows = windowsBetween(first, newest, firstOpen);
  if (windows.length === 0) return { windows, captured: new Set() };
  const captured = (await windowsWithCaptures(table, endpoint, first, windows.at(-1)!)).slice(0, windowsPerRun);
  const reached = captured.length < windowsPerRun ? windows : windows.filter((window) => window <= captured.at(-1)!);
  return { windows: reached, captured: new Set(captured) };
}

/** Estimates spans of an endpoint by its judge, with the predictions of the baseline that is approved now. */
async function estimator(endpoint: string, judge: JudgeSettings, shadows: readonly string[], deps: MeasureDeps) {
  const version = judgeVersion(judge);
  const criteria = criteriaOf(judge);
  const approved = await approvedVersion(deps.table, endpoint);
  const baseline = approved === null ? null : await readBaseline(deps, endpoint, approved.version);
  const betas = Object.fromEntries(criteria.map((name) => [name, baseline === null ? 0 : betaOf(baseline, name)]));
  const put = async (span: Span, fromMs: number, lengthMs: number, sums: ReturnType<typeof groupSums>) => {
    const [from, to] = [iso(fromMs), iso(fromMs + lengthMs)];
    const estimates = estimatesOf(sums, betas);
    await putEstimates(deps, { endpoint, span, from, to, judgeVersion: version, betas, estimates, sums });
  };
  return {
    /** @param anew whether the window was folded before its last grades came. @returns whether grades are still to come */
    async window(window: string, anew: boolean): Promise<boolean> {
      const folded = anew ? null : await readFoldedWindow(deps, endpoint, window);
      const records = folded?.records ?? (await readWindowRecords(deps, endpoint, window, version));
      await put("window", Date.parse(window), windowMs, groupSums(records, criteria, shadows));
      return records.some(({ pending }) => pending.length > 0);
    },
    async rollUp(span: "hour" | "day", fromMs: number): Promise<void> {
      const [parts, within, lengthMs] = span === "hour" ? (["window", 13, hourMs] as const) : (["hour", 10, dayMs] as const);
      const stored = await readEstimates(deps, endpoint, parts, iso(fromMs).slice(0, within));
      // Of another judge, grades mean something else.
      const own = stored.filter(({ judgeVersion }) => judgeVersion === version).map(({ sums }) => sums);
      if (own.length > 0) await put(span, fromMs, lengthMs, mergeGroups(own));
    },
  };
}
