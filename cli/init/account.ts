import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import {
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  paginateListEndpoints,
  SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { readNotifications } from "../../shared/aws/bucketEvents.ts";
import { countRequests } from "../../shared/aws/requests.ts";
import type { FoundBucket, FoundEndpoint } from "../../shared/config/starter.ts";

const dayMs = 86_400_000;
const week = 7;

/** Endpoints that serve, those of `names` or all: variants, instances, capture, and the traffic of the last week. */
export async function endpointsInAccount(names: readonly string[], nowMs: number, tell: (name: string) => void) {
  const sagemaker = new SageMakerClient();
  const cloudwatch = new CloudWatchClient();
  const serving: string[] = [...names];
  if (names.length === 0)
    for await (const { Endpoints = [] } of paginateListEndpoints({ client: sagemaker }, { StatusEquals: "InService" }))
      serving.push(...Endpoints.map(({ EndpointName }) => EndpointName!));
  const found: FoundEndpoint[] = [];
  for (const EndpointName of serving) {
    tell(EndpointName);
    const described = await sagemaker.send(new DescribeEndpointCommand({ EndpointName }));
    const { EndpointConfigName, ProductionVariants = [], DataCaptureConfig: capture } = described;
    const config = await sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName }));
    const variants = ProductionVariants.map(({ VariantName }) => VariantName!);
    const minute = Math.floor(nowMs / 60_000) * 60_000;
    const counts = await countRequests(cloudwatch, EndpointName, variants, minute - week * dayMs, minute);
    const requests = [...counts.values()].reduce((a, b) => a + b, 0);
    found.push({
      name: EndpointName,
      variants,
      instanceTypes: [...new Set(config.ProductionVariants?.flatMap(({ InstanceType }) => InstanceType ?? []))],
      capture:
        capture?.EnableCapture && capture.DestinationS3Uri
          ? { to: capture.DestinationS3Uri, percentage: capture.CurrentSamplingPercentage ?? 100 }
          : null,
      requestsPerDay: requests / week,
    });
  }
  return found;
}

/** The bucket of an s3:// URL and whom it notifies; `null` where there is none. */
export async function bucketAt(url: string): Promise<FoundBucket | null> {
  const [, name, prefix] = /^s3:\/\/([^/]+)\/?(.*?)\/?$/.exec(url) ?? [];
  if (name === undefined || prefix === undefined) return null;
  try {
    const { EventBridgeConfiguration, ...others } = await readNotifications(new S3Client({ followRegionRedirects: true }), name);
    const told = Object.values(others).flatMap((configured) =>
      (configured ?? []).map((one) =>
        "QueueArn" in one ? one.QueueArn : "TopicArn" in one ? one.TopicArn : one.LambdaFunctionArn,
      ),
    );
    return { name, prefix, sendsEvents: EventBridgeConfiguration !== undefined, others: told.flatMap((arn) => arn ?? []) };
  } catch (error) {
    if (error instanceof S3ServiceException && error.name === "NoSuchBucket") return null;
    throw error;
  }
}
