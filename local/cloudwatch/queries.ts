import { z } from "zod";
import { AwsError } from "../world.ts";
import { type Formula, parseFormula } from "./math.ts";
import { type Metric, type MetricStore, statisticNamed } from "./store.ts";

const units = [
  ...["Seconds", "Microseconds", "Milliseconds", "Percent", "Count", "Count/Second", "None"],
  ...["Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes", "Bits", "Kilobits", "Megabits", "Gigabits", "Terabits"],
  ...["Bytes/Second", "Kilobytes/Second", "Megabytes/Second", "Gigabytes/Second", "Terabytes/Second"],
  ...["Bits/Second", "Kilobits/Second", "Megabits/Second", "Gigabits/Second", "Terabits/Second"],
];

const ascii = /^[\x20-\x7e]+$/;
export const nameSchema = z.string().min(1).max(255).regex(ascii, "must be printable ASCII");
export const dimensionsSchema = z
  .array(z.strictObject({ Name: nameSchema, Value: z.string().min(1).max(1_024).regex(ascii, "must be printable ASCII") }))
  .max(30)
  .refine((all) => new Set(all.map(({ Name }) => Name)).size === all.length, "a dimension name is there twice");
export const unitSchema = z.string().refine((unit) => units.includes(unit), "is no unit of CloudWatch");
export const periodSchema = z.number().int().min(60).multipleOf(60, "must be a multiple of 60: only standard resolution is kept");
export const timeSchema = z.number().transform((seconds) => seconds * 1_000);

export const querySchema = z.strictObject({
  Id: z
    .string()
    .max(255)
    .regex(/^[a-z][A-Za-z0-9_]*$/, "must begin with a lower-case letter and go on with letters, digits or _"),
  Expression: z.string().min(1).max(2_048).optional(),
  MetricStat: z
    .strictObject({
      Metric: z.strictObject({ Namespace: nameSchema, MetricName: nameSchema, Dimensions: dimensionsSchema.default([]) }),
      Period: periodSchema,
      Stat: z.string(),
      Unit: unitSchema.optional(),
    })
    .optional(),
  Label: z.string().optional(),
  ReturnData: z.boolean().default(true),
});
export type MetricDataQuery = z.output<typeof querySchema>;

/** One metric or expression that can be computed for the period that begins at a whole minute. */
export type Query = {
  id: string;
  label: string;
  returnData: boolean;
  periodMs: number;
  at(store: MetricStore, fromMs: number): number | null;
};

export function metricOf(namespace: string, name: string, dimensions: readonly { Name: string; Value: string }[]): Metric {
  return { namespace, name, dimensions: Object.fromEntries(dimensions.map(({ Name, Value }) => [Name, Value])) };
}

/** @throws AwsError `ValidationError` for ids that are missing, double or circular, and for periods that differ in one expression */
export function compileQueries(queries: readonly MetricDataQuery[]): Query[] {
  const byId = new Map(queries.map((query) => [query.Id, query]));
  if (byId.size < queries.length) throw invalid("The values for parameter id in MetricDataQueries are not unique.");
  const compiled = new Map<string, Query>();
  return queries.map(({ Id }) => compile(Id, []));

  function compile(id: string, within: readonly string[]): Query {
    if (within.includes(id))
      throw invalid(`The expressions ${within.join(", ")} need one another: ${[...within, id].join(" → ")}.`);
    const known = compiled.get(id);
    if (known) return known;
    const query = byId.get(id);
    if (!query) throw invalid(`The expression ${within.at(-1)} reads ${id}, and no query has that id.`);
    const made = query.Expression === undefined ? compileMetric(query) : compileExpression(query, query.Expression, within);
    compiled.set(id, made);
    return made;
  }

  function compileExpression(query: MetricDataQuery, text: string, within: readonly string[]): Query {
    if (query.MetricStat) throw invalid(`Query ${query.Id} has both MetricStat and Expression.`);
    const formula: Formula = parseFormula(text);
    const operands = new Map([...formula.names].map((name) => [name, compile(name, [...within, query.Id])]));
    const periods = new Set([...operands.values()].map(({ periodMs }) => periodMs));
    if (periods.size !== 1) {
      throw invalid(
        periods.size === 0
          ? `The expression ${query.Id} reads no metric.`
          : `The expression ${query.Id} reads metrics of different periods, which the embedded AWS does not do.`,
      );
    }
    return {
      id: query.Id,
      label: query.Label ?? query.Id,
      returnData: query.ReturnData,
      periodMs: [...periods][0]!,
      at: (store, fromMs) => formula.at((name) => operands.get(name)!.at(store, fromMs), fromMs),
    };
  }
}

function compileMetric({ Id, MetricStat, Label, ReturnData }: MetricDataQuery): Query {
  if (!MetricStat) throw invalid(`Query ${Id} has neither MetricStat nor Expression.`);
  const { Metric, Period, Stat, Unit } = MetricStat;
  const statistic = statisticNamed(Stat);
  if (!statistic) throw invalid(`Query ${Id}: the embedded AWS has no statistic ${Stat}.`);
  const metric = metricOf(Metric.Namespace, Metric.MetricName, Metric.Dimensions);
  const periodMs = Period * 1_000;
  return {
    id: Id,
    label: Label ?? Metric.MetricName,
    returnData: ReturnData,
    periodMs,
    at: (store, fromMs) => store.aggregate(metric, statistic, Unit ?? null, fromMs, fromMs + periodMs),
  };
}

const invalid = (message: string) => new AwsError("ValidationError", message);
