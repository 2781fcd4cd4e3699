import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import type { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { type VariantCapacity, variantCapacity } from "../capacity/capacity.ts";
import type { CapacityState } from "../capacity/capacityState.ts";
import type { EndpointSettings } from "../config/assay.ts";
import type { MonitorFinding } from "../monitoring/finding.ts";
import { saveWithFindings } from "./findingWrites.ts";
import { readLoad } from "./load.ts";
import { describeServed } from "./served.ts";
import { keys, type Table } from "./table.ts";

/** Without a serving budget nobody has said what anything costs. */
const unpriced = { microUsdPerDay: 0, microUsdPerInstanceHour: {} };

/** What each variant of an endpoint can take, as its metrics say; `null`: there is no such endpoint. */
export async function readCapacity(
  endpoint: string,
  { latency, servingBudget }: Pick<EndpointSettings, "latency" | "servingBudget">,
  { cloudwatch, sagemaker, nowMs }: { cloudwatch: CloudWatchClient; sagemaker: SageMakerClient; nowMs: () => number },
): Promise<VariantCapacity[] | null> {
  const served = await describeServed(sagemaker, endpoint, servingBudget ?? unpriced);
  if (served === null) return null;
  const now = nowMs();
  const variants: VariantCapacity[] = [];
  for (const own of served)
    variants.push(variantCapacity(await readLoad(cloudwatch, endpoint, own.variant, now), own, latency.p90OverMs, now));
  return variants;
}

/** What is remembered of an endpoint's capacity, as it was last written, or `null`. */
export async function readCapacityState(table: Table, endpoint: string): Promise<CapacityState | null> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keys.capacity(endpoint), ConsistentRead: true }),
  );
  return Item ? (JSON.parse(Buffer.from(Item.state as Uint8Array).toString("utf8")) as CapacityState) : null;
}

/** See `saveWithFindings`. */
export function saveCapacityState(
  table: Table,
  state: CapacityState,
  findings: readonly MonitorFinding[],
  nowMs: number,
): Promise<boolean> {
  const bytes = Buffer.from(JSON.stringify(state));
  return saveWithFindings(table, { ...keys.capacity(state.endpoint), version: state.version, state: bytes }, findings, nowMs);
}
