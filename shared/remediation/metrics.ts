import type { Datum } from "../monitoring/metrics.ts";
import { escaped } from "../monitoring/resultKeys.ts";
import { isRunning, type RemediationRecord } from "./record.ts";

/** `Remediations` counts what became of them; `RemediationActive` is 1 while an action is made and verified. */
export function remediationDatums(record: RemediationRecord, nowMs: number): Datum[] {
  const { endpoint, variant, status, decision } = record;
  const dimensions: Record<string, string> = {};
  if (endpoint !== null) dimensions.Endpoint = escaped(endpoint);
  if (endpoint !== null && variant !== null) dimensions.Variant = escaped(variant);
  const of = { timestampMs: nowMs, counts: [1] };
  const count: Datum = {
    ...of,
    name: "Remediations",
    dimensions: { ...dimensions, Outcome: status },
    unit: "Count",
    values: [1],
  };
  const active: Datum = { ...of, name: "RemediationActive", dimensions, unit: "None", values: [isRunning(record) ? 1 : 0] };
  return [...(status === "acting" ? [] : [count]), ...(decision.kind === "hold" || status === "proposed" ? [] : [active])];
}
