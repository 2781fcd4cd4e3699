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
  const isAbout = endpoint !== null && decision.kind !== "hold" && status !== "proposed";
  return [...(status === "acting" ? [] : [count]), ...(isAbout ? [activeDatum(endpoint, isRunning(record), nowMs)] : [])];
}

/** A state of the endpoint, on which one remediation acts at a time: alarms that are fused of others are silent while it is 1. */
export function activeDatum(endpoint: string, isActive: boolean, nowMs: number): Datum {
  return {
    name: "RemediationActive",
    dimensions: { Endpoint: escaped(endpoint) },
    timestampMs: nowMs,
    unit: "None",
    values: [isActive ? 1 : 0],
    counts: [1],
  };
}
