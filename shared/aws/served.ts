import {
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  type SageMakerClient,
  SageMakerServiceException,
} from "@aws-sdk/client-sagemaker";
import type { ServingBudget } from "../config/assay.ts";
import type { ServedVariant } from "../monitoring/serving.ts";

/**
 * On how many instances of which type and price each variant of an endpoint runs now, those in the shadow too; `null` if there is none of that name. A
 * serverless variant has no instances.
 */
export async function describeServed(
  sagemaker: SageMakerClient,
  endpoint: string,
  { microUsdPerInstanceHour: prices }: ServingBudget,
): Promise<ServedVariant[] | null> {
  const described = await known(sagemaker.send(new DescribeEndpointCommand({ EndpointName: endpoint })));
  if (described === null) return null;
  const { ProductionVariants = [], ShadowProductionVariants = [], EndpointConfigName } = described;
  const variants = [...ProductionVariants, ...ShadowProductionVariants];
  const priceOf = (name: string | null) => (name !== null && Object.hasOwn(prices, name) ? prices[name]! : null);
  // What every variant has a price of its own for, nobody needs to ask.
  const asks = variants.some(({ VariantName }) => priceOf(VariantName!) === null);
  const config =
    asks && EndpointConfigName !== undefined
      ? await known(sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName })))
      : null;
  const configuredAs = [...(config?.ProductionVariants ?? []), ...(config?.ShadowProductionVariants ?? [])];
  return variants.map(({ VariantName, CurrentInstanceCount = 0 }) => {
    const variant = VariantName!; // every variant has one
    const configured = configuredAs.find((one) => one.VariantName === variant);
    const instanceType = configured?.InstanceType ?? null;
    return { variant, instances: CurrentInstanceCount, instanceType, microUsdPerHour: priceOf(variant) ?? priceOf(instanceType) };
  });
}

/** The variants that get a copy of an endpoint's requests now; none where there is no endpoint of that name. */
export async function shadowsOf(sagemaker: SageMakerClient, endpoint: string): Promise<string[]> {
  const described = await known(sagemaker.send(new DescribeEndpointCommand({ EndpointName: endpoint })));
  return (described?.ShadowProductionVariants ?? []).map(({ VariantName }) => VariantName!); // every variant has one
}

/**
 * Variant → name of the model that an endpoint's configuration gives it; `null` if there is none of that name. A variant without one,
 * whose models are inference components, is left out.
 */
export async function servedModels(sagemaker: SageMakerClient, endpoint: string): Promise<Record<string, string> | null> {
  const described = await known(sagemaker.send(new DescribeEndpointCommand({ EndpointName: endpoint })));
  const EndpointConfigName = described?.EndpointConfigName;
  if (EndpointConfigName === undefined) return null;
  const config = await known(sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName })));
  if (config === null) return null;
  const named = (config.ProductionVariants ?? []).flatMap(
    ({ VariantName, ModelName }) => (ModelName === undefined ? [] : [[VariantName!, ModelName] as const]), // every variant has a name
  );
  return Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** SageMaker has no error of its own for "Could not find"; the name was validated with assay.yml, or came from SageMaker. */
async function known<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof SageMakerServiceException && error.name === "ValidationException") return null;
    throw error;
  }
}
