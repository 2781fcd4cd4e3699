import type { Remediation } from "../config/assay.ts";
import type { AlarmKind } from "../monitoring/alarmNames.ts";
import type { Finding } from "../monitoring/finding.ts";

type EndpointStatus =
  | "OutOfService"
  | "Creating"
  | "Updating"
  | "SystemUpdating"
  | "RollingBack"
  | "InService"
  | "Deleting"
  | "Failed"
  | "UpdateRollbackFailed";
/** `instances` is `null` where SageMaker states none, e.g. for serverless variants. */
export type VariantState = { name: string; weight: number; desiredWeight: number; instances: number | null };
export type EndpointState = { status: EndpointStatus; variants: VariantState[] };

/** One of our metric alarms as it stands. A composite is not among them: it says nothing that its children do not. */
export type AlarmState = { variant: string; kind: AlarmKind; state: "OK" | "ALARM" | "INSUFFICIENT_DATA" };

/** What was done to the endpoint before, this finding's own remediation left out. */
export type History = {
  /** Epoch milliseconds of each action of the last 24 hours or within the cool-down, in any order. */
  actionsAtMs: number[];
  /** Who holds the lock that has not expired, if not this remediation. */
  lockedBy: string | null;
};

export type Weight = { variant: string; weight: number };
export type Decision =
  | {
      kind: "shift_traffic";
      from: string;
      to: string /** What to set; variants left out keep theirs. */;
      weights: Weight[];
      because: string;
    }
  /** `passing`: the reason goes away by itself in minutes, so the question should be asked again. */
  | { kind: "hold"; because: string; passing: boolean };

/**
 * What to do about one finding. Pure: the same arguments give the same decision, on AWS and in a replay.
 * @param finding  cause and variant, from an alarm
 * @param alarms   the metric alarms of all variants of the endpoint
 * @param endpoint as SageMaker describes it, `null` if it does not exist
 * @param history  actions on the endpoint, and its lock
 * @param limits   `remediation` of assay.yml
 * @param nowMs    epoch milliseconds
 * @returns one decision with the sentence an operator reads at 3 a.m.; never throws: in doubt it holds
 */
export function decide(
  finding: Finding,
  alarms: readonly AlarmState[],
  endpoint: EndpointState | null,
  history: History,
  limits: Remediation,
  nowMs: number,
): Decision {
  const decision = decideFreely(finding, alarms, endpoint, history, limits, nowMs);
  if (limits.mode !== "observe") return decision;
  const wanted = decision.kind === "hold" ? "would hold" : `would shift traffic from ${decision.from} to ${decision.to}`;
  // Nothing waits for an observer, so nothing passes either.
  return hold(`mode is observe; otherwise Assay ${wanted}: ${decision.because}`);
}

function decideFreely(
  { endpoint: name, variant, cause, kind }: Finding,
  alarms: readonly AlarmState[],
  endpoint: EndpointState | null,
  { actionsAtMs, lockedBy }: History,
  { cooldownMinutes, maxActionsPerDay }: Remediation,
  nowMs: number,
): Decision {
  if (endpoint === null) return hold(`endpoint ${name} does not exist: remove it from assay.yml, or create it and deploy again`);
  // Before all that passes by itself: there is no point in waiting for it with nothing to do afterwards.
  if (cause === "capacity") {
    return hold(
      `${variant} is slow or answers with errors, which more instances may cure; this version adds none: a person should look`,
    );
  }
  if (endpoint.status !== "InService") {
    const because = `endpoint ${name} is ${endpoint.status}, not InService`;
    return passingStatuses.has(endpoint.status)
      ? passes(because)
      : hold(`${because}: it takes no change before a person repairs it`);
  }
  if (hasRecovered(alarms, variant, kind)) return hold(`the alarms of ${variant} are back to OK: there is nothing to cure`);
  const coolsForMs = Math.max(...actionsAtMs, Number.NEGATIVE_INFINITY) + cooldownMinutes * 60_000 - nowMs;
  if (coolsForMs > 0) return hold(`the last action still has ${Math.ceil(coolsForMs / 60_000)} min to show its effect`);
  const today = actionsAtMs.filter((atMs) => atMs > nowMs - dayMs).length;
  if (today >= maxActionsPerDay) return hold(`all ${maxActionsPerDay} actions of the last 24 hours are used`);
  if (lockedBy !== null) return passes(`remediation ${lockedBy} is acting on ${name}`);

  const failing = endpoint.variants.find((candidate) => candidate.name === variant);
  if (!failing) return hold(`${name} has no variant ${variant} any more: bring assay.yml up to date`);
  if (failing.desiredWeight === 0) return hold(`${variant} gets no traffic already`);
  const others = endpoint.variants.filter((candidate) => candidate !== failing);
  if (others.length === 0) return hold(`${name} has no variant but ${variant} to send traffic to`);
  if (others.every((other) => isAlarming(alarms, other.name)))
    return hold(`every variant of ${name} is failing: none is a safer place`);
  const objections = others.map((other) => ({ other, objection: objectionTo(other, alarms) }));
  const [target] = objections
    .filter(({ objection }) => objection === null)
    .map(({ other }) => other)
    // The largest share is the best tried; between equals the name decides, so that a repeat decides the same.
    .sort((a, b) => b.weight - a.weight || (a.name < b.name ? -1 : 1));
  if (!target) return hold(`no variant can take over: ${objections.map(({ objection }) => objection).join("; ")}`);
  return {
    kind: "shift_traffic",
    from: variant,
    to: target.name,
    weights: [
      { variant, weight: 0 },
      { variant: target.name, weight: target.desiredWeight + failing.desiredWeight },
    ],
    because: `${variant} fails the cheap hard checks${kind === "slow-and-failing" ? " and is slow" : ""}; ${target.name} is in service and watched, and none of its alarms is on`,
  };
}

const dayMs = 24 * 3_600_000;
const passingStatuses: ReadonlySet<EndpointStatus> = new Set(["Creating", "Updating", "SystemUpdating", "RollingBack"]);

const hold = (because: string): Decision => ({ kind: "hold", because, passing: false });
const passes = (because: string): Decision => ({ kind: "hold", because, passing: true });

function objectionTo({ name, instances }: VariantState, alarms: readonly AlarmState[]): string | null {
  if (instances === null) return `${name} states no instances`;
  if (instances === 0) return `${name} has no instance in service`;
  if (!alarms.some(({ variant }) => variant === name)) return `${name} has no alarms, so nobody knows how it does`;
  if (isAlarming(alarms, name)) return `${name} is failing itself`;
  return null;
}

function isAlarming(alarms: readonly AlarmState[], name: string): boolean {
  return alarms.some(({ variant, state }) => variant === name && state === "ALARM");
}

/** A late or repeated delivery may tell of what is over. Too little data is no recovery. */
function hasRecovered(alarms: readonly AlarmState[], name: string, kind: AlarmKind): boolean {
  const behind: AlarmKind[] = kind === "slow-and-failing" ? ["latency", "hard-failures"] : [kind];
  return alarms.some((alarm) => alarm.variant === name && behind.includes(alarm.kind) && alarm.state === "OK");
}
