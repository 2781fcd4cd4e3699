import type { Change } from "./decision.ts";
import type { EndpointState, VariantState } from "./situation.ts";

/** A change of weights takes seconds, an instance minutes; an hour is more than SageMaker ever needs for one. */
const longestMs = 60 * 60_000;

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
      break;
    case "Creating":
    case "Updating":
    case "SystemUpdating":
    case "RollingBack":
      break;
  }
  if (nowMs - sinceMs > longestMs)
    return { state: "failed", because: `endpoint ${name} is still ${status} and not as wanted, an hour after the change` };
  return { state: "changing", because: `endpoint ${name} is ${status}, not yet as wanted` };
}

/** Whether an endpoint is meant to be as the change says, done or not. */
export function isWanted({ variants }: EndpointState, change: Change): boolean {
  return holds(variants, change, ({ desiredWeight, desiredInstances }) => ({
    weight: desiredWeight,
    instances: desiredInstances,
  }));
}

function isInEffect({ variants }: EndpointState, change: Change): boolean {
  return holds(variants, change, ({ weight, instances }) => ({ weight, instances }));
}

type Capacity = { weight: number; instances: number | null };

function holds(variants: readonly VariantState[], change: Change, of: (variant: VariantState) => Capacity): boolean {
  const now = (name: string) => variants.filter((variant) => variant.name === name).map(of);
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
  }
}
