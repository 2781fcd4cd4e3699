import { dayCost } from "../costs.ts";
import type { Change } from "../decision.ts";
import { type Action, objection } from "./action.ts";
import { componentOf, isObjection } from "./component.ts";
import { quickAnswers } from "./verifications.ts";

/**
 * One more copy of an inference component: through the floor of Application Auto Scaling where that scales it, else its desired count.
 * Verified and deepened like an instance (scaleOut.ts). A copy may bring an instance with it, and is counted as one.
 */
export const copies: Action = ({ trouble, variant, endpoint, situation, limits }) => {
  const component = componentOf(trouble, variant.name, endpoint);
  if (isObjection(component)) return component;
  const { name, desiredCopies } = component;
  if (desiredCopies === 0) return objection(`${name} has no copy that one more could help`);
  const bounds = situation.componentScaling.get(name);
  const count = desiredCopies + 1;
  if (bounds && count > bounds.max)
    return objection(`${name} has all ${bounds.max} copies that its scaling allows: raise the maximum of its scalable target`);
  const to = (copies: number): Change => ({ kind: bounds ? "copies_floor" : "copies", component: name, copies });
  const before = to(bounds ? bounds.min : desiredCopies);
  const most = Math.min(bounds?.max ?? limits.maxInstances, limits.maxInstances);
  return {
    kind: "copies",
    variant: variant.name,
    component: name,
    copies: count,
    change: to(count),
    before,
    undo: before,
    deeper: count + 1 <= most ? [to(count + 1)] : [],
    verify: quickAnswers(trouble, variant.name),
    because: `${name} on ${variant.name} is slow: too few copies`,
    expected: {
      effect: `each copy of ${name} gets ${Math.round(100 / count)} % fewer requests, and answers sooner`,
      microUsdPerDay: dayCost(situation.costs, variant.name, 1),
    },
  };
};
