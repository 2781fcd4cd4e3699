import type { CloudWatchAlarmEvent } from "aws-lambda";
import { describeAlarms } from "../../shared/aws/alarms.ts";
import { openFinding, readRecord } from "../../shared/aws/remediations.ts";
import {
  type AlarmKind,
  captureAlarmName,
  type DecidingAlarmKind,
  type EndpointAlarmKind,
  endpointAlarmName,
  type WatchedAlarm,
  watchedAlarms,
} from "../../shared/monitoring/alarmNames.ts";
import { type Finding, findingFrom, findingId } from "../../shared/monitoring/finding.ts";
import { iso } from "../../shared/monitoring/windows.ts";
import { hold } from "../../shared/remediation/decision.ts";
import { EndpointBusy } from "../../shared/remediation/endpointBusy.ts";
import { type RemediationRecord, withStep } from "../../shared/remediation/record.ts";
import { publish, settle } from "../remediation/publishRecord.ts";
import { lookAround } from "./lookAround.ts";
import { blankRecord, type RemediateDeps, remediate } from "./remediate.ts";

/** What became of an alarm, in names and ids. */
export type Remediated =
  | { status: "not_in_alarm" }
  /** It tells of evidence; the finding that was made of it comes by itself, with its cause. */
  | { status: "noted" }
  | { status: RemediationRecord["status"]; id: string; because: string };

/**
 * Decides about one alarm: see `remediate`.
 * @throws EndpointBusy while the endpoint takes no change, RecordMoved, and what AWS says: the alarm must come again
 */
export async function remediateAlarm({ alarmData }: CloudWatchAlarmEvent, deps: RemediateDeps): Promise<Remediated> {
  const { alarmName, state } = alarmData;
  if (state.value !== "ALARM") return { status: "not_in_alarm" };
  const changedAtMs = alarmTime(state.timestamp);
  const alarm = watchedAlarms(deps.assay, deps.stage).find(({ name }) => name === alarmName);
  const isOfCaptures = Object.keys(deps.assay.endpoints).some((name) => captureAlarmName(deps.stage, name) === alarmName);
  if (isOfCaptures || (alarm && !isDeciding(alarm))) return { status: "noted" };
  const record = alarm ? await remediateWatched(alarm, changedAtMs, deps) : await recordUnwatched(alarmName, changedAtMs, deps);
  return { status: record.status, id: record.id, because: record.failure ?? record.decision.because };
}

/** Some alarms that are on could not be decided about. */
class AlarmsLeft extends Error {
  override readonly name = "AlarmsLeft";
}

/**
 * Decides anew about every alarm that is on: CloudWatch tells of a change once, and what was held then may be due now. An alarm whose
 * remediation is running or done changes nothing, and one that fails keeps no other from being decided about.
 * @returns how many alarms are on
 * @throws AlarmsLeft, and what AWS says; the next tick asks again
 */
export async function remediateAlarmsThatAreOn(deps: RemediateDeps): Promise<number> {
  const deciding = watchedAlarms(deps.assay, deps.stage).filter(isDeciding);
  const on = (await describeAlarms(deps.cloudwatch, deciding)).filter(({ state }) => state === "ALARM");
  const failures: Error[] = [];
  for (const { variant, kind, sinceMs, endpoint } of on) {
    const alarm = deciding.find((own) => own.endpoint === endpoint && own.variant === variant && own.kind === kind)!; // it came from there
    try {
      await remediate(await opened(alarm, sinceMs, deps), deps);
    } catch (error) {
      failures.push(error as Error);
    }
  }
  for (const endpoint of Object.keys(deps.assay.endpoints))
    await lookAround(endpoint, deps).catch((error) => failures.push(error));
  const [cause] = failures;
  if (cause === undefined) return on.length;
  const reasons = failures.map(({ name, message }) => `${name}: ${message}`).join("; ");
  throw new AlarmsLeft(`${failures.length} of ${on.length} alarms that are on wait for the next tick. ${reasons}`, { cause });
}

async function opened(alarm: WatchedAlarm & { kind: DecidingAlarmKind }, sinceMs: number, deps: RemediateDeps): Promise<Finding> {
  const finding = findingFrom(alarm, sinceMs);
  await openFinding(deps.table, finding, deps.nowMs());
  return finding;
}

async function remediateWatched(
  alarm: WatchedAlarm & { kind: DecidingAlarmKind },
  changedAtMs: number,
  deps: RemediateDeps,
): Promise<RemediationRecord> {
  const record = await remediate(await opened(alarm, changedAtMs, deps), deps);
  const { decision } = record;
  if (record.status === "held" && decision.kind === "hold" && decision.until === "minutes")
    throw new EndpointBusy(`${decision.because}. The alarm comes again.`);
  return record;
}

const deciding: ReadonlySet<AlarmKind> = new Set<DecidingAlarmKind>(["hard-failures", "latency", "errors", "slow-and-failing"]);

function isDeciding(alarm: WatchedAlarm): alarm is WatchedAlarm & { kind: DecidingAlarmKind } {
  return deciding.has(alarm.kind);
}

/** An alarm without a variant: a dead-letter queue's, a judge's, or one of an older configuration. It is recorded, so that it is not lost. */
async function recordUnwatched(alarm: string, changedAtMs: number, deps: RemediateDeps): Promise<RemediationRecord> {
  const since = iso(changedAtMs);
  const key = { endpoint: null, alarm, openedAt: since, id: findingId([alarm, since]) };
  const own = await readRecord(deps.table, key);
  if (own) return (await publish(own, deps)).record;
  const of = (kind: EndpointAlarmKind) =>
    Object.keys(deps.assay.endpoints).find((name) => endpointAlarmName(deps.stage, name, kind) === alarm);
  const silent = of("judge");
  const because = alarm.endsWith("-dead-letters")
    ? "messages that could not be processed wait in a dead-letter queue: the function's log says why, docs/operating.md what to do then"
    : of("evaluation-pace") !== undefined
      ? `the judge of ${of("evaluation-pace")} spends its day's budget too fast, and will fall silent before midnight (UTC): the alarm says what to do`
      : of("serving-cost") !== undefined
        ? `serving ${of("serving-cost")} will have cost more than its budget by midnight (UTC): look what scaled out, and why`
        : silent !== undefined
          ? `the judge of ${silent} grades nothing: the log of the function judge says why, docs/operating.md what to do then`
          : "no endpoint of assay.yml has this alarm: it is of another deployment, or its endpoint was removed";
  const nowMs = deps.nowMs();
  const record = blankRecord({ ...key, variant: null, cause: null, signal: null, since }, nowMs);
  const held = { ...record, decision: hold("person", because) };
  return (await settle(null, withStep(held, { at: iso(nowMs), what: "held", because }), deps)).record;
}

/** CloudWatch writes offsets without a colon ("+0000"), which is not the ISO format that `Date.parse` promises to read. */
function alarmTime(timestamp: string): number {
  return Date.parse(timestamp.replace(/([+-]\d\d)(\d\d)$/, "$1:$2"));
}
