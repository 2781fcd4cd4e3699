import { type CloudWatchClient, type MetricDataQuery, paginateGetMetricData } from "@aws-sdk/client-cloudwatch";
import type { LoadHour } from "../capacity/load.ts";
import { escaped } from "../monitoring/resultKeys.ts";
import { hourMs } from "../monitoring/windows.ts";

/** Of SageMaker by its names, of Assay by its own; latency in microseconds. */
const asked = [
  ["requests", "AWS/SageMaker", "Invocations", "Sum"],
  ["perInstance", "AWS/SageMaker", "InvocationsPerInstance", "Sum"],
  ["latency", "AWS/SageMaker", "ModelLatency", "p90"],
  ["prompt", "Assay", "PromptTokens", "Sum"],
  ["completion", "Assay", "CompletionTokens", "Sum"],
  ["gpu", "/aws/sagemaker/Endpoints", "GPUMemoryUtilization", "Maximum"],
] as const;
type Asked = (typeof asked)[number][0];

/** Four weeks, and the day before them: a median of four, and as much as CloudWatch tells by the hour for a year and more. */
const days = 29;

/** The hours of a variant in which it was asked anything, of the past four weeks, in order of time. */
export async function readLoad(
  cloudwatch: CloudWatchClient,
  endpoint: string,
  variant: string,
  nowMs: number,
): Promise<LoadHour[]> {
  const endMs = Math.floor(nowMs / hourMs) * hourMs;
  const span = { StartTime: new Date(endMs - days * 24 * hourMs), EndTime: new Date(endMs) };
  const byHour = new Map<number, Partial<Record<Asked, number>>>();
  const pages = paginateGetMetricData({ client: cloudwatch }, { ...span, MetricDataQueries: queriesOf(endpoint, variant) });
  for await (const { MetricDataResults = [] } of pages) {
    for (const { Id, Timestamps = [], Values = [] } of MetricDataResults) {
      for (const [i, at] of Timestamps.entries()) {
        const hour = byHour.get(at.getTime()) ?? {};
        byHour.set(at.getTime(), { ...hour, [Id as Asked]: Values[i] });
      }
    }
  }
  return [...byHour]
    .sort(([a], [b]) => a - b)
    .flatMap(([atMs, { requests, perInstance, latency, prompt, completion, gpu }]) => {
      if (requests === undefined) return [];
      const latencyMs = latency === undefined ? null : latency / 1_000;
      const tokens = { promptTokens: prompt ?? null, completionTokens: completion ?? null };
      return [{ atMs, requests, perInstance: perInstance ?? null, ...tokens, latencyMs, gpuMemoryPercent: gpu ?? null }];
    });
}

function queriesOf(endpoint: string, variant: string): MetricDataQuery[] {
  return asked.map(([Id, Namespace, MetricName, Stat]) => {
    const [of, by] = Namespace === "Assay" ? ["Endpoint", "Variant"] : ["EndpointName", "VariantName"];
    const Dimensions = [
      { Name: of, Value: escaped(endpoint) },
      { Name: by, Value: escaped(variant) },
    ];
    return { Id, MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period: hourMs / 1_000, Stat } };
  });
}
