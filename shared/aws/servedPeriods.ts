import { type CloudWatchClient, GetMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { type Served, strainPeriodMs } from "../monitoring/strain.ts";

/** SageMaker's metrics of a variant, and what is asked of them. Its latency is in microseconds. */
const asked = [
  ["requests", "Invocations", "Sum"],
  ["errors", "Invocation5XXErrors", "Sum"],
  ["p90", "ModelLatency", "p90"],
] as const;

/** A change may have begun long before it is found; how a variant was served is asked for one day back. */
const furthestMs = 24 * 3_600_000;

/**
 * How an endpoint's variants were served, in periods of five minutes: requests, those that failed, and latency.
 * @param since variant → since when, epoch milliseconds
 */
export async function readServed(
  cloudwatch: CloudWatchClient,
  endpoint: string,
  since: ReadonlyMap<string, number>,
  nowMs: number,
): Promise<Served["periods"]> {
  const fromMs = Math.max(nowMs - furthestMs, Math.min(...since.values()));
  const variants = [...since.keys()];
  const { MetricDataResults = [] } = await cloudwatch.send(
    new GetMetricDataCommand({
      StartTime: new Date(Math.floor(fromMs / strainPeriodMs) * strainPeriodMs),
      EndTime: new Date(nowMs),
      ScanBy: "TimestampAscending",
      MetricDataQueries: variants.flatMap((variant, i) =>
        asked.map(([id, MetricName, Stat]) => {
          const Dimensions = [
            { Name: "EndpointName", Value: endpoint },
            { Name: "VariantName", Value: variant },
          ];
          const Metric = { Namespace: "AWS/SageMaker", MetricName, Dimensions };
          return { Id: `${id}${i}`, MetricStat: { Metric, Period: strainPeriodMs / 1_000, Stat } };
        }),
      ),
    }),
  );
  const valuesOf = (id: string) => {
    const { Timestamps = [], Values = [] } = MetricDataResults.find(({ Id }) => Id === id) ?? {};
    return new Map(Timestamps.map((at, i) => [at.getTime(), Values[i]!])); // one for each
  };
  return Object.fromEntries(
    variants.map((variant, i) => {
      const [requests, errors, p90] = asked.map(([id]) => valuesOf(`${id}${i}`)) as [Values, Values, Values];
      const periods = [...requests].map(([atMs, n]) => {
        const p90Us = p90.get(atMs);
        return { atMs, requests: n, errors: errors.get(atMs) ?? 0, p90Ms: p90Us === undefined ? null : p90Us / 1_000 };
      });
      return [variant, periods.filter((period) => period.requests > 0).sort((a, b) => a.atMs - b.atMs)];
    }),
  );
}

/** Epoch milliseconds → what was measured from then on. */
type Values = Map<number, number>;
