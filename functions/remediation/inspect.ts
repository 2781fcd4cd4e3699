import type { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { describeEndpoint } from "../../shared/aws/endpoints.ts";
import { iso } from "../../shared/monitoring/windows.ts";
import { type Inspection, inspect } from "../../shared/remediation/inspection.ts";
import { type AttemptKey, withStep } from "../../shared/remediation/record.ts";
import { type RecordDeps, settle } from "./publishRecord.ts";
import { theRecord } from "./theRecord.ts";

export type InspectDeps = RecordDeps & { sagemaker: SageMakerClient };

/**
 * Looks whether a change has come into effect, and notes since when: answers after that are fresh.
 * @throws RecordMoved and what AWS says: the workflow tries again
 */
export async function inspectEndpoint(
  { record: key, which }: { record: AttemptKey; which: "change" | "undo" },
  deps: InspectDeps,
): Promise<Inspection> {
  const stored = await theRecord(key, deps);
  const { record } = stored;
  const { change, undo } = record.decision;
  const sinceMs = Date.parse((which === "change" ? record.actedAt : record.undoneAt)!); // `act` noted it before
  const nowMs = deps.nowMs();
  const endpoint = await describeEndpoint(deps.sagemaker, record.endpoint);
  const inspection = inspect(record.endpoint, endpoint, which === "change" ? change : undo!, sinceMs, nowMs);
  if (which === "undo" || inspection.state !== "in_service" || record.inServiceAt !== null) return inspection;
  const at = iso(nowMs);
  const step = { at, what: "in_service", because: inspection.because } as const;
  await settle(stored, withStep({ ...record, inServiceAt: at }, step), deps);
  return inspection;
}
