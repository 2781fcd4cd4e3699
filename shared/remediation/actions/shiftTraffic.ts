import type { VerificationPlan } from "../decision.ts";
import { type AlarmState, isMonitored, isOn, type Situation, type Trouble, type VariantState } from "../situation.ts";
import { type Action, objection } from "./action.ts";
import { qualityPlan } from "./qualityPlan.ts";

/** As long as two looks of the verification: an alarm of ten-minute periods has then seen three of them. */
const calmMinutes = 30;

/**
 * All traffic of a variant goes to another that is in service, watched, and not in trouble itself. Verified by what the affected
 * users get now: the receiving variant's grades, or, where no grade was behind it, its alarms. Undone by the weights from before.
 */
export const shiftTraffic: Action = ({ trouble, variant, endpoint, situation }) => {
  const { name } = variant;
  const others = endpoint.variants.filter((other) => other !== variant);
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
  const weights = (failing: number, receiving: number) => ({
    kind: "weights" as const,
    weights: [
      { variant: name, weight: failing },
      { variant: target.name, weight: receiving },
    ],
  });
  return {
    kind: "shift_traffic",
    from: name,
    to: target.name,
    change: weights(0, target.desiredWeight + variant.desiredWeight),
    undo: weights(variant.desiredWeight, target.desiredWeight),
    verify: verification(trouble, target.name),
    because: `${whatIsWrong(trouble, situation)}; ${target.name} is in service and watched, and nothing is wrong with it`,
  };
};

function verification(trouble: Trouble, receiving: string): VerificationPlan {
  // Latency needs no data of its own to be calm: its alarm, once on, is trouble whatever the plan.
  const calm: VerificationPlan = { by: "calm", variant: receiving, alarms: ["hard-failures"], forMinutes: calmMinutes };
  return (isMonitored(trouble) ? qualityPlan(trouble, receiving) : null) ?? calm;
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

function objectionTo({ name, instances }: VariantState, situation: Situation): string | null {
  if (instances === null) return `${name} states no instances`;
  if (instances === 0) return `${name} has no instance in service`;
  if (!situation.alarms.some(({ variant }) => variant === name)) return `${name} has no alarms, so nobody knows how it does`;
  if (isInTrouble(name, situation)) return `${name} is in trouble itself`;
  return null;
}

function isInTrouble(name: string, { alarms, worse }: Situation): boolean {
  return worse.has(name) || alarms.some((alarm: AlarmState) => alarm.variant === name && alarm.state === "ALARM");
}
