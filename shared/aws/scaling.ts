import {
  type ApplicationAutoScalingClient,
  ConcurrentUpdateException,
  paginateDescribeScalableTargets,
  RegisterScalableTargetCommand,
  type ScalableDimension,
} from "@aws-sdk/client-application-auto-scaling";
import { ChangedMeanwhile } from "../remediation/changedMeanwhile.ts";
import type { Change } from "../remediation/decision.ts";
import { EndpointBusy } from "../remediation/endpointBusy.ts";
import type { ScalingBounds } from "../remediation/situation.ts";

type FloorChange = Extract<Change, { kind: "floor" | "copies_floor" }>;

const ServiceNamespace = "sagemaker";
const variants: ScalableDimension = "sagemaker:variant:DesiredInstanceCount";
const components: ScalableDimension = "sagemaker:inference-component:DesiredCopyCount";
const variantId = (endpoint: string, variant: string) => `endpoint/${endpoint}/variant/${variant}`;
const componentId = (component: string) => `inference-component/${component}`;

/** The variants of an endpoint that Application Auto Scaling keeps within bounds. */
export function readScaling(
  scaling: ApplicationAutoScalingClient,
  endpoint: string,
  names: readonly string[],
): Promise<Map<string, ScalingBounds>> {
  return readBounds(scaling, variants, new Map(names.map((name) => [variantId(endpoint, name), name])));
}

/** The inference components that it does. */
export function readComponentScaling(
  scaling: ApplicationAutoScalingClient,
  names: readonly string[],
): Promise<Map<string, ScalingBounds>> {
  return readBounds(scaling, components, new Map(names.map((name) => [componentId(name), name])));
}

async function readBounds(
  scaling: ApplicationAutoScalingClient,
  ScalableDimension: ScalableDimension,
  byResource: ReadonlyMap<string, string>,
): Promise<Map<string, ScalingBounds>> {
  const bounds = new Map<string, ScalingBounds>();
  const ResourceIds = [...byResource.keys()];
  if (ResourceIds.length === 0) return bounds; // for none it would tell of all
  const asked = { ServiceNamespace, ScalableDimension, ResourceIds } as const;
  for await (const { ScalableTargets = [] } of paginateDescribeScalableTargets({ client: scaling }, asked)) {
    for (const { ResourceId, MinCapacity, MaxCapacity } of ScalableTargets)
      bounds.set(byResource.get(ResourceId!)!, { min: MinCapacity!, max: MaxCapacity! }); // we asked for these only
  }
  return bounds;
}

/**
 * Sets the least that a scalable variant or component may have. What is not given stays as it was, and repeating it does nothing.
 * @param before the floor when this was decided
 * @throws ChangedMeanwhile where it is neither so nor as wanted; EndpointBusy while its bounds are being changed in another way; what the
 *   service says otherwise
 */
export async function setFloor(
  scaling: ApplicationAutoScalingClient,
  endpoint: string,
  change: FloorChange,
  before: FloorChange,
): Promise<void> {
  const isVariant = change.kind === "floor";
  const ResourceId = isVariant ? variantId(endpoint, change.variant) : componentId(change.component);
  const ScalableDimension = isVariant ? variants : components;
  const [now] = (await readBounds(scaling, ScalableDimension, new Map([[ResourceId, ResourceId]]))).values();
  if (now?.min === floorOf(change)) return;
  if (now?.min !== floorOf(before)) throw new ChangedMeanwhile(endpoint, change);
  try {
    const MinCapacity = floorOf(change);
    await scaling.send(new RegisterScalableTargetCommand({ ServiceNamespace, ScalableDimension, ResourceId, MinCapacity }));
  } catch (error) {
    if (!(error instanceof ConcurrentUpdateException)) throw error;
    throw new EndpointBusy(`The scaling of ${ResourceId} is being changed. It is tried again.`, { cause: error });
  }
}

const floorOf = (change: FloorChange) => (change.kind === "floor" ? change.instances : change.copies);
