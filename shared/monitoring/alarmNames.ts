import type { Assay, EndpointSettings } from "../config/assay.ts";

/** Alarms that a remediation decides about. */
export type DecidingAlarmKind = "hard-failures" | "latency" | "errors" | "slow-and-failing";
/** The others only tell: what the monitor found, with its cause, comes from the monitor itself; of memory and captures a person decides. */
export type AlarmKind = DecidingAlarmKind | "evidence" | "gpu-memory" | "coverage" | FusedKind;
/** Of several alarms at once: latency AND hard failures, quality AND latency, quality AND NOT judge, latency AND NOT quality. */
export type FusedKind = "slow-and-failing" | "worse-and-slow" | "worse-not-judge" | "slow-not-worse";
export type WatchedAlarm = { name: string; endpoint: string; variant: string; kind: AlarmKind };

/** Alarms of an endpoint: of the captures of all variants, its judge, its two budgets, and whether a remediation acts on it. */
export type EndpointAlarmKind = "capture" | "judge" | "evaluation-pace" | "serving-cost" | "remediating";

/**
 * Alarm names carry endpoint and variant, since the payload of a composite alarm carries no dimension of its children.
 * One Lambda permission with the pattern `assay-{stage}-*` covers them all.
 */
export function alarmName(stage: string, endpoint: string, variant: string, kind: AlarmKind): string {
  return `assay-${stage}-${endpoint}-${variant}-${kind}`;
}

/** No variant's alarm has a name that ends so. */
export function endpointAlarmName(stage: string, endpoint: string, kind: EndpointAlarmKind): string {
  return `assay-${stage}-${endpoint}-${kind}`;
}

/** Of the captures of all variants: whose are lost, the finding says. */
export const captureAlarmName = (stage: string, endpoint: string) => endpointAlarmName(stage, endpoint, "capture");

/** Of the judge of an endpoint. */
export const judgeAlarmName = (stage: string, endpoint: string) => endpointAlarmName(stage, endpoint, "judge");

/** The alarms that are deployed for an endpoint itself. */
export function endpointAlarms({ judge, servingBudget }: EndpointSettings): EndpointAlarmKind[] {
  return [
    "capture",
    "remediating",
    ...(judge === null ? [] : (["judge", "evaluation-pace"] as const)),
    ...(servingBudget === null ? [] : (["serving-cost"] as const)),
  ];
}

const fusedKinds: ReadonlySet<AlarmKind> = new Set<FusedKind>([
  "slow-and-failing",
  "worse-and-slow",
  "worse-not-judge",
  "slow-not-worse",
]);

/** Whether an alarm is fused of others. */
export const isFused = (kind: AlarmKind): kind is FusedKind => fusedKinds.has(kind);

const always: readonly AlarmKind[] = ["hard-failures", "latency", "errors", "coverage", "slow-and-failing"];
/** Of endpoints with a judge: without one there is no evidence. */
const judged: readonly AlarmKind[] = ["evidence", "worse-and-slow", "worse-not-judge", "slow-not-worse"];

function kindsOf({ judge, gpuMemory }: EndpointSettings): AlarmKind[] {
  return [...always, ...(gpuMemory === null ? [] : (["gpu-memory"] as const)), ...(judge === null ? [] : judged)];
}

/** Every alarm that is deployed for the variants of assay.yml. Hyphens make names ambiguous to parse, so they are looked up here. */
export function watchedAlarms(assay: Assay, stage: string): WatchedAlarm[] {
  return Object.entries(assay.endpoints).flatMap(([endpoint, settings]) =>
    settings.variants.flatMap((variant) =>
      kindsOf(settings).map((kind) => ({ name: alarmName(stage, endpoint, variant, kind), endpoint, variant, kind })),
    ),
  );
}
