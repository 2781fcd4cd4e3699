import { readRecord, type StoredRecord } from "../../shared/aws/remediations.ts";
import type { Act } from "../../shared/remediation/decision.ts";
import type { AttemptKey, RemediationRecord } from "../../shared/remediation/record.ts";
import type { RecordDeps } from "./publishRecord.ts";

/** A record that a workflow works on: of an endpoint, with something to do. */
export type ActingRecord = RemediationRecord & { endpoint: string; decision: Act };
export type ActingStored = StoredRecord & { record: ActingRecord };

/** The record of an attempt; `null` once it went on to something else. */
export async function findRecord(key: AttemptKey, { table }: Pick<RecordDeps, "table">): Promise<ActingStored | null> {
  const stored = await readRecord(table, key);
  return stored && isActing(stored) && stored.record.attempt === key.attempt ? stored : null;
}

/** @throws TypeError if there is nothing to do: the execution was started by somebody else's hand */
export async function theRecord(key: AttemptKey, deps: Pick<RecordDeps, "table">): Promise<ActingStored> {
  const stored = await findRecord(key, deps);
  if (!stored)
    throw new TypeError(
      `There is no such action in remediation ${key.id}. Start executions through the remediate function only.`,
    );
  return stored;
}

const isActing = (stored: StoredRecord): stored is ActingStored =>
  stored.record.endpoint !== null && stored.record.decision.kind !== "hold";
