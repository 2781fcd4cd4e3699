import type { ApplicationAutoScalingClient } from "@aws-sdk/client-application-auto-scaling";
import type { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { changeEndpoint, type EndpointChange } from "../../shared/aws/changeEndpoint.ts";
import { describeEndpoint, isRefusal } from "../../shared/aws/endpoints.ts";
import { readPause } from "../../shared/aws/pause.ts";
import { noteAdded, readLock, takeLock } from "../../shared/aws/remediations.ts";
import { setFloor } from "../../shared/aws/scaling.ts";
import { iso } from "../../shared/monitoring/windows.ts";
import { ChangedMeanwhile } from "../../shared/remediation/changedMeanwhile.ts";
import { type Act, type Change, inWords, variantOf } from "../../shared/remediation/decision.ts";
import { EndpointBusy } from "../../shared/remediation/endpointBusy.ts";
import { type AttemptKey, executionName, withStep } from "../../shared/remediation/record.ts";
import { publish, type RecordDeps, settle } from "./publishRecord.ts";
import { type ActingRecord, theRecord } from "./theRecord.ts";

export type ActDeps = RecordDeps & { sagemaker: SageMakerClient; scaling: ApplicationAutoScalingClient };

/** `refused`: AWS's considered no, somebody else's change, or the kill switch, so that nothing was changed. */
export type Acted = { state: "done" | "refused"; because: string };

/**
 * Makes the change that was decided, or the one that takes it back. Making it again changes nothing more.
 * @throws EndpointBusy while the endpoint takes no change, RecordMoved, and what may pass: the workflow tries again
 */
export async function act(
  { record: key, which }: { record: AttemptKey; which: "change" | "undo" },
  deps: ActDeps,
): Promise<Acted> {
  const stored = await theRecord(key, deps);
  const { record } = stored;
  const isDone = which === "change" ? record.actedAt !== null : record.undoneAt !== null;
  if (isDone) {
    await publish(stored, deps);
    return { state: "done", because: "it was done before" };
  }
  const { decision } = record;
  const [change, before] = which === "change" ? [decision.change, decision.before] : [decision.undo, decision.change];
  if (change === null) throw new TypeError(`Remediation ${record.id} has nothing to take back.`);
  const paused = which === "change" ? await readPause(deps.table) : null;
  if (paused !== null) return { state: "refused", because: `remediation is paused: ${paused}` };
  if (which === "undo") await noteUndo(record, deps);
  try {
    if (which === "change") await refuseAfterDeployment(decision, record.endpoint, deps);
    await make(change, before, record.endpoint, deps);
  } catch (error) {
    if (!(isRefusal(error) || error instanceof ChangedMeanwhile)) throw error;
    return { state: "refused", because: `${error.name}: ${error.message}` };
  }
  await noteCapacity(record, which, deps);
  const at = iso(deps.nowMs());
  const because = which === "change" ? inWords(record.decision) : `take back: ${inWords(record.decision)}`;
  await settle(
    stored,
    which === "change"
      ? withStep({ ...record, status: "acted", actedAt: at }, { at, what: "changed", because })
      : withStep({ ...record, undoneAt: at }, { at, what: "undoing", because }),
    deps,
  );
  return { state: "done", because };
}

/** @throws ChangedMeanwhile where another configuration was deployed since the decision; a swap compares the configuration itself */
async function refuseAfterDeployment(decision: Act, endpoint: string, { sagemaker }: ActDeps): Promise<void> {
  if (decision.kind === "swap_model") return;
  const now = await describeEndpoint(sagemaker, endpoint);
  if (now !== null && now.configuration !== decision.decidedOn) throw new ChangedMeanwhile(endpoint, "configuration");
}

function make(change: Change, before: Change, endpoint: string, { sagemaker, scaling }: ActDeps): Promise<void> {
  if (isFloor(change)) return setFloor(scaling, endpoint, change, before as FloorChange); // both speak of the same setting
  return changeEndpoint(sagemaker, endpoint, change, before as EndpointChange);
}

type FloorChange = Extract<Change, { kind: "floor" | "copies_floor" }>;
const isFloor = (change: Change): change is FloorChange => change.kind === "floor" || change.kind === "copies_floor";

/** Capacity that was added is remembered until it is taken back: by its undoing, or when it is needed no more. */
async function noteCapacity(record: ActingRecord, which: "change" | "undo", { table, nowMs }: ActDeps): Promise<void> {
  const { endpoint, decision } = record;
  const owner = executionName(record);
  const isAdded = (decision.kind === "scale_back") === (which === "undo");
  const id = capacityId(decision, owner);
  if (id === null) return;
  const [before, change] = which === "change" ? [decision.before, decision.change] : [decision.change, decision.before];
  const added = isAdded ? { id, variant: variantOf(decision), atMs: nowMs(), before, change } : null;
  await noteAdded(table, endpoint, owner, added, isAdded ? null : id, nowMs());
}

/** Names the capacity that an action adds or takes back; `null`: it is not about capacity. */
function capacityId(decision: Act, owner: string): string | null {
  if (decision.kind === "scale_back") return decision.relieves;
  return decision.kind === "scale_out" || decision.kind === "copies" ? owner : null;
}

/** Taking back is a change like any other: the next action has to wait for it, and it counts. */
async function noteUndo(record: ActingRecord, { table, nowMs }: ActDeps): Promise<void> {
  const { endpoint, decision } = record;
  const owner = executionName(record);
  const now = nowMs();
  const lock = await readLock(table, endpoint, now);
  if (lock.owner !== null && lock.owner !== owner) throw new EndpointBusy(`Remediation ${lock.owner} is acting on ${endpoint}.`);
  const action = { id: `${owner}-undo`, kind: "undo", variant: variantOf(decision), atMs: now } as const;
  if (!(await takeLock(table, endpoint, lock, { owner, action, expiresAtMs: now + undoLockMs }, now)))
    throw new EndpointBusy(`The lock of ${endpoint} was written by somebody else meanwhile. It is tried again.`);
}

/** Three hours: until the endpoint takes the change, until it is in service, and some for retries. */
const undoLockMs = 3 * 3_600_000;
