import { type ComponentState, type EndpointState, isMonitored, type Trouble } from "../situation.ts";
import { type Objection, objection } from "./action.ts";

/**
 * The inference component that a trouble is with. A capture does not say which component answered: where a variant hosts several, only the
 * response's `model` tells, as the segment that moved (`segment: { by: model }` in assay.yml).
 */
export function componentOf(trouble: Trouble, variant: string, { components }: EndpointState): ComponentState | Objection {
  const hosted = components.filter((component) => component.variant === variant);
  const [only, ...others] = hosted;
  if (only === undefined) return objection(`${variant} hosts no inference component`);
  const found = others.length === 0 ? [only] : hosted.filter((component) => movedIn(trouble, component));
  const [component, another] = found;
  if (component === undefined || another !== undefined)
    return objection(
      `${variant} hosts ${hosted.map(({ name }) => name).join(", ")}, and nothing says which of them it is: ` +
        "segment by model, with models of different names",
    );
  return component.isInService ? component : objection(`inference component ${component.name} is being changed, or has failed`);
}

function movedIn(trouble: Trouble, { name, model }: ComponentState): boolean {
  return isMonitored(trouble) && (trouble.segments ?? []).some(({ segment }) => segment === name || segment === model);
}

export const isObjection = (found: ComponentState | Objection): found is Objection => "kind" in found;
