import type { ApplicationAutoScalingClient } from "@aws-sdk/client-application-auto-scaling";
import type { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { changeEndpoint, isRefusal } from "../../shared/aws/endpoints.ts";
import { readLock, takeLock } from "../../shared/aws/remediations.ts";
import { setFloor } from "../../shared/aws/scaling.ts";
import { iso } from "../../shared/monitoring/windows.ts";
import { type Change, inWords } from "../../shared/remediation/decision.ts";
import { EndpointBusy } from "../../shared/remediation/endpointBusy.ts";
import { type AttemptKey, executionName, withStep } from "../../shared/remediation/record.ts";
import { publish, type RecordDeps, settle } from "./publishRecord.ts";
import { type ActingRecord, theRecord } from "./theRecord.ts";

export type ActDeps = RecordDeps & { sagemaker: SageMakerClient; scaling: ApplicationAutoScalingClient };

/** `refused`: AWS's considered no, so that nothing was changed. */
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
  const change = which === "change" ? record.decision.change : record.decision.undo;
  if (change === null) throw new TypeError(`Remediation ${record.id} has nothing to take back.`);
  if (which === "undo") await noteUndo(record, deps);
  try {
    await make(change, record.endpoint, deps);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { state: "refused", because: `${error.name}: ${error.message}` };
  }
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

function make(change: Change, endpoint: string, { sagemaker, scaling }: ActDeps): Promise<void> {
  return change.kind === "floor" ? setFloor(scaling, endpoint, change) : changeEndpoint(sagemaker, endpoint, change);
}

/** Taking back is a change like any other: the next action has to wait for it, and it counts. */
async function noteUndo(record: ActingRecord, { table, nowMs }: ActDeps): Promise<void> {
  const { endpoint, decision } = record;
  const owner = executionName(record);
  const now = nowMs();
  const lock = await readLock(table, endpoint, now);
  if (lock.owner !== null && lock.owner !== owner) throw new EndpointBusy(`Remediation ${lock.owner} is acting on ${endpoint}.`);
  const variant = decision.kind === "shift_traffic" ? decision.from : decision.variant;
  const action = { id: `${owner}-undo`, kind: "undo", variant, atMs: now } as const;
  if (!(await takeLock(table, endpoint, lock, { owner, action, expiresAtMs: now + undoLockMs }, now)))
    throw new EndpointBusy(`The lock of ${endpoint} was written by somebody else meanwhile. It is tried again.`);
}

/** Three hours: until the endpoint takes the change, until it is in service, and some for retries. */
const undoLockMs = 3 * 3_600_000;
