import { ApplicationAutoScalingServiceException } from "@aws-sdk/client-application-auto-scaling";
import {
  DescribeEndpointCommand,
  type SageMakerClient,
  SageMakerServiceException,
  UpdateEndpointWeightsAndCapacitiesCommand,
} from "@aws-sdk/client-sagemaker";
import type { Change } from "../remediation/decision.ts";
import { EndpointBusy } from "../remediation/endpointBusy.ts";
import { isWanted } from "../remediation/inspection.ts";
import type { EndpointState } from "../remediation/situation.ts";

/** An endpoint as it stands; `null` if there is none of that name. */
export async function describeEndpoint(sagemaker: SageMakerClient, name: string): Promise<EndpointState | null> {
  try {
    const { EndpointStatus, ProductionVariants = [] } = await sagemaker.send(new DescribeEndpointCommand({ EndpointName: name }));
    return {
      status: EndpointStatus!,
      variants: ProductionVariants.map(
        ({ VariantName, CurrentWeight, DesiredWeight, CurrentInstanceCount, DesiredInstanceCount }) => ({
          name: VariantName!,
          weight: CurrentWeight ?? 0, // SageMaker leaves out the weight of a variant that has none yet
          desiredWeight: DesiredWeight ?? CurrentWeight ?? 0,
          instances: CurrentInstanceCount ?? null,
          desiredInstances: DesiredInstanceCount ?? CurrentInstanceCount ?? null,
        }),
      ),
    };
  } catch (error) {
    // SageMaker has no error of its own for "Could not find endpoint". The name itself was validated with assay.yml.
    if (isValidation(error)) return null;
    throw error;
  }
}

/**
 * Changes weights or an instance count. Repeating it does nothing: what is wanted already is left alone.
 * @throws EndpointBusy while the endpoint is being changed in another way; what SageMaker says otherwise
 */
export async function changeEndpoint(
  sagemaker: SageMakerClient,
  name: string,
  change: Exclude<Change, { kind: "floor" }>,
): Promise<void> {
  const before = await describeEndpoint(sagemaker, name);
  if (before && isWanted(before, change)) return;
  const DesiredWeightsAndCapacities =
    change.kind === "weights"
      ? change.weights.map(({ variant, weight }) => ({ VariantName: variant, DesiredWeight: weight }))
      : [{ VariantName: change.variant, DesiredInstanceCount: change.instances }];
  try {
    await sagemaker.send(new UpdateEndpointWeightsAndCapacitiesCommand({ EndpointName: name, DesiredWeightsAndCapacities }));
  } catch (error) {
    // "Cannot update in-progress endpoint" is a ValidationException like any other: what the endpoint says of itself decides.
    if (!isValidation(error)) throw error;
    const after = await describeEndpoint(sagemaker, name);
    if (after && isWanted(after, change)) return;
    if (after && after.status !== "InService") {
      throw new EndpointBusy(`Endpoint ${name} is ${after.status} and takes no change now. It is tried again.`, { cause: error });
    }
    throw error;
  }
}

/**
 * Whether an error is the considered no of SageMaker or its scaling, so that nothing was changed. After a timeout, a throttle or an error of the
 * service's own nobody knows, and the same call must be made again.
 */
export function isRefusal(error: unknown): error is Error {
  const isAnswer = error instanceof SageMakerServiceException || error instanceof ApplicationAutoScalingServiceException;
  return isAnswer && error.$fault === "client" && !passing.has(error.name);
}

const passing: ReadonlySet<string> = new Set(["ThrottlingException", "ConcurrentUpdateException"]);

const isValidation = (error: unknown) => error instanceof SageMakerServiceException && error.name === "ValidationException";
