import { type CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import type { Datum } from "../monitoring/metrics.ts";

const namespace = "Assay";
/** CloudWatch takes 1,000, and 1 MB: 500 datums of 101 values each stay under both. */
const datumsPerRequest = 500;

export async function putMetrics(cloudwatch: CloudWatchClient, datums: readonly Datum[]): Promise<void> {
  for (let i = 0; i < datums.length; i += datumsPerRequest) {
    const MetricData = datums.slice(i, i + datumsPerRequest).map(({ name, dimensions, timestampMs, unit, values, counts }) => ({
      MetricName: name,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      Timestamp: new Date(timestampMs),
      Unit: unit,
      Values: values,
      Counts: counts,
    }));
    await cloudwatch.send(new PutMetricDataCommand({ Namespace: namespace, MetricData }));
  }
}
