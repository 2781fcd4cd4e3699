import { describeAlarms } from "../../shared/aws/alarms.ts";
import { readWindow } from "../../shared/aws/windowRecords.ts";
import { type Assay, settingsOf } from "../../shared/config/assay.ts";
import { watchedAlarms } from "../../shared/monitoring/alarmNames.ts";
import type { MonitorFinding } from "../../shared/monitoring/finding.ts";
import type { WindowRecord } from "../../shared/monitoring/windowRecord.ts";
import { iso, windowMs, windowOf } from "../../shared/monitoring/windows.ts";
import { worseVariants } from "../../shared/remediation/openFindings.ts";
import { type AttemptKey, withStep } from "../../shared/remediation/record.ts";
import { type Look, look } from "../../shared/remediation/verification.ts";
import { type RecordDeps, settle } from "./publishRecord.ts";
import { type ActingRecord, theRecord } from "./theRecord.ts";

export type VerifyDeps = RecordDeps & {
  assay: Assay;
  /** What the monitor of an endpoint has found and not closed. */
  openFindings(endpoint: string): Promise<MonitorFinding[]>;
};

/**
 * Looks whether an action helped, and notes what it saw if that is news.
 * @throws RecordMoved and what AWS says: the workflow tries again
 */
export async function verifyAction({ record: key }: { record: AttemptKey }, deps: VerifyDeps): Promise<Look> {
  const stored = await theRecord(key, deps);
  const { record } = stored;
  const { endpoint, decision } = record;
  const nowMs = deps.nowMs();
  const inServiceAtMs = Date.parse(record.inServiceAt!); // `inspect` noted it before
  const watched = watchedAlarms(deps.assay, deps.stage).filter((alarm) => alarm.endpoint === endpoint);
  const evidence = {
    alarms: await describeAlarms(deps.cloudwatch, watched),
    worse: worseVariants(await deps.openFindings(endpoint)),
    windows: await freshWindows(record, inServiceAtMs, nowMs, deps),
  };
  const verifyMs = settingsOf(deps.assay, endpoint).remediation.verifyHours * 3_600_000;
  const seen = look(decision, evidence, { inServiceAtMs, verifyMs, nowMs });
  if (record.steps.at(-1)?.because !== seen.because) {
    const { because, figures } = seen;
    await settle(stored, withStep(record, { at: iso(nowMs), what: "looked", because, figures }), deps);
  }
  return seen;
}

/** A verification by alarms needs no grades. */
async function freshWindows(
  { endpoint, decision: { verify } }: ActingRecord,
  inServiceAtMs: number,
  nowMs: number,
  { s3, resultsBucket }: VerifyDeps,
): Promise<WindowRecord[]> {
  if (verify.by !== "quality") return [];
  const windows: WindowRecord[] = [];
  for (let atMs = inServiceAtMs; atMs < nowMs + windowMs; atMs += windowMs) {
    const window = windowOf(atMs);
    if (Date.parse(window) <= nowMs)
      windows.push(await readWindow(s3, resultsBucket, { window, endpoint, variant: verify.variant }));
  }
  return windows;
}
