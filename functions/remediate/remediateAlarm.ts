import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import type { S3Client } from "@aws-sdk/client-s3";
import type { SageMakerClient } from "@aws-sdk/client-sagemaker";
import type { CloudWatchAlarmEvent } from "aws-lambda";
import { describeAlarms } from "../../shared/aws/alarms.ts";
import { describeEndpoint, isRefusal, setWeights } from "../../shared/aws/endpoints.ts";
import { putMetrics } from "../../shared/aws/metrics.ts";
import {
  lockHolder,
  markPublished,
  openFinding,
  readRecords,
  releaseLock,
  type StoredRecord,
  saveRecord,
  takeLock,
} from "../../shared/aws/remediations.ts";
import { putJson } from "../../shared/aws/results.ts";
import { keys, type Table } from "../../shared/aws/table.ts";
import { type Assay, type Remediation, settingsOf } from "../../shared/config/assay.ts";
import { type WatchedAlarm, watchedAlarms } from "../../shared/monitoring/alarmNames.ts";
import { type Finding, findingFrom, findingId } from "../../shared/monitoring/finding.ts";
import { remediationKey } from "../../shared/monitoring/resultKeys.ts";
import { iso } from "../../shared/monitoring/windows.ts";
import { EndpointBusy } from "../../shared/remediation/endpointBusy.ts";
import { type Decision, decide, type EndpointState } from "../../shared/remediation/policy.ts";
import { isFinal, type RemediationRecord } from "../../shared/remediation/record.ts";

export type RemediateDeps = {
  assay: Assay;
  stage: string;
  table: Table;
  s3: S3Client;
  cloudwatch: CloudWatchClient;
  sagemaker: SageMakerClient;
  resultsBucket: string;
  nowMs: () => number;
};

/** What became of an alarm, in names and ids. */
export type Remediated = { status: "not_in_alarm" } | { status: RemediationRecord["status"]; id: string; because: string };

/**
 * Decides about one alarm and acts within the limits of assay.yml. One delivery or many, in any order, with a crash between any
 * two calls: one action at most, and a record of it that is completed by whoever comes next. Only its metric may count twice.
 * @throws EndpointBusy, RecordMoved and what AWS says: the alarm must come again
 */
export async function remediateAlarm({ alarmData }: CloudWatchAlarmEvent, deps: RemediateDeps): Promise<Remediated> {
  const { alarmName, state } = alarmData;
  if (state.value !== "ALARM") return { status: "not_in_alarm" };
  const changedAtMs = alarmTime(state.timestamp);
  const watched = watchedAlarms(deps.assay, deps.stage);
  const alarm = watched.find(({ name }) => name === alarmName);
  const record = alarm
    ? await remediate(findingFrom(alarm, changedAtMs), watched, deps)
    : await recordUnwatched(alarmName, changedAtMs, deps);
  return { status: record.status, id: record.id, because: record.failure ?? record.decision.because };
}

async function remediate(finding: Finding, watched: readonly WatchedAlarm[], deps: RemediateDeps): Promise<RemediationRecord> {
  const { table } = deps;
  const nowMs = deps.nowMs();
  const limits = settingsOf(deps.assay, finding.endpoint).remediation;
  await openFinding(table, finding, nowMs);
  const partition = keys.remediationsOf(finding.endpoint, finding.alarm);
  const records = await readRecords(table, partition, Math.min(Date.parse(finding.since), nowMs - lookBackMs(limits)));
  const own = records.find(({ record }) => record.id === finding.id);
  if (own && isFinal(own.record)) return publish(own, deps);
  if (own?.record.status === "acting") return act(own, limits, deps);

  const endpoint = await describeEndpoint(deps.sagemaker, finding.endpoint);
  const alarms = await describeAlarms(
    deps.cloudwatch,
    watched.filter((alarm) => alarm.endpoint === finding.endpoint),
  );
  const lockedBy = await lockHolder(table, finding.endpoint, nowMs);
  const history = { actionsAtMs: actionsIn(records), lockedBy: lockedBy === finding.id ? null : lockedBy };
  const decision = decide(finding, alarms, endpoint, history, limits, nowMs);
  const before: StoredRecord = {
    record: own ? { ...own.record, decision, decidedAt: iso(nowMs) } : recordOf(finding, decision, nowMs),
    revision: own?.revision ?? 0,
    published: false,
  };
  if (decision.kind === "hold") {
    const held = await settle(before, { status: "held" }, deps);
    if (decision.passing) throw new EndpointBusy(`${decision.because}. The alarm comes again.`);
    return held;
  }
  if (limits.mode !== "auto") return settle(before, { status: "proposed" }, deps);
  return act({ ...before, record: { ...before.record, before: weightsOf(endpoint!) } }, limits, deps); // nothing is shifted on no endpoint
}

