import type { AlarmKind } from "../monitoring/alarmNames.ts";
import type { Finding, MonitorFinding } from "../monitoring/finding.ts";
import type { ServedVariant } from "../monitoring/serving.ts";
import type { ActionKind } from "./actionKinds.ts";
import type { Change } from "./decision.ts";

/** Capacity that Assay added, and whose reason may be gone. Its id is derived from the execution that added it. */
export type Spare = {
  id: string;
  endpoint: string;
  variant: string;
  cause: "capacity";
  kind: "spare";
  /** When it was added, ISO. */
  since: string;
  added: Added;
};

/** What a remediation is about: an alarm of CloudWatch, what the monitor concluded, or what an action left behind. */
export type Trouble = Finding | MonitorFinding | Spare;

/** Whether the monitor's evidence, not an alarm, found it. */
export const isMonitored = (trouble: Trouble): trouble is MonitorFinding => "signal" in trouble;

/** Whether it is capacity that may be taken back. */
export const isSpare = (trouble: Trouble): trouble is Spare => "added" in trouble;

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
/** An inference component. `model` `null`: it names its container, not a model. */
export type ComponentState = {
  name: string;
  variant: string;
  isInService: boolean;
  copies: number;
  desiredCopies: number;
  model: string | null;
};
export type EndpointState = {
  status: EndpointStatus;
  /** The endpoint configuration that it serves, or is being updated to; `""`: none yet. */
  configuration: string;
  variants: VariantState[];
  /** Variants that get a copy of another's requests: their answers reach nobody, so nothing is ever done for them or with them. */
  shadows: string[];
  /** None where its variants have models of their own. */
  components: ComponentState[];
};

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

/** Instances that an action added, until they are taken back: what was, and what it was made. */
export type Added = { id: string; variant: string; atMs: number; before: Change; change: Change };

/** An endpoint configuration that served without complaint long enough to be trusted. */
export type GoodConfiguration = {
  name: string;
  /** When it began to serve, and when it was last seen to serve well, epoch milliseconds. */
  sinceMs: number;
  goodAtMs: number;
  /** `null`: a model of an inference component, or a serverless variant's instance type. */
  variants: { name: string; model: string | null; instanceType: string | null }[];
  /** Component → model, of the endpoint's inference components then. */
  components: Record<string, string>;
  /** Whether it captures as the endpoint does now. */
  capturesAlike: boolean;
};

/** What serving costs now, of an endpoint with a serving budget. */
export type Costs = { budgetMicroUsd: number; projectedMicroUsd: number; served: readonly ServedVariant[] };

/** What was done to the endpoint before, this attempt left out. */
type History = {
  /** Of the last 24 hours or within the cool-down, in any order. */
  actions: readonly Done[];
  /** Who holds the lock that has not expired, if not this attempt. */
  lockedBy: string | null;
};

/** What serves now, and the last other one that served well. */
export type Configurations = {
  /** When the present one began to serve, epoch milliseconds; `null`: not known. */
  sinceMs: number | null;
  /** Since when it counts as good itself; `null`: not yet. */
  provenAtMs: number | null;
  variants: GoodConfiguration["variants"];
  lastGood: GoodConfiguration | null;
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
  /** Inference components that it does. */
  componentScaling: ReadonlyMap<string, ScalingBounds>;
  configurations: Configurations;
  /** `null`: there is no serving budget. */
  costs: Costs | null;
  /** Why nobody but people may act now; `null`: Assay may. */
  paused: string | null;
  /** The names of the endpoint's metric alarms that a deployment may be rolled back by: latency and errors of its variants. */
  rollbackAlarms: readonly string[];
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
