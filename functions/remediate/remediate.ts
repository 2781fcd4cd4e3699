import { isDeepStrictEqual } from "node:util";
import type { ApplicationAutoScalingClient } from "@aws-sdk/client-application-auto-scaling";
import type { SageMakerClient } from "@aws-sdk/client-sagemaker";
import type { SFNClient } from "@aws-sdk/client-sfn";
import { startOnce } from "../../shared/aws/executions.ts";
import {
  type Lock,
  readLock,
  readRecord,
  releaseLock,
  type StoredRecord,
  saveRecord,
  takeLock,
} from "../../shared/aws/remediations.ts";
import { type Assay, modeOf, type Remediation, settingsOf } from "../../shared/config/assay.ts";
import type { MonitorFinding } from "../../shared/monitoring/finding.ts";
import { findingText } from "../../shared/monitoring/findingText.ts";
import { iso } from "../../shared/monitoring/windows.ts";
import { type Act, type Decision, hold, variantOf } from "../../shared/remediation/decision.ts";
import { decide } from "../../shared/remediation/policy.ts";
import { standingOf } from "../../shared/remediation/proposal.ts";
import {
  executionName,
  executionOf,
  isOpen,
  isRunning,
  type RecordKey,
  type RemediationRecord,
  withStep,
} from "../../shared/remediation/record.ts";
import { isMonitored, isSpare, type Trouble } from "../../shared/remediation/situation.ts";
import { publish, type RecordDeps, settle } from "../remediation/publishRecord.ts";
import { readSituation } from "./readSituation.ts";

export type RemediateDeps = RecordDeps & {
  assay: Assay;
  sagemaker: SageMakerClient;
  scaling: ApplicationAutoScalingClient;
  sfn: SFNClient;
  stateMachineArn: string;
  /** What the monitor of an endpoint has found and not closed. */
  openFindings(endpoint: string): Promise<MonitorFinding[]>;
};

/**
 * Decides about one finding and, within the limits of assay.yml, starts the workflow that acts. One delivery or many, in any order,
 * with a crash between any two calls: one execution at most, and a record that is completed by whoever comes next.
 * @throws RecordMoved and what AWS says: the finding must come again
 */
export async function remediate(trouble: Trouble, deps: RemediateDeps): Promise<RemediationRecord> {
  const nowMs = deps.nowMs();
  const limits = settingsOf(deps.assay, trouble.endpoint).remediation;
  const own = await readRecord(deps.table, keyOf(trouble));
  if (own && isRunning(own.record)) return start(await publish(own, deps), deps);
  if (own && !isOpen(own.record)) return (await publish(own, deps)).record;

  const open = await deps.openFindings(trouble.endpoint);
  const current = isMonitored(trouble) ? asItStands(trouble, open) : trouble;
  const record = own
    ? { ...own.record, ...newAttempt(own.record), cause: current.cause, ...toldOf(current) }
    : recordOf(current, nowMs);
  const name = executionName(record);
  const lock = await readLock(deps.table, trouble.endpoint, nowMs);
  const decision = decide(current, await readSituation(current, open, lock, name, deps), limits, nowMs);
  const standing = own?.record.status === "proposed" ? standingOf(own.record, decision, limits.approvalHours, nowMs) : "anew";
  if (own && standing === "waits") return (await publish(own, deps)).record;
  if (decision.kind === "hold") {
    // Decided to act before, and died on the way: there is nothing to act on any more.
    if (lock.owner === name) await releaseLock(deps.table, trouble.endpoint, name, name, nowMs);
    return holdFor(own, record, decision, deps);
  }
  if (modeOf(limits, decision.kind) !== "auto" && standing !== "approved")
    return (await settle(own, stepped({ ...proposalAfter(own, record), status: "proposed" }, decision, nowMs), deps)).record;
  if (!(await lockFor(record, decision, lock, limits, deps))) {
    return holdFor(own, record, hold("later", `another remediation is acting on ${trouble.endpoint}`), deps);
  }
  const acting = await saveRecord(deps.table, stepped({ ...record, status: "acting" }, decision, nowMs), own, nowMs);
  return start(await publish(acting, deps), deps);
}

/** Starts what takes a record forward; one that was started is left to it. */
export async function start(
  { record }: StoredRecord,
  { sfn, stateMachineArn }: Pick<RemediateDeps, "sfn" | "stateMachineArn">,
): Promise<RemediationRecord> {
  const { name, input } = executionOf(record);
  await startOnce(sfn, stateMachineArn, name, input);
  return record;
}

