import {
  DescribeEndpointCommand,
  DescribeInferenceComponentCommand,
  type SageMakerClient,
  SageMakerServiceException,
} from "@aws-sdk/client-sagemaker";

/** Who answers at an endpoint. Another model means another configuration, whose name is new. */
export type Serving = { configuration: string; variants: string[] };

/** What an endpoint serves now; `null` if there is none of that name. */
export async function describeServing(sagemaker: SageMakerClient, endpoint: string): Promise<Serving | null> {
  try {
    const { EndpointConfigName, ProductionVariants = [] } = await sagemaker.send(
      new DescribeEndpointCommand({ EndpointName: endpoint }),
    );
    // Without a configuration yet, it is being created.
    return { configuration: EndpointConfigName ?? "", variants: ProductionVariants.map(({ VariantName }) => VariantName!) };
  } catch (error) {
    // SageMaker has no error of its own for "Could not find endpoint".
    if (error instanceof SageMakerServiceException && error.name === "ValidationException") return null;
    throw error;
  }
}

/** Where an inference component runs, and what it serves; `null` if there is none of that name. */
export async function describeComponent(
  sagemaker: SageMakerClient,
  component: string,
): Promise<{ endpoint: string; model: string } | null> {
  try {
    const { EndpointName, Specification, LastModifiedTime } = await sagemaker.send(
      new DescribeInferenceComponentCommand({ InferenceComponentName: component }),
    );
    // A component may have its container without a model's name, and may be given another one: then the time tells.
    const model = Specification?.ModelName ?? `as of ${LastModifiedTime?.toISOString()}`;
    return { endpoint: EndpointName!, model };
  } catch (error) {
    // Like that of an endpoint.
    if (error instanceof SageMakerServiceException && error.name === "ValidationException") return null;
    throw error;
  }
}
