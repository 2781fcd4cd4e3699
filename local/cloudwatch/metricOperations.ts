import { z } from "zod";
import { parseInput } from "../parseInput.ts";
import { AwsError, type Call, type Operation } from "../world.ts";
import { compileQueries, dimensionsSchema, metricOf, nameSchema, querySchema, timeSchema, unitSchema } from "./queries.ts";
import type { Metric, MetricStore, Sample } from "./store.ts";

const twoWeeksMs = 14 * 24 * 3_600_000;
const twoHoursMs = 2 * 3_600_000;
const value = z
  .number()
  .min(-(2 ** 360))
  .max(2 ** 360);
const count = z
  .number()
  .positive()
  .max(2 ** 360);

const datumSchema = z.strictObject({
  MetricName: nameSchema,
  Dimensions: dimensionsSchema.default([]),
  Timestamp: timeSchema.optional(),
  Value: value.optional(),
  StatisticValues: z.strictObject({ SampleCount: count, Sum: value, Minimum: value, Maximum: value }).optional(),
  Values: z.array(value).min(1).max(150, "takes at most 150 values").optional(),
  Counts: z.array(count).optional(),
  Unit: unitSchema.default("None"),
  StorageResolution: z.literal(60, "must be 60: the embedded AWS keeps standard resolution only").default(60),
});
type Datum = z.output<typeof datumSchema>;

const putSchema = z.strictObject({
  Namespace: nameSchema.regex(/^[^:]/, "must not begin with a colon"),
  MetricData: z.array(datumSchema).min(1).max(1_000, "takes at most 1000 metrics in one request"),
});

const getSchema = z.strictObject({
  MetricDataQueries: z.array(querySchema).min(1).max(500),
  StartTime: timeSchema,
  EndTime: timeSchema,
  ScanBy: z.enum(["TimestampDescending", "TimestampAscending"]).default("TimestampDescending"),
  MaxDatapoints: z.number().int().min(1).max(100_800).default(100_800),
});

const listSchema = z.strictObject({
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Dimensions: z
    .array(z.strictObject({ Name: z.string(), Value: z.string().optional() }))
    .max(10)
    .default([]),
  NextToken: z.string().regex(/^\d+$/).optional(),
});
const metricsPerPage = 500;

/** `PutMetricData`, `GetMetricData` and `ListMetrics` over a store; what AWS would refuse they refuse in its words, all of it or nothing. */
export function metricOperations(store: MetricStore): Record<string, Operation> {
  return {
    PutMetricData(input, call: Call) {
      const { Namespace, MetricData } = parse(putSchema, input);
      // A part of the embedded AWS calls without a request; only those vend metrics of a service.
      if (Namespace.startsWith("AWS/") && call.requestId !== "")
        throw invalid(`The value ${Namespace} for parameter Namespace is invalid: AWS/ is for AWS services.`);
      const nowMs = Date.now();
      // All or nothing: a request that is refused leaves no datum behind.
      const samples = MetricData.map((datum, i) => ({
        metric: metricOf(Namespace, datum.MetricName, datum.Dimensions),
        unit: datum.Unit,
        atMs: timeOf(datum, i, nowMs),
        sample: sampleOf(datum, i),
      }));
      for (const { metric, unit, atMs, sample } of samples) store.put(metric, unit, atMs, sample);
      return {};
    },

    GetMetricData(input) {
      const { MetricDataQueries, StartTime, EndTime, ScanBy, MaxDatapoints } = parse(getSchema, input);
      if (StartTime >= EndTime)
        throw new AwsError("ValidationError", "The parameter StartTime must be less than the parameter EndTime.");
      let left = MaxDatapoints;
      const MetricDataResults = compileQueries(MetricDataQueries)
        .filter(({ returnData }) => returnData)
        .map(({ id, label, periodMs, at }) => {
          const points: { atMs: number; value: number }[] = [];
          for (let atMs = Math.floor(StartTime / periodMs) * periodMs; atMs < EndTime; atMs += periodMs) {
            const value = at(store, atMs);
            if (value !== null) points.push({ atMs, value });
          }
          left -= points.length;
          if (left < 0)
            throw new AwsError(
              "ValidationError",
              `There are more than ${MaxDatapoints} datapoints, and the embedded AWS does not page them: ask for less time or longer periods.`,
            );
          if (ScanBy === "TimestampDescending") points.reverse();
          return {
            Id: id,
            Label: label,
            Timestamps: points.map(({ atMs }) => atMs / 1_000),
            Values: points.map(({ value }) => value),
            StatusCode: "Complete",
          };
        });
      return { MetricDataResults, Messages: [] };
    },

    ListMetrics(input) {
      const { Namespace, MetricName, Dimensions, NextToken } = parse(listSchema, input);
      const has = ({ dimensions }: Metric) =>
        Dimensions.every(
          ({ Name, Value }) => Object.hasOwn(dimensions, Name) && (Value === undefined || dimensions[Name] === Value),
        );
      const found = store
        .list()
        .filter((metric) => (Namespace ?? metric.namespace) === metric.namespace)
        .filter((metric) => (MetricName ?? metric.name) === metric.name)
        .filter(has);
      const from = Number(NextToken ?? 0);
      const to = from + metricsPerPage;
      return {
        Metrics: found.slice(from, to).map(({ namespace, name, dimensions }) => ({
          Namespace: namespace,
          MetricName: name,
          Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
        })),
        ...(to < found.length ? { NextToken: String(to) } : {}),
      };
    },
  };
}

function timeOf({ Timestamp, MetricName }: Datum, i: number, nowMs: number): number {
  const atMs = Timestamp ?? nowMs;
  if (atMs < nowMs - twoWeeksMs || atMs > nowMs + twoHoursMs)
    throw invalid(
      `The parameter ${member(i)}.Timestamp (${MetricName}) must be between two weeks before and two hours after the current time, and is ${new Date(atMs).toISOString()}.`,
    );
  return atMs;
}

function sampleOf({ MetricName, Value, StatisticValues, Values, Counts }: Datum, i: number): Sample {
  const given = Object.entries({ Value, StatisticValues, Values }).flatMap(([name, is]) => (is === undefined ? [] : name));
  if (given.length > 1)
    throw new AwsError(
      "InvalidParameterCombination",
      `The parameters ${given.map((name) => `${member(i)}.${name}`).join(" and ")} (${MetricName}) are mutually exclusive and you have specified them all.`,
    );
  if (Counts !== undefined && Counts.length !== Values?.length)
    throw invalid(`The parameter ${member(i)}.Counts (${MetricName}) must have as many elements as Values.`);
  if (Values) return { values: Values, counts: Counts ?? Values.map(() => 1) };
  if (Value !== undefined) return { values: [Value], counts: [1] };
  if (!StatisticValues)
    throw new AwsError("MissingParameter", `${member(i)} (${MetricName}) must have one of Value, StatisticValues and Values.`);
  const { SampleCount, Sum, Minimum, Maximum } = StatisticValues;
  if (Minimum > Maximum) throw invalid(`${member(i)}.StatisticValues (${MetricName}): Minimum is over Maximum.`);
  return { count: SampleCount, sum: Sum, min: Minimum, max: Maximum };
}

const member = (i: number) => `MetricData.member.${i + 1}`;
const invalid = (message: string) => new AwsError("InvalidParameterValue", message);
const parse = <T>(schema: z.ZodType<T>, input: Record<string, unknown>): T => parseInput(schema, input, "InvalidParameterValue");
