import type { Change } from "../decision.ts";
import { type Action, objection } from "./action.ts";
import { componentOf, isObjection } from "./component.ts";
import { notOfThisDeployment } from "./swapModel.ts";
import { soundAnswers } from "./verifications.ts";

/** The model with which an inference component last served well, in place and copy by copy. Undone by the model from before. */
export const componentModel: Action = ({ trouble, variant, endpoint, situation }) => {
  const component = componentOf(trouble, variant.name, endpoint);
  if (isObjection(component)) return component;
  const { name, model } = component;
  if (model === null) return objection(`${name} names its container and no model: Assay could not bring it back`);
  const good = situation.configurations.lastGood?.components ?? {};
  const former = Object.hasOwn(good, name) ? good[name]! : null;
  if (former === null || former === model) return objection(`no earlier model of ${name} is known to have served well`);
  const late = notOfThisDeployment(trouble, situation);
  if (late !== null) return objection(late);
  const to = (one: string): Change => ({ kind: "component_model", component: name, model: one });
  return {
    kind: "component_model",
    variant: variant.name,
    component: name,
    model: former,
    change: to(former),
    before: to(model),
    undo: to(model),
    deeper: [],
    verify: soundAnswers(trouble, variant.name),
    because: `the answers of ${name} are worse since it has ${model}; ${former} served well until then`,
    expected: { effect: `${name} answers with ${former} again, copy by copy`, microUsdPerDay: 0 },
  };
};
