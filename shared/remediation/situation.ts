import type { AlarmKind } from "../monitoring/alarmNames.ts";
import type { Finding, MonitorFinding } from "../monitoring/finding.ts";

/** What a remediation is about: an alarm of CloudWatch, or what the monitor concluded. */
export type Trouble = Finding | MonitorFinding;

/** Whether the monitor's evidence, not an alarm, found it. */
export const isMonitored = (trouble: Trouble): trouble is MonitorFinding => "signal" in trouble;

export type EndpointStatus =
  | "OutOfService"
  | "Creating"
  | "Updating"
  | "SystemUpdating"
  | "RollingBack"
  | "InService"
  | "Deleting"
  | "Failed"
  | "UpdateRollbackFailed";
/** Instances are `null` where SageMaker states none, e.g. for serverless variants. */
export type VariantState = {
  name: string;
  weight: number;
  desiredWeight: number;
  instances: number | null;
  desiredInstances: number | null;
};
export type EndpointState = { status: EndpointStatus; variants: VariantState[] };

/** One of our metric alarms as it stands. A composite is not among them: it says nothing that its children do not. */
export type AlarmState = {
  variant: string;
  kind: AlarmKind;
  state: "OK" | "ALARM" | "INSUFFICIENT_DATA";
  /** When it changed to this state, epoch milliseconds. */
  sinceMs: number;
};

/** The bounds within which Application Auto Scaling keeps a variant's instances. */
export type ScalingBounds = { min: number; max: number };

/** A change that was made to an endpoint. `id` names the execution that made it. */
export type Done = { id: string; kind: ActionKind | "undo"; variant: string; atMs: number };
export type ActionKind = "shift_traffic" | "scale_out";

/** What was done to the endpoint before, this attempt left out. */
type History = {
  /** Of the last 24 hours or within the cool-down, in any order. */
  actions: readonly Done[];
  /** Who holds the lock that has not expired, if not this attempt. */
  lockedBy: string | null;
};

/** All that a decision looks at besides its finding. */
export type Situation = {
  /** As SageMaker describes it; `null` if it does not exist. */
  endpoint: EndpointState | null;
  /** The metric alarms of all variants of the endpoint. */
  alarms: readonly AlarmState[];
  /** Variants that an open finding of the monitor says are worse. */
  worse: ReadonlySet<string>;
  /** Whether the variant's latency alarm was on at some time since the finding's `since`. */
  wasSlow: boolean;
  /** Variants that Application Auto Scaling keeps within bounds. */
  scaling: ReadonlyMap<string, ScalingBounds>;
  history: History;
};

/** Since when an alarm of this kind is on, epoch milliseconds; `null`: it is not. */
export function onSince(alarms: readonly AlarmState[], variant: string, kind: AlarmKind): number | null {
  return alarms.find((alarm) => alarm.variant === variant && alarm.kind === kind && alarm.state === "ALARM")?.sinceMs ?? null;
}

/** Whether an alarm of this kind is on. */
export function isOn(alarms: readonly AlarmState[], variant: string, ...kinds: AlarmKind[]): boolean {
  return alarms.some((alarm) => alarm.variant === variant && alarm.state === "ALARM" && kinds.includes(alarm.kind));
}
