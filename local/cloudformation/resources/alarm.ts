import { z } from "zod";
import { flag, integer, tags } from "../resource.ts";
import { alarmResource } from "./alarmResource.ts";

const number = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d+(\.\d+)?$/)
    .transform(Number),
]);
const dimensions = z.array(z.strictObject({ Name: z.string(), Value: z.string() }));
const query = z.strictObject({
  Id: z.string(),
  Expression: z.string().optional(),
  Label: z.string().optional(),
  Period: integer.optional(),
  ReturnData: flag.optional(),
  MetricStat: z
    .strictObject({
      Metric: z.strictObject({ Namespace: z.string(), MetricName: z.string(), Dimensions: dimensions.optional() }),
      Period: integer,
      Stat: z.string(),
      Unit: z.string().optional(),
    })
    .optional(),
});
/** CloudFormation's property names are the API's; CloudWatch itself decides which combinations make sense. */
const schema = z.strictObject({
  AlarmName: z.string().optional(),
  AlarmDescription: z.string().optional(),
  ActionsEnabled: flag.optional(),
  AlarmActions: z.array(z.string()).optional(),
  OKActions: z.array(z.string()).optional(),
  InsufficientDataActions: z.array(z.string()).optional(),
  ComparisonOperator: z.string(),
  DatapointsToAlarm: integer.optional(),
  Dimensions: dimensions.optional(),
  EvaluateLowSampleCountPercentile: z.string().optional(),
  EvaluationPeriods: integer,
  ExtendedStatistic: z.string().optional(),
  MetricName: z.string().optional(),
  Metrics: z.array(query).optional(),
  Namespace: z.string().optional(),
  Period: integer.optional(),
  Statistic: z.string().optional(),
  Threshold: number,
  TreatMissingData: z.enum(["missing", "ignore", "breaching", "notBreaching"]).optional(),
  Unit: z.string().optional(),
  Tags: tags,
});

export const alarm = alarmResource("AWS::CloudWatch::Alarm", "PutMetricAlarm", schema);
