import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { readCapacity } from "../../shared/aws/capacityState.ts";
import type { VariantCapacity } from "../../shared/capacity/capacity.ts";
import type { EndpointSettings } from "../../shared/config/assay.ts";

/** With the caller's own credentials. @returns `null` where there is no such endpoint */
export function readLive(endpoint: string, settings: EndpointSettings): Promise<VariantCapacity[] | null> {
  return readCapacity(endpoint, settings, {
    cloudwatch: new CloudWatchClient(),
    sagemaker: new SageMakerClient(),
    nowMs: Date.now,
  });
}
