import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import type { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { readCoverageState, saveCoverageState } from "../../shared/aws/coverageState.ts";
import { readFoldedWindow, readWindowRecords } from "../../shared/aws/foldedWindows.ts";
import { putMetrics } from "../../shared/aws/metrics.ts";
import { firstOpenWindow } from "../../shared/aws/openClaims.ts";
import { countRequests, describeCapture } from "../../shared/aws/requests.ts";
import { putJson } from "../../shared/aws/results.ts";
import { judgeVersion } from "../../shared/judging/judgeVersion.ts";
import {
  type CoverageState,
  coverageOf,
  foldHour,
  type HourCoverage,
  seeCapturing,
  startCoverage,
} from "../../shared/monitoring/coverage.ts";
import { captureEvidenceDatums, coverageDatums } from "../../shared/monitoring/coverageMetrics.ts";
import type { MonitorFinding } from "../../shared/monitoring/finding.ts";
import { newestWindows, windowsBetween } from "../../shared/monitoring/readiness.ts";
import { coverageKey } from "../../shared/monitoring/resultKeys.ts";
import { captureThreshold } from "../../shared/monitoring/rules.ts";
import type { WindowRecord } from "../../shared/monitoring/windowRecord.ts";
import { hourMs, iso, windowMs, windowOf } from "../../shared/monitoring/windows.ts";
import type { DriftDeps } from "./watch.ts";

export type CoverageDeps = DriftDeps & {
  cloudwatch: CloudWatchClient;
  sagemaker: SageMakerClient;
  lambda: LambdaClient;
  remediateFunction: string;
};

/** Hours that were looked at now, and findings that are open. */
export type Covered = { endpoint: string; hours: number; findings: number };

/** An hour takes two calls and some small reads. What a run does not reach, the next one does. */
const hoursPerRun = 24;

/**
 * Compares what came of an endpoint's captures with its requests, hour by hour, as soon as an hour's captures are in the books; publishes
 * that, and hands what is lost to remediation, at every tick anew. Safe to repeat after a crash anywhere: each hour is folded once.
 * @throws what AWS says; the next tick goes on
 */
export async function coverEndpoint({ endpoint }: { endpoint: string }, deps: CoverageDeps): Promise<Covered> {
  const { lnA } = captureThreshold(deps.assay);
  const before = await readCoverageState(deps.table, endpoint);
  const hours = before === null ? [] : (await hoursReady(before, deps)).slice(0, hoursPerRun);
  const state = before === null || hours.length > 0 ? await foldHours(before, endpoint, hours, lnA, deps) : before;
  if (state === null) return { endpoint, hours: 0, findings: 0 };
  await putMetrics(deps.cloudwatch, captureEvidenceDatums(state, lnA, deps.nowMs()));
  for (const finding of [...state.findings, ...state.ended]) {
    await deps.lambda.send(
      new InvokeCommand({
        FunctionName: deps.remediateFunction,
        InvocationType: "Event",
        Payload: JSON.stringify({ source: "assay.drift", finding }),
      }),
    );
  }
  return { endpoint, hours: hours.length, findings: state.findings.length };
}

/** The hours that were not looked at yet and whose captures are in the books, with those that came in the window after. */
async function hoursReady({ endpoint, lastHour }: CoverageState, { table, nowMs }: CoverageDeps): Promise<string[]> {
  const newest = newestWindows(nowMs());
  const firstMs = Date.parse(lastHour) + hourMs;
  if (firstMs + hourMs > Date.parse(newest.settled)) return [];
  const firstOpen = await firstOpenWindow(table, endpoint, newest.overdue, newest.settled);
  const last = windowsBetween(iso(firstMs), newest, firstOpen).at(-1);
  const hours: string[] = [];
  for (let ms = firstMs; last !== undefined && ms + hourMs <= Date.parse(last); ms += hourMs) hours.push(iso(ms));
  return hours;
}

/** @returns the state as it is now, whoever wrote it; `null` where there is no such endpoint */
async function foldHours(
  before: CoverageState | null,
  endpoint: string,
  hours: readonly string[],
  lnA: number,
  deps: CoverageDeps,
): Promise<CoverageState | null> {
  const nowMs = deps.nowMs();
  const capturing = await describeCapture(deps.sagemaker, endpoint);
  if (capturing === null) return before;
  let state = seeCapturing(before ?? startCoverage(endpoint, nowMs), capturing === "off" ? null : capturing, nowMs);
  const findings: MonitorFinding[] = [];
  for (const hour of hours) {
    const own = await readHour(endpoint, hour, deps);
    const folded = foldHour(state, own, hour, lnA, nowMs);
    state = folded.state;
    findings.push(...folded.findings);
    await putJson(deps.s3, deps.resultsBucket, coverageKey(endpoint, hour), { endpoint, hour, variants: own });
    await putMetrics(deps.cloudwatch, coverageDatums(own, state));
  }
  if (before !== null) state = { ...state, version: before.version + 1 };
  // Where another run was faster, it saw the same.
  return (await saveCoverageState(deps.table, state, findings, nowMs)) ? state : readCoverageState(deps.table, endpoint);
}

/** What was asked in an hour, and what came of it. Windows that the monitor has folded are read whole; the others from the books. */
async function readHour(endpoint: string, hour: string, deps: CoverageDeps): Promise<HourCoverage[]> {
  const { variants, judge } = deps.assay.endpoints[endpoint]!; // the plan has looked
  const fromMs = Date.parse(hour);
  const version = judge === null ? "none" : judgeVersion(judge);
  const windows: WindowRecord[] = [];
  for (let ms = fromMs; ms <= fromMs + hourMs; ms += windowMs) {
    const window = windowOf(ms);
    const folded = await readFoldedWindow(deps, endpoint, window);
    windows.push(...(folded?.records ?? (await readWindowRecords(deps, endpoint, window, version))));
  }
  const requests = await countRequests(deps.cloudwatch, endpoint, variants, fromMs, fromMs + hourMs);
  return variants.map((variant) => coverageOf(hour, variant, requests.get(variant)!, windows)); // they were asked for
}
