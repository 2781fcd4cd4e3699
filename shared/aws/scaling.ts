import {
  type ApplicationAutoScalingClient,
  ConcurrentUpdateException,
  paginateDescribeScalableTargets,
  RegisterScalableTargetCommand,
} from "@aws-sdk/client-application-auto-scaling";
import { EndpointBusy } from "../remediation/endpointBusy.ts";
import type { ScalingBounds } from "../remediation/situation.ts";

const scaled = { ServiceNamespace: "sagemaker", ScalableDimension: "sagemaker:variant:DesiredInstanceCount" } as const;
const resourceOf = (endpoint: string, variant: string) => `endpoint/${endpoint}/variant/${variant}`;

/** The variants of an endpoint that Application Auto Scaling keeps within bounds. */
export async function readScaling(
  scaling: ApplicationAutoScalingClient,
  endpoint: string,
  variants: readonly string[],
): Promise<Map<string, ScalingBounds>> {
  const bounds = new Map<string, ScalingBounds>();
  const byResource = new Map(variants.map((variant) => [resourceOf(endpoint, variant), variant]));
  const ResourceIds = [...byResource.keys()];
  for await (const { ScalableTargets = [] } of paginateDescribeScalableTargets({ client: scaling }, { ...scaled, ResourceIds })) {
    for (const { ResourceId, MinCapacity, MaxCapacity } of ScalableTargets)
      bounds.set(byResource.get(ResourceId!)!, { min: MinCapacity!, max: MaxCapacity! }); // we asked for these only
  }
  return bounds;
}

/**
 * Raises the least that a scalable variant may have. What is not given stays as it was, and repeating it does nothing.
 * @throws EndpointBusy while its bounds are being changed in another way; what the service says otherwise
 */
export async function setFloor(
  scaling: ApplicationAutoScalingClient,
  endpoint: string,
  { variant, instances }: { variant: string; instances: number },
): Promise<void> {
  try {
    const ResourceId = resourceOf(endpoint, variant);
    await scaling.send(new RegisterScalableTargetCommand({ ...scaled, ResourceId, MinCapacity: instances }));
  } catch (error) {
    if (!(error instanceof ConcurrentUpdateException)) throw error;
    throw new EndpointBusy(`The scaling of ${variant} of ${endpoint} is being changed. It is tried again.`, { cause: error });
  }
}
