import {
  DescribeEndpointCommand,
  type SageMakerClient,
  SageMakerServiceException,
  UpdateEndpointWeightsAndCapacitiesCommand,
} from "@aws-sdk/client-sagemaker";
import { EndpointBusy } from "../remediation/endpointBusy.ts";
import type { EndpointState, Weight } from "../remediation/policy.ts";

/** An endpoint as it stands; `null` if there is none of that name. */
export async function describeEndpoint(sagemaker: SageMakerClient, name: string): Promise<EndpointState | null> {
  try {
    const { EndpointStatus, ProductionVariants = [] } = await sagemaker.send(new DescribeEndpointCommand({ EndpointName: name }));
    return {
      status: EndpointStatus!,
      variants: ProductionVariants.map(({ VariantName, CurrentWeight, DesiredWeight, CurrentInstanceCount }) => ({
        name: VariantName!,
        weight: CurrentWeight ?? 0, // SageMaker leaves out the weight of a variant that has none yet
        desiredWeight: DesiredWeight ?? CurrentWeight ?? 0,
        instances: CurrentInstanceCount ?? null,
      })),
    };
  } catch (error) {
    // SageMaker has no error of its own for "Could not find endpoint". The name itself was validated with assay.yml.
    if (isValidation(error)) return null;
    throw error;
  }
}

/**
 * Sets the weights of some variants. Repeating it does nothing: weights that are desired already are left alone.
 * @throws EndpointBusy while the endpoint is being changed in another way; what SageMaker says otherwise
 */
export async function setWeights(sagemaker: SageMakerClient, name: string, weights: readonly Weight[]): Promise<void> {
  const before = await describeEndpoint(sagemaker, name);
  if (before && hasWeights(before, weights)) return;
  try {
    await sagemaker.send(
      new UpdateEndpointWeightsAndCapacitiesCommand({
        EndpointName: name,
        DesiredWeightsAndCapacities: weights.map(({ variant, weight }) => ({ VariantName: variant, DesiredWeight: weight })),
      }),
    );
  } catch (error) {
    // "Cannot update in-progress endpoint" is a ValidationException like any other: what the endpoint says of itself decides.
    if (!isValidation(error)) throw error;
    const after = await describeEndpoint(sagemaker, name);
    if (after && hasWeights(after, weights)) return;
    if (after && after.status !== "InService") {
      throw new EndpointBusy(`Endpoint ${name} is ${after.status} and takes no change now. The alarm comes again.`, {
        cause: error,
      });
    }
    throw error;
  }
}

/**
 * Whether an error is SageMaker's considered no, so that nothing was changed. After a timeout, a throttle or an error of the
 * service's own nobody knows, and the same call must be made again.
 */
export function isRefusal(error: unknown): error is SageMakerServiceException {
  return error instanceof SageMakerServiceException && error.$fault === "client" && error.name !== "ThrottlingException";
}

function hasWeights({ variants }: EndpointState, weights: readonly Weight[]): boolean {
  return weights.every(({ variant, weight }) => variants.some((v) => v.name === variant && v.desiredWeight === weight));
}

const isValidation = (error: unknown) => error instanceof SageMakerServiceException && error.name === "ValidationException";
