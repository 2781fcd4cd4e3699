import type { Metric, MetricValues } from "../../shared/reporting/span/source.ts";
import type { World } from "../world.ts";

const periodMs = 15 * 60_000;
const assay = { namespace: "Assay", stat: "Maximum" };

/** The newest quality and evidence of a variant that were published within the last half hour; `null` where none was. */
export async function readState(
  world: World,
  endpoint: string,
  variant: string,
  nowMs: number,
): Promise<{ quality: { estimate: number; lower: number; upper: number } | null; evidence: number | null }> {
  const of = { Endpoint: endpoint, Variant: variant };
  const qualities = ["Quality", "QualityLower", "QualityUpper"].map((name) => ({ ...assay, name, dimensions: of }));
  const asked = [...qualities, { ...assay, name: "Evidence", dimensions: { ...of, Signal: "quality" } }];
  const read = await readMetrics(world, asked, nowMs - 2 * periodMs, nowMs + 60_000, 60_000);
  const [theta, low, high, e] = read.map((values) => [...values.values()].at(-1));
  const quality =
    theta === undefined || low === undefined || high === undefined ? null : { estimate: theta, lower: low, upper: high };
  return { quality, evidence: e ?? null };
}

/** What CloudWatch has, in steps from a moment on. A step in which nothing was published has no value. */
export async function readMetrics(
  world: World,
  asked: readonly Metric[],
  fromMs: number,
  untilMs: number,
  everyMs: number,
): Promise<MetricValues[]> {
  const { MetricDataResults } = (await world.call("monitoring", "GetMetricData", {
    StartTime: fromMs / 1_000,
    EndTime: untilMs / 1_000,
    ScanBy: "TimestampAscending",
    MetricDataQueries: asked.map(({ namespace, name, dimensions, stat }, k) => ({
      Id: `m${k}`,
      MetricStat: {
        Metric: {
          Namespace: namespace,
          MetricName: name,
          Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
        },
        Period: everyMs / 1_000,
        Stat: stat,
      },
    })),
  })) as { MetricDataResults: { Timestamps: number[]; Values: number[] }[] };
  return MetricDataResults.map(({ Timestamps, Values }) => new Map(Timestamps.map((at, k) => [at * 1_000, Values[k]!])));
}
