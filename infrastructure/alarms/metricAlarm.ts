import { createHash } from "node:crypto";
import type { EndpointSettings } from "../../shared/config/assay.ts";
import { arnOf, frameworkIds, type Resource, type Value } from "../cloudformation.ts";

export const remediateArn = arnOf(frameworkIds.remediate.lambda);
/** Where people and chat tools hear of what no remediation decides about. */
export const alarmsTopicArn: Value = { "Fn::GetAtt": ["AlarmsTopic", "TopicArn"] };

/** Evidence is published once in a tick of the drift workflow. */
export const tickMinutes = 15;

/** Readable, and unique: without hyphens `a-b` of `c` and `a` of `b-c` would read the same. */
export function readableId(identity: string): string {
  const words = identity.split(/[-/]+/).map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `${words.join("")}${createHash("sha256").update(identity).digest("hex").slice(0, 8)}`;
}

export type Periods = Pick<EndpointSettings["latency"], "periodMinutes" | "datapoints" | "of">;
type Watched = { description: string; label: string; expression: string; inputs: Record<string, object>; actions?: Value[] };

/** An alarm on one expression, which is over its threshold in so many of so many periods. What is missing changes nothing. */
export function metricAlarm(
  name: string,
  periods: Periods,
  threshold: number,
  { description, label, expression, inputs, actions = [remediateArn] }: Watched,
): Resource {
  return {
    Type: "AWS::CloudWatch::Alarm",
    Properties: {
      AlarmName: name,
      AlarmDescription: description,
      Metrics: [
        { Id: "watched", Expression: expression, Label: label, ReturnData: true },
        ...Object.entries(inputs).map(([Id, MetricStat]) => ({ Id, MetricStat, ReturnData: false })),
      ],
      ComparisonOperator: "GreaterThanThreshold",
      Threshold: threshold,
      EvaluationPeriods: periods.of,
      DatapointsToAlarm: periods.datapoints,
      TreatMissingData: "ignore",
      AlarmActions: actions,
    },
  };
}

/** A statistic of a metric, as `Metrics` of an alarm takes it. */
export function metricStat(
  namespace: string,
  metric: string,
  dimensions: Record<string, string>,
  periodMinutes: number,
  stat: string,
) {
  return {
    Metric: {
      Namespace: namespace,
      MetricName: metric,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    },
    Period: periodMinutes * 60,
    Stat: stat,
  };
}

export const onEndpoint = (endpoint: string, variant: string) => ({ EndpointName: endpoint, VariantName: variant });
export const percent = (share: number) => `${Number((share * 100).toFixed(2))} %`;