/** A proposal after another is an attempt of its own: what a person says of one is not said of the other. */
function proposalAfter(own: StoredRecord | null, record: RemediationRecord): RemediationRecord {
  if (own?.record.status !== "proposed") return record;
  const { answer: _, ...unanswered } = record;
  return { ...unanswered, attempt: record.attempt + 1 };
}

/** What is said again is not written again. */
async function holdFor(
  own: StoredRecord | null,
  record: RemediationRecord,
  decision: Decision,
  deps: RemediateDeps,
): Promise<RemediationRecord> {
  if (own && own.record.status === "held" && isDeepStrictEqual(own.record.decision, decision))
    return (await publish(own, deps)).record;
  return (await settle(own, stepped({ ...record, status: "held" }, decision, deps.nowMs()), deps)).record;
}

function stepped(
  record: RemediationRecord & { status: "held" | "proposed" | "acting" },
  decision: Decision,
  nowMs: number,
): RemediationRecord {
  const what = record.status === "acting" ? "decided" : record.status;
  return withStep({ ...record, decision, decidedAt: iso(nowMs) }, { at: iso(nowMs), what, because: decision.because });
}

/** The lock outlives the verification and the cool-down after it; the workflow lets it go when it ends. */
function lockFor(
  record: RemediationRecord,
  decision: Act,
  lock: Lock,
  { verifyHours, cooldownMinutes }: Remediation,
  deps: RemediateDeps,
): Promise<boolean> {
  const nowMs = deps.nowMs();
  const owner = executionName(record);
  const action = { id: owner, kind: decision.kind, variant: variantOf(decision), atMs: nowMs };
  const expiresAtMs = nowMs + verifyHours * 3_600_000 + Math.max(cooldownMinutes, mostMinutesOfChange) * 60_000;
  return takeLock(deps.table, record.endpoint!, lock, { owner, action, expiresAtMs }, nowMs); // a trouble has an endpoint
}

/** A busy endpoint, an update, its undoing: an hour each at most. */
const mostMinutesOfChange = 180;

/** An invocation may come hours after it was made: what the monitor says now counts. */
function asItStands(finding: MonitorFinding, open: readonly MonitorFinding[]): MonitorFinding {
  if (finding.status === "closed") return finding;
  const now = open.find(({ id }) => id === finding.id);
  return now ?? { ...finding, status: "closed", because: "the monitor has closed it since" };
}

/** When the finding was made: unlike its `since`, it never changes. */
function keyOf(trouble: Trouble): RecordKey {
  const { endpoint, id } = trouble;
  if (isMonitored(trouble)) return { endpoint, alarm: null, openedAt: trouble.openedAt, id };
  return { endpoint, alarm: isSpare(trouble) ? null : trouble.alarm, openedAt: trouble.since, id };
}

function recordOf(trouble: Trouble, nowMs: number): RemediationRecord {
  const { variant, cause, since } = trouble;
  const signal = isMonitored(trouble) ? trouble.signal : null;
  return { ...blankRecord({ ...keyOf(trouble), variant, cause, signal, since }, nowMs), ...toldOf(trouble) };
}

function toldOf(trouble: Trouble): Pick<RemediationRecord, "finding"> {
  return isMonitored(trouble) ? { finding: findingText(trouble) } : {};
}

/** A record before anything was decided. */
export function blankRecord(
  identity: RecordKey & Pick<RemediationRecord, "variant" | "cause" | "signal" | "since">,
  nowMs: number,
): RemediationRecord {
  const nothing = { actedAt: null, inServiceAt: null, undoneAt: null, failure: null };
  const undecided = { status: "held", decision: hold("later", "not decided yet"), decidedAt: iso(nowMs), attempt: 1 } as const;
  return { ...identity, ...undecided, ...nothing, steps: [] };
}

/** After an action that ended, the next one is another attempt, with an execution of its own. */
function newAttempt({ attempt, actedAt }: RemediationRecord): Partial<RemediationRecord> {
  if (actedAt === null) return {};
  const unsaid = { answer: undefined, deepenedAt: undefined, isReopened: undefined };
  return { attempt: attempt + 1, actedAt: null, inServiceAt: null, undoneAt: null, failure: null, ...unsaid };
}
