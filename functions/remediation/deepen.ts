import type { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { readPause } from "../../shared/aws/pause.ts";
import { readLock, takeLock } from "../../shared/aws/remediations.ts";
import { type Assay, settingsOf } from "../../shared/config/assay.ts";
import { iso } from "../../shared/monitoring/windows.ts";
import { overBudget } from "../../shared/remediation/costs.ts";
import { type Act, deepened, inWords, variantOf } from "../../shared/remediation/decision.ts";
import { EndpointBusy } from "../../shared/remediation/endpointBusy.ts";
import { type AttemptKey, executionName, withStep } from "../../shared/remediation/record.ts";
import { readCosts } from "../remediate/readCosts.ts";
import { publish, type RecordDeps, settle } from "./publishRecord.ts";
import { theRecord } from "./theRecord.ts";

export type DeepenDeps = RecordDeps & { assay: Assay; sagemaker: SageMakerClient };

/** `enough`: the limits of assay.yml allow no further step today. */
export type Deepened = { state: "deepened" | "enough"; because: string };

const dayMs = 24 * 3_600_000;
/** As remediate's lock: a busy endpoint, an update, its undoing. */
const mostMinutesOfChange = 180;

/**
 * Decides to take the next step of an action that is under way: it counts as an action of its own, its verification begins anew, and the
 * way back stays the one to where all began. Decided again before it was made, it is the same step.
 * @throws EndpointBusy where the lock is another's, RecordMoved, and what AWS says: the workflow tries again
 */
export async function deepen({ record: key }: { record: AttemptKey }, deps: DeepenDeps): Promise<Deepened> {
  const stored = await theRecord(key, deps);
  const { record } = stored;
  if (record.actedAt === null) {
    await publish(stored, deps);
    return { state: "deepened", because: inWords(record.decision) }; // decided before, and not made yet
  }
  const next = deepened(record.decision);
  if (next === null) return { state: "enough", because: `there is no further step after: ${inWords(record.decision)}` };
  const paused = await readPause(deps.table);
  if (paused !== null) return { state: "enough", because: `one step was made, and remediation is paused: ${paused}` };
  const { endpoint } = record;
  const { maxActionsPerDay, verifyHours, cooldownMinutes } = settingsOf(deps.assay, endpoint).remediation;
  const nowMs = deps.nowMs();
  const owner = executionName(record);
  const action = {
    id: `${owner}-${next.deeper.length}`,
    kind: next.kind,
    variant: variantOf(next),
    atMs: nowMs,
  };
  const lock = await readLock(deps.table, endpoint, nowMs);
  const today = lock.actions.filter(({ id, atMs }) => id !== action.id && atMs > nowMs - dayMs);
  if (today.length >= maxActionsPerDay)
    return {
      state: "enough",
      because: `all ${maxActionsPerDay} actions of the last 24 hours are used: one step was made, and no further`,
    };
  const unaffordable = await overBudgetAfter(next, endpoint, deps);
  if (unaffordable !== null) return { state: "enough", because: `one step was made, and no further: ${unaffordable}` };
  const expiresAtMs = nowMs + verifyHours * 3_600_000 + Math.max(cooldownMinutes, mostMinutesOfChange) * 60_000;
  if (!(await takeLock(deps.table, endpoint, lock, { owner, action, expiresAtMs }, nowMs)))
    throw new EndpointBusy(`The lock of ${endpoint} is another's, or was written meanwhile. It is tried again.`);
  const at = iso(nowMs);
  const because = `one step further: ${inWords(next)}, since ${record.steps.at(-1)?.because ?? next.because}`;
  await settle(
    stored,
    withStep(
      { ...record, status: "acting", decision: next, actedAt: null, inServiceAt: null, deepenedAt: at },
      { at, what: "deepened", because },
    ),
    deps,
  );
  return { state: "deepened", because };
}

/** The budget is asked again: other variants may have grown since the first step was decided. `null`: it allows the step. */
async function overBudgetAfter({ change }: Act, endpoint: string, deps: DeepenDeps): Promise<string | null> {
  if (change.kind !== "instances" && change.kind !== "floor") return null; // nothing else adds instances
  return overBudget(await readCosts(endpoint, deps), change.variant, 1, deps.nowMs());
}
