import type { VerificationPlan } from "../decision.ts";
import { isMonitored } from "../situation.ts";
import { type Action, objection } from "./action.ts";
import { qualityPlan } from "./qualityPlan.ts";

/** New instances are in service by then; what they change shows within a few periods of the alarm. */
const returnMinutes = 30;

/**
 * One more instance for a variant: through the floor of Application Auto Scaling where that scales it, which would scale in
 * again what is set beside it. Verified by the latency alarm's return to OK or, where quality fell too, by fresh grades of the same
 * variant. Never undone by itself: an instance too many costs money, one too few costs answers, and a person weighs that.
 */
export const scaleOut: Action = ({ trouble, variant: { name, desiredInstances }, situation }) => {
  if (desiredInstances === null) return objection(`${name} states no instances to add to`);
  if (desiredInstances === 0) return objection(`${name} has no instance that one more could help`);
  const bounds = situation.scaling.get(name);
  const instances = desiredInstances + 1;
  if (bounds && instances > bounds.max)
    return objection(`${name} has all ${bounds.max} instances that its scaling allows: raise the maximum of its scalable target`);
  const back: VerificationPlan = { by: "return", variant: name, alarms: ["latency"], withinMinutes: returnMinutes };
  return {
    kind: "scale_out",
    variant: name,
    instances,
    change: { kind: bounds ? "floor" : "instances", variant: name, instances },
    undo: null,
    verify: (isMonitored(trouble) ? qualityPlan(trouble, name) : null) ?? back,
    because: isMonitored(trouble)
      ? `${name} is slow and worse together: too few instances`
      : `${name} is slow: too few instances`,
  };
};
