import type { Point, QualityPoint, VariantCurves } from "../../shared/reporting/page/dayReport.ts";
import type { World } from "../world.ts";

const periodMs = 15 * 60_000;

type Statistic = { namespace: string; name: string; dimensions: Record<string, string>; stat: string };
/** By the start of its period, epoch milliseconds. */
type Values = ReadonlyMap<number, number>;

/** What CloudWatch has of each variant, in steps of 15 minutes. A step in which nothing was published is a gap. */
export async function readCurves(
  world: World,
  endpoint: string,
  variants: readonly string[],
  fromMs: number,
  untilMs: number,
): Promise<VariantCurves[]> {
  const statistics = variants.flatMap((variant) => Object.values(statisticsOf(endpoint, variant)));
  const read = await readStatistics(world, statistics, fromMs, untilMs, periodMs);
  const steps = Array.from({ length: Math.ceil((untilMs - fromMs) / periodMs) }, (_, k) => fromMs + k * periodMs);
  const perVariant = variants.map(
    (_, k) => read.slice(k * kinds, (k + 1) * kinds) as [Values, Values, Values, Values, Values, Values],
  );
  const sent = (atMs: number) => perVariant.reduce((sum, [, , , , , invocations]) => sum + (invocations.get(atMs) ?? 0), 0);

  return perVariant.map(([estimate, lower, upper, evidence, latency, invocations], k) => {
    const points = (value: (atMs: number) => number | null): Point[] =>
      steps.map((atMs) => ({ at: new Date(atMs).toISOString(), value: value(atMs) }));
    return {
      variant: variants[k]!,
      quality: steps.map(
        (atMs): QualityPoint => ({
          at: new Date(atMs).toISOString(),
          estimate: estimate.get(atMs) ?? null,
          lower: lower.get(atMs) ?? null,
          upper: upper.get(atMs) ?? null,
        }),
      ),
      evidence: points((atMs) => evidence.get(atMs) ?? null),
      // SageMaker measures in microseconds.
      latencyP90Ms: points((atMs) => (latency.has(atMs) ? latency.get(atMs)! / 1_000 : null)),
      // A variant that was sent nothing while others were has no metric and a share of 0.
      trafficShare: points((atMs) => (sent(atMs) === 0 ? null : (invocations.get(atMs) ?? 0) / sent(atMs))),
    };
  });
}

/** The newest quality and evidence of a variant that were published within the last half hour; `null` where none was. */
export async function readState(
  world: World,
  endpoint: string,
  variant: string,
  nowMs: number,
): Promise<{ quality: { estimate: number; lower: number; upper: number } | null; evidence: number | null }> {
  const { estimate, lower, upper, evidence } = statisticsOf(endpoint, variant);
  const read = await readStatistics(world, [estimate, lower, upper, evidence], nowMs - 2 * periodMs, nowMs + 60_000, 60_000);
  const [theta, low, high, e] = read.map((values) => [...values.values()].at(-1));
  const quality =
    theta === undefined || low === undefined || high === undefined ? null : { estimate: theta, lower: low, upper: high };
  return { quality, evidence: e ?? null };
}

/** What is read of a variant, always in this order. */
function statisticsOf(endpoint: string, variant: string) {
  const own = { Endpoint: endpoint, Variant: variant };
  const vended = { EndpointName: endpoint, VariantName: variant };
  return {
    estimate: { namespace: "Assay", name: "Quality", dimensions: own, stat: "Average" },
    lower: { namespace: "Assay", name: "QualityLower", dimensions: own, stat: "Average" },
    upper: { namespace: "Assay", name: "QualityUpper", dimensions: own, stat: "Average" },
    evidence: { namespace: "Assay", name: "Evidence", dimensions: { ...own, Signal: "quality" }, stat: "Maximum" },
    latency: { namespace: "AWS/SageMaker", name: "ModelLatency", dimensions: vended, stat: "p90" },
    invocations: { namespace: "AWS/SageMaker", name: "Invocations", dimensions: vended, stat: "Sum" },
  } satisfies Record<string, Statistic>;
}
const kinds = 6;

async function readStatistics(
  world: World,
  statistics: readonly Statistic[],
  fromMs: number,
  untilMs: number,
  everyMs: number,
): Promise<Values[]> {
  const { MetricDataResults } = (await world.call("monitoring", "GetMetricData", {
    StartTime: fromMs / 1_000,
    EndTime: untilMs / 1_000,
    ScanBy: "TimestampAscending",
    MetricDataQueries: statistics.map(({ namespace, name, dimensions, stat }, k) => ({
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
