import type { Change } from "./decision.ts";
import type { ComponentState, EndpointState, VariantState } from "./situation.ts";

/** A change of weights takes seconds, an instance minutes; an hour is more than SageMaker ever needs for one. */
const longestMs = 60 * 60_000;
/** A new fleet loads its models, and takes over in two steps; see `deploymentOf` in aws/changeEndpoint.ts. */
const longestDeploymentMs = 3 * 3_600_000;
/** SageMaker says `Updating` at once. If it is in service with the former configuration after that, it went back. */
const deploymentBeginsMs = 2 * 60_000;

/** `in_service`: the change is in effect. `failed`: it will not come into effect by waiting. */
export type Inspection = { state: "in_service" | "changing" | "failed"; because: string };

/**
 * Whether a change has come into effect.
 * @param endpoint as SageMaker describes it, `null` if it is gone
 * @param sinceMs  when the change was made, epoch milliseconds
 */
export function inspect(
  name: string,
  endpoint: EndpointState | null,
  change: Change,
  sinceMs: number,
  nowMs: number,
): Inspection {
  if (endpoint === null) return { state: "failed", because: `endpoint ${name} does not exist any more` };
  const { status } = endpoint;
  switch (status) {
    case "Failed":
    case "OutOfService":
    case "Deleting":
    case "UpdateRollbackFailed":
      return { state: "failed", because: `endpoint ${name} is ${status} after the change: a person must repair it` };
    case "InService":
      if (isInEffect(endpoint, change)) return { state: "in_service", because: `endpoint ${name} is in service as wanted` };
      if (change.kind === "configuration" && nowMs - sinceMs > deploymentBeginsMs)
        return {
          state: "failed",
          because: `endpoint ${name} serves ${endpoint.configuration}, not ${change.configuration}: SageMaker went back, or somebody else changed it`,
        };
      break;
    case "Creating":
    case "Updating":
    case "SystemUpdating":
    case "RollingBack":
      break;
  }
  const mostMs = change.kind === "configuration" || change.kind === "component_model" ? longestDeploymentMs : longestMs;
  if (nowMs - sinceMs > mostMs) {
    const hours = mostMs / 3_600_000 === 1 ? "an hour" : `${mostMs / 3_600_000} hours`;
    return { state: "failed", because: `endpoint ${name} is still ${status} and not as wanted, ${hours} after the change` };
  }
  return { state: "changing", because: `endpoint ${name} is ${status}, not yet as wanted` };
}

/** Whether an endpoint is meant to be as the change says, done or not. */
export function isWanted(endpoint: EndpointState, change: Change): boolean {
  return holds(
    endpoint,
    change,
    ({ desiredWeight, desiredInstances }) => ({ weight: desiredWeight, instances: desiredInstances }),
    ({ desiredCopies }) => desiredCopies,
  );
}

function isInEffect(endpoint: EndpointState, change: Change): boolean {
  const isSettled = endpoint.components.every((component) => component.name !== componentOf(change) || component.isInService);
  return (
    isSettled &&
    holds(
      endpoint,
      change,
      (variant) => variant,
      ({ copies }) => copies,
    )
  );
}

const componentOf = (change: Change) => ("component" in change ? change.component : null);

type Capacity = { weight: number; instances: number | null };

function holds(
  { configuration, variants, components }: EndpointState,
  change: Change,
  of: (variant: VariantState) => Capacity,
  copiesOf: (component: ComponentState) => number,
): boolean {
  const now = (name: string) => variants.filter((variant) => variant.name === name).map(of);
  const component = (name: string) => components.filter((candidate) => candidate.name === name);
  switch (change.kind) {
    case "weights":
      // SageMaker keeps weights in single precision.
      return change.weights.every(({ variant, weight }) =>
        now(variant).some((v) => Math.fround(v.weight) === Math.fround(weight)),
      );
    case "instances":
      return now(change.variant).some(({ instances }) => instances === change.instances);
    case "floor":
      return now(change.variant).some(({ instances }) => instances !== null && instances >= change.instances);
    case "configuration":
      return configuration === change.configuration;
    case "copies":
      return component(change.component).some((own) => copiesOf(own) === change.copies);
    case "copies_floor":
      return component(change.component).some((own) => copiesOf(own) >= change.copies);
    case "component_model":
      return component(change.component).some(({ model }) => model === change.model);
  }
}