/** Carries out a decision to shift traffic, or completes what an earlier delivery began. */
async function act(stored: StoredRecord, limits: Remediation, deps: RemediateDeps): Promise<RemediationRecord> {
  const { id, endpoint, decision } = stored.record;
  if (endpoint === null || decision.kind !== "shift_traffic")
    throw new TypeError(`Remediation ${id} is acting without an action.`);
  const nowMs = deps.nowMs();
  if (!(await takeLock(deps.table, endpoint, id, nowMs + limits.cooldownMinutes * 60_000, nowMs))) {
    return holdForNow(stored, `another remediation is acting on ${endpoint}`, deps);
  }
  const acting =
    stored.record.status === "acting"
      ? stored
      : await saveRecord(deps.table, { ...stored.record, status: "acting", actedAt: iso(nowMs) }, stored.revision, nowMs);
  try {
    await setWeights(deps.sagemaker, endpoint, decision.weights);
  } catch (error) {
    if (!(error instanceof EndpointBusy || isRefusal(error))) throw error; // perhaps it was done: the retry completes it
    // Nothing was changed, so others may act; the lock is free before the record says so, and a repeat takes it again.
    await releaseLock(deps.table, endpoint, id, deps.nowMs());
    if (error instanceof EndpointBusy) return holdForNow(acting, error.message, deps);
    return settle(acting, { status: "failed", failure: `${error.name}: ${error.message}`, actedAt: null }, deps);
  }
  return settle(acting, { status: "acted" }, deps);
}

/** Records that the time is not right, and asks to be called again. */
async function holdForNow(stored: StoredRecord, because: string, deps: RemediateDeps): Promise<never> {
  const decision: Decision = { kind: "hold", because, passing: true };
  await settle(stored, { status: "held", decision, before: null, actedAt: null }, deps);
  throw new EndpointBusy(because);
}

/** An alarm without a variant: a dead-letter queue's, or one of an older configuration. It is recorded, so that it is not lost. */
async function recordUnwatched(alarm: string, changedAtMs: number, deps: RemediateDeps): Promise<RemediationRecord> {
  const since = iso(changedAtMs);
  const id = findingId([alarm, since]);
  const known = await readRecords(deps.table, keys.remediationsOf(null, alarm), changedAtMs);
  const own = known.find(({ record }) => record.id === id);
  if (own) return publish(own, deps);
  const because = alarm.endsWith("-dead-letters")
    ? "messages that could not be processed wait in a dead-letter queue: see the function's log for the reason, then redrive them"
    : "no endpoint of assay.yml has this alarm: it is of another deployment, or its endpoint was removed";
  const decision: Decision = { kind: "hold", because, passing: false };
  const record = recordOf({ id, alarm, endpoint: null, variant: null, cause: null, since }, decision, deps.nowMs());
  return settle({ record, revision: 0, published: false }, {}, deps);
}

/** Saves what was concluded, then publishes it. */
async function settle(
  stored: StoredRecord,
  conclusion: Partial<RemediationRecord>,
  deps: RemediateDeps,
): Promise<RemediationRecord> {
  return publish(await saveRecord(deps.table, { ...stored.record, ...conclusion }, stored.revision, deps.nowMs()), deps);
}

/** The record's copy in the results bucket, and its count. What was published is not published again. */
async function publish(stored: StoredRecord, deps: RemediateDeps): Promise<RemediationRecord> {
  const { record } = stored;
  if (stored.published) return record;
  await putJson(deps.s3, deps.resultsBucket, remediationKey(record.id), record);
  const variant = record.endpoint && record.variant ? { Endpoint: record.endpoint, Variant: record.variant } : {};
  await putMetrics(deps.cloudwatch, [
    {
      name: "Remediations",
      dimensions: { ...variant, Outcome: record.status },
      timestampMs: deps.nowMs(),
      unit: "Count",
      values: [1],
      counts: [1],
    },
  ]);
  await markPublished(deps.table, stored);
  return record;
}

type Identity = Pick<RemediationRecord, "id" | "alarm" | "endpoint" | "variant" | "cause" | "since">;

function recordOf(
  { id, alarm, endpoint, variant, cause, since }: Identity,
  decision: Decision,
  nowMs: number,
): RemediationRecord {
  const nothingDone = { status: "held", before: null, actedAt: null, failure: null } as const;
  return { id, alarm, endpoint, variant, cause, since, decision, decidedAt: iso(nowMs), ...nothingDone };
}

function actionsIn(records: readonly StoredRecord[]): number[] {
  return records.flatMap(({ record }) => (record.actedAt === null ? [] : [Date.parse(record.actedAt)]));
}

function weightsOf({ variants }: EndpointState) {
  return variants.map(({ name, desiredWeight }) => ({ variant: name, weight: desiredWeight }));
}

/** Far enough to see every action that still counts, though its alarm may have waited half a day (Lambda keeps retries 6 hours). */
function lookBackMs({ cooldownMinutes }: Remediation): number {
  return Math.max(24 * 60, cooldownMinutes) * 60_000 + 12 * 3_600_000;
}

/** CloudWatch writes offsets without a colon ("+0000"), which is not the ISO format that `Date.parse` promises to read. */
function alarmTime(timestamp: string): number {
  return Date.parse(timestamp.replace(/([+-]\d\d)(\d\d)$/, "$1:$2"));
}
