import type { Assay } from "../config/assay.ts";

/** Alarms that a remediation decides about. */
export type DecidingAlarmKind = "hard-failures" | "latency" | "errors" | "slow-and-failing";
/** `evidence` and `worse-and-slow` only tell: what the monitor found, with its cause, comes from the monitor itself. */
export type AlarmKind = DecidingAlarmKind | "evidence" | "worse-and-slow";
export type WatchedAlarm = { name: string; endpoint: string; variant: string; kind: AlarmKind };

/**
 * Alarm names carry endpoint and variant, since the payload of a composite alarm carries no dimension of its children.
 * One Lambda permission with the pattern `assay-{stage}-*` covers them all.
 */
export function alarmName(stage: string, endpoint: string, variant: string, kind: AlarmKind): string {
  return `assay-${stage}-${endpoint}-${variant}-${kind}`;
}

/** Of the captures of all variants: whose are lost, the finding says. No variant's alarm has a name that ends so. */
export function captureAlarmName(stage: string, endpoint: string): string {
  return `assay-${stage}-${endpoint}-capture`;
}

/** Of the judge of an endpoint. No variant's alarm has a name that ends so. */
export function judgeAlarmName(stage: string, endpoint: string): string {
  return `assay-${stage}-${endpoint}-judge`;
}

const always: readonly AlarmKind[] = ["hard-failures", "latency", "errors", "slow-and-failing"];
/** Of endpoints with a judge: without one there is no evidence. */
const judged: readonly AlarmKind[] = ["evidence", "worse-and-slow"];

/** Every alarm that is deployed for the endpoints of assay.yml. Hyphens make names ambiguous to parse, so they are looked up here. */
export function watchedAlarms(assay: Assay, stage: string): WatchedAlarm[] {
  return Object.entries(assay.endpoints).flatMap(([endpoint, { variants, judge }]) =>
    variants.flatMap((variant) =>
      (judge === null ? always : [...always, ...judged]).map((kind) => ({
        name: alarmName(stage, endpoint, variant, kind),
        endpoint,
        variant,
        kind,
      })),
    ),
  );
}
