import { type CloudWatchClient, GetMetricDataCommand, type MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import { escaped } from "../monitoring/resultKeys.ts";

/** What CloudWatch knows of a variant in a span. */
export type MetricFigures = {
  answers: number;
  modelErrors: number;
  latencyMs: { p50: number; p95: number } | null;
  tokens: { prompt: number; completion: number } | null;
};

/** Assay's own counts, and SageMaker's latency in microseconds: name → statistic. */
const asked = [
  ["answers", "Assay", "Answered", "Sum"],
  ["errors", "Assay", "ModelErrors", "Sum"],
  ["prompt", "Assay", "PromptTokens", "Sum"],
  ["completion", "Assay", "CompletionTokens", "Sum"],
  ["p50", "AWS/SageMaker", "ModelLatency", "p50"],
  ["p95", "AWS/SageMaker", "ModelLatency", "p95"],
] as const;
type Asked = (typeof asked)[number][0];

/** One call takes 500 queries. */
const variantsPerCall = Math.floor(500 / asked.length);

/** Of each variant, in one day of `date` (UTC). */
export async function readMetricFigures(
  cloudwatch: CloudWatchClient,
  endpoint: string,
  variants: readonly string[],
  date: string,
): Promise<Map<string, MetricFigures>> {
  const StartTime = new Date(`${date}T00:00:00Z`);
  const EndTime = new Date(StartTime.getTime() + 86_400_000);
  const figures = new Map<string, MetricFigures>();
  for (let at = 0; at < variants.length; at += variantsPerCall) {
    const some = variants.slice(at, at + variantsPerCall);
    const MetricDataQueries = some.flatMap((variant, i) => queriesOf(endpoint, variant, i));
    const { MetricDataResults = [] } = await cloudwatch.send(new GetMetricDataCommand({ StartTime, EndTime, MetricDataQueries }));
    const values = new Map(MetricDataResults.map(({ Id, Values = [] }) => [Id, Values[0]]));
    for (const [i, variant] of some.entries())
      figures.set(
        variant,
        figuresOf((name) => values.get(`${name}${i}`)),
      );
  }
  return figures;
}

function queriesOf(endpoint: string, variant: string, i: number): MetricDataQuery[] {
  return asked.map(([id, Namespace, MetricName, Stat]) => {
    const [of, by] = Namespace === "Assay" ? ["Endpoint", "Variant"] : ["EndpointName", "VariantName"];
    const Dimensions = [
      { Name: of, Value: escaped(endpoint) },
      { Name: by, Value: escaped(variant) },
    ];
    return { Id: `${id}${i}`, MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period: 86_400, Stat } };
  });
}

/** A metric that nobody put has no value. */
function figuresOf(value: (name: Asked) => number | undefined): MetricFigures {
  const answers = value("answers") ?? 0;
  const [prompt, completion, p50, p95] = [value("prompt"), value("completion"), value("p50"), value("p95")];
  return {
    answers,
    modelErrors: value("errors") ?? 0,
    latencyMs: p50 === undefined || p95 === undefined ? null : { p50: p50 / 1_000, p95: p95 / 1_000 },
    tokens:
      prompt === undefined || completion === undefined || answers === 0
        ? null
        : { prompt: prompt / answers, completion: completion / answers },
  };
}
