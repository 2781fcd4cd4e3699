import { dayCost } from "../costs.ts";
import type { Change } from "../decision.ts";
import { isMonitored } from "../situation.ts";
import { type Action, objection } from "./action.ts";
import { quickAnswers } from "./verifications.ts";

/**
 * One more instance for a variant: through the floor of Application Auto Scaling where that scales it, which would scale in
 * again what is set beside it. Verified by the latency alarm's return to OK or, where quality fell too, by fresh grades of the same
 * variant; another one follows where one was not enough. What turns out not to be needed is taken back by scaleBack.ts.
 */
export const scaleOut: Action = ({ trouble, variant: { name, desiredInstances }, endpoint, situation, limits }) => {
  if (endpoint.components.some(({ variant }) => variant === name))
    return objection(`${name} hosts inference components: their copies are what serves, not its instances`);
  if (desiredInstances === null) return objection(`${name} states no instances to add to`);
  if (desiredInstances === 0) return objection(`${name} has no instance that one more could help`);
  const bounds = situation.scaling.get(name);
  const instances = desiredInstances + 1;
  if (bounds && instances > bounds.max)
    return objection(`${name} has all ${bounds.max} instances that its scaling allows: raise the maximum of its scalable target`);
  const to = (count: number): Change => ({ kind: bounds ? "floor" : "instances", variant: name, instances: count });
  const before = to(bounds ? bounds.min : desiredInstances);
  const further = Math.min(bounds?.max ?? limits.maxInstances, limits.maxInstances);
  return {
    kind: "scale_out",
    variant: name,
    instances,
    change: to(instances),
    before,
    undo: before,
    deeper: instances + 1 <= further ? [to(instances + 1)] : [],
    verify: quickAnswers(trouble, name),
    because: isMonitored(trouble)
      ? `${name} is slow and worse together: too few instances`
      : `${name} is slow: too few instances`,
    expected: {
      effect: `each instance of ${name} gets ${percent(1 / instances)} fewer requests, and answers sooner`,
      microUsdPerDay: dayCost(situation.costs, name, 1),
    },
  };
};

const percent = (share: number) => `${Math.round(share * 100)} %`;
