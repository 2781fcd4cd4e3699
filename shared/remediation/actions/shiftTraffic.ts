import type { Change } from "../decision.ts";
import { type AlarmState, isMonitored, isOn, type Situation, type Trouble, type VariantState } from "../situation.ts";
import { type Action, objection } from "./action.ts";
import { soundAnswers } from "./verifications.ts";

/**
 * The traffic of a variant goes to another that is in service, watched, and not in trouble itself: all of it, or at first as much as one
 * step may move. Verified by what the affected users get now: the receiving variant's grades, or, where no grade was behind it, its
 * alarms. Undone by the weights from before.
 */
export const shiftTraffic: Action = ({ trouble, variant, endpoint, situation, limits }) => {
  const { name } = variant;
  const others = endpoint.variants.filter((other) => other !== variant);
  if (endpoint.components.length > 0)
    return objection(`${trouble.endpoint} hosts inference components: callers choose among them, weights do not`);
  if (others.length === 0) return objection(`${trouble.endpoint} has no variant but ${name} to send traffic to`);
  if (others.every((other) => isInTrouble(other.name, situation)))
    return objection(`every variant of ${trouble.endpoint} is in trouble: none is a safer place`);
  const candidates = others.map((other) => ({ other, because: objectionTo(other, situation) }));
  const [target] = candidates
    .filter(({ because }) => because === null)
    .map(({ other }) => other)
    // The largest share is the best tried; between equals the name decides, so that a repeat decides the same.
    .sort((a, b) => b.weight - a.weight || (a.name < b.name ? -1 : 1));
  if (!target) return objection(`no variant can take over: ${candidates.map(({ because }) => because).join("; ")}`);
  const both = variant.desiredWeight + target.desiredWeight;
  const leaving = (weight: number): Change => ({
    kind: "weights",
    weights: [
      { variant: name, weight },
      { variant: target.name, weight: both - weight },
    ],
  });
  const total = endpoint.variants.reduce((sum, { desiredWeight }) => sum + desiredWeight, 0);
  const [change, ...deeper] = stepsDown(variant.desiredWeight, limits.maxShareOfTraffic * total).map(leaving);
  const before = leaving(variant.desiredWeight);
  return {
    kind: "shift_traffic",
    from: name,
    to: target.name,
    change: change!, // a variant without traffic is left alone: see policy.ts
    before,
    undo: before,
    deeper,
    verify: soundAnswers(trouble, target.name),
    because: `${whatIsWrong(trouble, situation)}; ${target.name} is in service and watched, and nothing is wrong with it`,
    expected: { effect: expectedOf(trouble, name, target.name, variant.desiredWeight / total), microUsdPerDay: 0 },
  };
};

/** The weights that are left after each step, the last one 0. */
function stepsDown(weight: number, most: number): number[] {
  const steps = Math.ceil(weight / most - 1e-9);
  return Array.from({ length: steps }, (_, i) => (i === steps - 1 ? 0 : weight - (i + 1) * most));
}

/** Whether a variant could take traffic over: what weighs it, and what counts it as healthy. `null`: it could. */
export function objectionTo({ name, instances }: VariantState, situation: Situation): string | null {
  if (instances === null) return `${name} states no instances`;
  if (instances === 0) return `${name} has no instance in service`;
  if (!situation.alarms.some(({ variant }) => variant === name)) return `${name} has no alarms, so nobody knows how it does`;
  if (isInTrouble(name, situation)) return `${name} is in trouble itself`;
  return null;
}

function isInTrouble(name: string, { alarms, worse }: Situation): boolean {
  return worse.has(name) || alarms.some((alarm: AlarmState) => alarm.variant === name && alarm.state === "ALARM");
}

function expectedOf(trouble: Trouble, from: string, to: string, share: number): string {
  const moved = `${Math.round(share * 100)} % of the traffic go from ${from} to ${to}`;
  return isMonitored(trouble) ? `${moved}, so the mean of all answers rises by about ${points(-trouble.size * share)}` : moved;
}

function whatIsWrong(trouble: Trouble, { wasSlow, alarms, history }: Situation): string {
  if (!isMonitored(trouble))
    return `${trouble.variant} fails the cheap hard checks${trouble.kind === "slow-and-failing" ? " and is slow" : ""}`;
  const worse = `${trouble.signal} of ${trouble.variant} is ${points(-trouble.size)} under its baseline since ${trouble.since}`;
  const wasScaled = history.actions.some(({ kind, variant }) => kind === "scale_out" && variant === trouble.variant);
  if (isOn(alarms, trouble.variant ?? "", "latency"))
    return `${worse}, and it is slow, ${wasScaled ? "which another instance did not cure" : "perhaps for a while only"}`;
  return wasSlow ? `${worse}; it was slow meanwhile and no longer is, so instances would not cure it` : worse;
}

const points = (size: number) => size.toFixed(2);
