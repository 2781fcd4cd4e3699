import { closeAlarmFinding, releaseLock } from "../../shared/aws/remediations.ts";
import { iso } from "../../shared/monitoring/windows.ts";
import { type AttemptKey, executionName, isRunning, type RemediationStatus, withStep } from "../../shared/remediation/record.ts";
import { publish, type RecordDeps, settle } from "./publishRecord.ts";
import { type ActingRecord, findRecord } from "./theRecord.ts";

export type FinishDeps = RecordDeps & {
  /** Closes a finding of the monitor, so that its detector starts anew. One that is closed stays as it is. */
  closeFinding(endpoint: string, id: string, because: string): Promise<void>;
};

export type Ending = {
  record: AttemptKey;
  outcome: Extract<RemediationStatus, "kept" | "undone" | "held" | "failed">;
  /** Why, or the error that Step Functions caught. */
  because: string | { Error: string; Cause: string };
};

/**
 * Ends a remediation: its status, its finding if it helped, its lock. Ending it again completes what was left.
 * @throws RecordMoved and what AWS says: the workflow tries again
 */
export async function finish(
  { record: key, outcome, because }: Ending,
  deps: FinishDeps,
): Promise<{ status: RemediationStatus }> {
  const stored = await findRecord(key, deps);
  const record = stored && (isRunning(stored.record) ? endOf(stored.record, { outcome, because }, deps) : stored.record);
  if (stored && record) {
    await (record === stored.record ? publish(stored, deps) : settle(stored, record, deps));
    if (record.status === "kept") await closeFinding(record, deps);
  }
  const name = executionName(key);
  // What never took place keeps nobody from acting.
  const last = record?.deepenedAt === undefined ? name : `${name}-${record.decision.deeper.length}`;
  await releaseLock(deps.table, key.endpoint!, name, record?.actedAt === null ? last : null, deps.nowMs());
  return { status: record?.status ?? outcome };
}

function closeFinding({ endpoint, openedAt, id, signal, steps, decision }: ActingRecord, deps: FinishDeps): Promise<void> {
  const because = `remediation ${id} was kept: ${steps.at(-1)?.because ?? decision.because}`;
  return signal === null
    ? closeAlarmFinding(deps.table, { endpoint, openedAt, id }, because, deps.nowMs())
    : deps.closeFinding(endpoint, id, because);
}

function endOf(record: ActingRecord, { outcome, because }: Omit<Ending, "record">, { nowMs }: FinishDeps): ActingRecord {
  const why = typeof because === "string" ? because : inOneLine(because);
  const failure = outcome === "failed" ? why : null;
  return withStep({ ...record, status: outcome, failure }, { at: iso(nowMs()), what: outcome, because: why });
}

/** A function's error arrives as JSON with its stack; its name and message are what a person needs. */
function inOneLine({ Error: name, Cause }: { Error: string; Cause: string }): string {
  try {
    const { errorMessage } = JSON.parse(Cause) as { errorMessage?: unknown };
    if (typeof errorMessage === "string") return `${name}: ${errorMessage}`;
  } catch {
    // Not from a function: the service's own words.
  }
  return Cause ? `${name}: ${Cause}` : name;
}
