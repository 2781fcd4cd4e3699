import type { Remediation } from "../config/assay.ts";
import type { Need, Proposed } from "./actions/action.ts";
import { objectionTo } from "./actions/shiftTraffic.ts";
import { overBudget } from "./costs.ts";
import { type Act, type Change, type Hold, hold } from "./decision.ts";
import type { EndpointState, EndpointStatus, Situation } from "./situation.ts";

const dayMs = 24 * 3_600_000;
const passingStatuses: ReadonlySet<EndpointStatus> = new Set(["Creating", "Updating", "SystemUpdating", "RollingBack"]);
/** Weights are in single precision. */
const rounding = 1e-6;

/** What keeps from acting now, whatever the action. */
export function mayNotActNow(
  name: string,
  { status }: EndpointState,
  { paused, history: { actions: done, lockedBy } }: Situation,
  { cooldownMinutes, maxActionsPerDay }: Remediation,
  nowMs: number,
): Hold | null {
  if (paused !== null) return hold("later", `remediation is paused: ${paused}`);
  if (status !== "InService") {
    const because = `endpoint ${name} is ${status}, not InService`;
    return passingStatuses.has(status)
      ? hold("minutes", because)
      : hold("person", `${because}: it takes no change before a person repairs it`);
  }
  if (lockedBy !== null) return hold("later", `remediation ${lockedBy} is acting on ${name}, or being verified`);
  const lastMs = Math.max(...done.map(({ atMs }) => atMs), Number.NEGATIVE_INFINITY);
  if (lastMs + cooldownMinutes * 60_000 > nowMs) {
    const [from, until] = [lastMs, lastMs + cooldownMinutes * 60_000].map(minute);
    return hold("later", `the action of ${from} has until ${until} to show its effect`);
  }
  if (done.filter(({ atMs }) => atMs > nowMs - dayMs).length >= maxActionsPerDay)
    return hold("later", `all ${maxActionsPerDay} actions of the last 24 hours are used`);
  return null;
}

/** The action with as many of its further steps as the limits allow, or the limit that it breaks itself. */
export function withinLimits(act: Proposed<Act>, need: Need): Proposed<Act> | string {
  const breach = breachOf(act.before, act.change, need);
  if (breach !== null) return breach;
  let last = act.change;
  const allowed = act.deeper.findIndex((step) => {
    const isOver = breachOf(last, step, need) !== null;
    last = step;
    return isOver;
  });
  return allowed === -1 ? act : { ...act, deeper: act.deeper.slice(0, allowed) };
}

/** The limit that one step breaks; `null`: none. */
function breachOf(from: Change, to: Change, need: Need): string | null {
  const { endpoint, situation, limits, variant } = need;
  switch (to.kind) {
    case "weights": {
      const share = shareMoved(from, to, endpoint);
      if (share > limits.maxShareOfTraffic + rounding)
        return `it would move ${Math.round(share * 100)} % of the traffic at once, and maxShareOfTraffic is ${limits.maxShareOfTraffic}`;
      return tooFewHealthy(endpoint, to, need);
    }
    case "instances":
    case "floor":
      return to.instances < 1
        ? `${to.variant} would have no instance left`
        : tooMany(to.instances, amountOf(from), variant.desiredInstances ?? 0, `instances of ${to.variant}`, need);
    case "copies":
    case "copies_floor": {
      const now = endpoint.components.find(({ name }) => name === to.component)?.desiredCopies ?? 0;
      return to.copies < 1
        ? `${to.component} would have no copy left`
        : tooMany(to.copies, amountOf(from), now, `copies of ${to.component}`, need);
    }
    case "configuration":
      return secondFleetOverBudget(endpoint, situation);
    case "component_model":
      return null;
  }
}

function tooMany(
  to: number,
  from: number,
  now: number,
  what: string,
  { limits, situation, variant, nowMs }: Need,
): string | null {
  if (to <= from) return null;
  if (to > limits.maxInstances) return `${to} ${what} are more than maxInstances, ${limits.maxInstances}`;
  return overBudget(situation.costs, variant.name, to - Math.min(now, to), nowMs);
}

/** A second fleet runs for an hour or so beside the first. */
function secondFleetOverBudget({ configuration }: EndpointState, { costs }: Situation): string | null {
  if (costs === null) return null;
  const unpriced = costs.served.find(({ microUsdPerHour }) => microUsdPerHour === null);
  if (unpriced) return `servingBudget has no price for ${unpriced.variant}, so nobody knows what a second fleet costs`;
  const anHour = costs.served.reduce((sum, { instances, microUsdPerHour }) => sum + instances * (microUsdPerHour ?? 0), 0);
  return costs.projectedMicroUsd + anHour > costs.budgetMicroUsd
    ? `a second fleet beside that of ${configuration} for an hour is over the day's serving budget`
    : null;
}

/** How much of all traffic one variant gives away. */
function shareMoved(from: Change, to: Change & { kind: "weights" }, { variants }: EndpointState): number {
  if (from.kind !== "weights") return 1;
  const total = variants.reduce((sum, { desiredWeight }) => sum + desiredWeight, 0);
  const lost = to.weights.map(
    ({ variant, weight }) => (from.weights.find((own) => own.variant === variant)?.weight ?? 0) - weight,
  );
  return Math.max(...lost, 0) / total;
}

function tooFewHealthy({ variants }: EndpointState, { weights }: Change & { kind: "weights" }, need: Need): string | null {
  const weightOf = (name: string, now: number) => weights.find(({ variant }) => variant === name)?.weight ?? now;
  const healthy = variants.filter(
    (own) => own !== need.variant && weightOf(own.name, own.desiredWeight) > 0 && objectionTo(own, need.situation) === null,
  );
  const { minHealthyVariants } = need.limits;
  return healthy.length >= minHealthyVariants
    ? null
    : `${healthy.length} sound variants would be left to take traffic, and minHealthyVariants is ${minHealthyVariants}`;
}

const amountOf = (change: Change) => ("instances" in change ? change.instances : "copies" in change ? change.copies : 0);
const minute = (atMs: number) => `${new Date(atMs).toISOString().slice(0, 16)}Z`;
