import type { Assay } from "../config/assay.ts";

export type AlarmKind = "hard-failures" | "latency" | "errors" | "slow-and-failing";
export type WatchedAlarm = { name: string; endpoint: string; variant: string; kind: AlarmKind };

/**
 * Alarm names carry endpoint and variant, since the payload of a composite alarm carries no dimension of its children.
 * One Lambda permission with the pattern `assay-{stage}-*` covers them all.
 */
export function alarmName(stage: string, endpoint: string, variant: string, kind: AlarmKind): string {
  return `assay-${stage}-${endpoint}-${variant}-${kind}`;
}

const kinds: readonly AlarmKind[] = ["hard-failures", "latency", "errors", "slow-and-failing"];

/** Every alarm that is deployed for the endpoints of assay.yml. Hyphens make names ambiguous to parse, so they are looked up here. */
export function watchedAlarms(assay: Assay, stage: string): WatchedAlarm[] {
  return Object.entries(assay.endpoints).flatMap(([endpoint, { variants }]) =>
    variants.flatMap((variant) =>
      kinds.map((kind) => ({ name: alarmName(stage, endpoint, variant, kind), endpoint, variant, kind })),
    ),
  );
}
