import { ApplicationAutoScalingServiceException } from "@aws-sdk/client-application-auto-scaling";
import {
  DescribeEndpointCommand,
  DescribeInferenceComponentCommand,
  type ProductionVariantSummary,
  paginateListInferenceComponents,
  type SageMakerClient,
  SageMakerServiceException,
} from "@aws-sdk/client-sagemaker";
import type { ComponentState, EndpointState, VariantState } from "../remediation/situation.ts";

/** An endpoint as it stands, with its inference components; `null` if there is none of that name. */
export async function describeEndpoint(sagemaker: SageMakerClient, name: string): Promise<EndpointState | null> {
  try {
    const described = await sagemaker.send(new DescribeEndpointCommand({ EndpointName: name }));
    const { EndpointStatus, EndpointConfigName, PendingDeploymentSummary, ProductionVariants = [] } = described;
    const { ShadowProductionVariants = [] } = described;
    // A variant with a model of its own runs its image.
    const mayHost = ProductionVariants.some(({ DeployedImages = [] }) => DeployedImages.length === 0);
    return {
      status: EndpointStatus!,
      configuration: PendingDeploymentSummary?.EndpointConfigName ?? EndpointConfigName ?? "",
      variants: ProductionVariants.map(variantState),
      shadows: ShadowProductionVariants.map(({ VariantName }) => VariantName!), // every variant has one
      components: mayHost ? await describeComponents(sagemaker, name) : [],
    };
  } catch (error) {
    // SageMaker has no error of its own for "Could not find endpoint". The name itself was validated with assay.yml.
    if (isValidation(error)) return null;
    throw error;
  }
}

function variantState({
  VariantName,
  CurrentWeight,
  DesiredWeight,
  CurrentInstanceCount,
  DesiredInstanceCount,
}: ProductionVariantSummary): VariantState {
  return {
    name: VariantName!,
    weight: CurrentWeight ?? 0, // SageMaker leaves out the weight of a variant that has none yet
    desiredWeight: DesiredWeight ?? CurrentWeight ?? 0,
    instances: CurrentInstanceCount ?? null,
    desiredInstances: DesiredInstanceCount ?? CurrentInstanceCount ?? null,
  };
}

async function describeComponents(sagemaker: SageMakerClient, endpoint: string): Promise<ComponentState[]> {
  const states: ComponentState[] = [];
  for await (const { InferenceComponents = [] } of paginateListInferenceComponents(
    { client: sagemaker },
    { EndpointNameEquals: endpoint },
  )) {
    for (const { InferenceComponentName } of InferenceComponents) {
      const own = await sagemaker.send(
        new DescribeInferenceComponentCommand({ InferenceComponentName: InferenceComponentName! }),
      );
      const { CurrentCopyCount = 0, DesiredCopyCount = CurrentCopyCount } = own.RuntimeConfig ?? {};
      states.push({
        name: InferenceComponentName!,
        variant: own.VariantName ?? "",
        isInService: own.InferenceComponentStatus === "InService",
        copies: CurrentCopyCount,
        desiredCopies: DesiredCopyCount,
        model: own.Specification?.ModelName ?? null,
      });
    }
  }
  return states.sort((a, b) => (a.name < b.name ? -1 : 1));
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

/** What SageMaker says of a name that it does not know, and of a change that it does not take now. */
export const isValidation = (error: unknown) =>
  error instanceof SageMakerServiceException && error.name === "ValidationException";
