import { DescribeEndpointConfigCommand, type SageMakerClient } from "@aws-sdk/client-sagemaker";
import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { ConfigurationLog, Served } from "../remediation/configurations.ts";
import type { EndpointState } from "../remediation/situation.ts";
import { keys, type Table } from "./table.ts";

/** What an endpoint serves now: its configuration's variants and capture, and its components' models. */
export async function describeServedConfiguration(
  sagemaker: SageMakerClient,
  { configuration, components }: EndpointState,
): Promise<Served> {
  const config = await sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName: configuration }));
  const variants = (config.ProductionVariants ?? []).map(({ VariantName, ModelName, InstanceType }) => ({
    name: VariantName!, // every variant has one
    model: ModelName ?? null,
    instanceType: InstanceType ?? null,
  }));
  const named = components.flatMap(({ name, model }) => (model === null ? [] : [[name, model] as const]));
  const captures = config.DataCaptureConfig?.EnableCapture !== false;
  return {
    name: configuration,
    variants,
    components: Object.fromEntries(named),
    capture: config.DataCaptureConfig && captures ? JSON.stringify(config.DataCaptureConfig) : null,
  };
}

/** What an endpoint has served, as it was last noted; `null`: never. */
export async function readConfigurationLog(table: Table, endpoint: string): Promise<ConfigurationLog | null> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keys.configurations(endpoint), ConsistentRead: true }),
  );
  return (Item?.log as ConfigurationLog | undefined) ?? null;
}

/** One tick follows another; of two at once both say the same, so the last one may win. */
export async function saveConfigurationLog(table: Table, endpoint: string, log: ConfigurationLog): Promise<void> {
  await table.client.send(new PutCommand({ TableName: table.name, Item: { ...keys.configurations(endpoint), log } }));
}
