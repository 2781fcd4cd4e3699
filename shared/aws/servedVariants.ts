import { DescribeEndpointCommand, type SageMakerClient, SageMakerServiceException } from "@aws-sdk/client-sagemaker";

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
