import type { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { describeAlarms } from "../../shared/aws/alarms.ts";
import { describeEndpoint } from "../../shared/aws/endpoints.ts";
import { readFoldedWindow, readWindowRecords } from "../../shared/aws/foldedWindows.ts";
import { type Assay, settingsOf } from "../../shared/config/assay.ts";
import { judgeVersion } from "../../shared/judging/judgeVersion.ts";
import { watchedAlarms } from "../../shared/monitoring/alarmNames.ts";
import type { MonitorFinding } from "../../shared/monitoring/finding.ts";
import { iso, windowAfter, windowOf } from "../../shared/monitoring/windows.ts";
import { worseVariants } from "../../shared/remediation/openFindings.ts";
import { type AttemptKey, inWordsOf, withStep } from "../../shared/remediation/record.ts";
import { type FreshWindow, type Look, look } from "../../shared/remediation/verification.ts";
import { type RecordDeps, settle } from "./publishRecord.ts";
import { type ActingRecord, theRecord } from "./theRecord.ts";

export type VerifyDeps = RecordDeps & {
  sagemaker: SageMakerClient;
  assay: Assay;
  /** What the monitor of an endpoint has found and not closed. */
  openFindings(endpoint: string): Promise<MonitorFinding[]>;
};

/**
 * Looks whether an action helped, and notes what it saw if that is news. Where a person wants it back, nobody needs to look.
 * @throws RecordMoved and what AWS says: the workflow tries again
 */
export async function verifyAction({ record: key }: { record: AttemptKey }, deps: VerifyDeps): Promise<Look> {
  const stored = await theRecord(key, deps);
  const { record } = stored;
  const { endpoint, decision, answer } = record;
  const nowMs = deps.nowMs();
  if (answer?.says === "undo") return { verdict: "undo", says: "not_enough_yet", because: inWordsOf(answer), figures: {} };
  const inServiceAtMs = Date.parse(record.inServiceAt!); // `inspect` noted it before
  const watched = watchedAlarms(deps.assay, deps.stage).filter((alarm) => alarm.endpoint === endpoint);
  const evidence = {
    endpoint: await describeEndpoint(deps.sagemaker, endpoint),
    alarms: await describeAlarms(deps.cloudwatch, watched),
    worse: worseVariants(await deps.openFindings(endpoint)),
    windows: await freshWindows(record, inServiceAtMs, nowMs, deps),
  };
  const verifyMs = settingsOf(deps.assay, endpoint).remediation.verifyHours * 3_600_000;
  const seen = look(decision, evidence, { inServiceAtMs, verifyMs, nowMs });
  if (record.steps.at(-1)?.because !== seen.because) {
    const { because, figures, says } = seen;
    await settle(stored, withStep(record, { at: iso(nowMs), what: "looked", because, says, figures }), deps);
  }
  return seen;
}

/**
 * Each window as the monitor folded it, with what came late to it; one that is not folded yet as it is now. A verification by alarms
 * needs no grades.
 */
async function freshWindows(
  { endpoint, decision: { verify } }: ActingRecord,
  inServiceAtMs: number,
  nowMs: number,
  deps: VerifyDeps,
): Promise<FreshWindow[]> {
  const { judge } = settingsOf(deps.assay, endpoint);
  if (verify.by !== "quality" || judge === null) return [];
  const windows: FreshWindow[] = [];
  for (let window = windowOf(inServiceAtMs); Date.parse(window) <= nowMs; window = windowAfter(Date.parse(window))) {
    const folded = await readFoldedWindow(deps, endpoint, window);
    const records = folded?.records ?? (await readWindowRecords(deps, endpoint, window, judgeVersion(judge)));
    windows.push(...records.filter(({ variant }) => variant === verify.variant));
    // A late grade counts where it came, by the plan of its own window.
    const late = folded?.late.filter(({ variant }) => variant === verify.variant) ?? [];
    windows.push(...late.map((row) => ({ rows: [row], piRef: row.piRef })));
  }
  return windows;
}
