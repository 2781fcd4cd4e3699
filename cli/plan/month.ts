import Table from "cli-table3";
import { alarms } from "../../infrastructure/alarms.ts";
import { dashboards } from "../../infrastructure/dashboard.ts";
import type { Assay } from "../../shared/config/assay.ts";
import { type Month, monthOf } from "../../shared/cost/month.ts";
import { alternatives } from "../../shared/cost/prices.ts";

/** A stack of one endpoint, of ten and of a hundred, all like one of the configuration's. */
export type MonthPlan = {
  endpoint: string;
  answersPerDay: number;
  /** In dollars. `alternatives`: what others publish for the same endpoints and answers. */
  sizes: (Month & { endpoints: number; alternatives: { name: string; usd: number; rests: string }[] })[];
};

const sizes = [1, 10, 100];

/** @param answersPerDay of each endpoint */
export function planMonth(assay: Assay, endpoint: string, answersPerDay: number): MonthPlan {
  const perMonth = answersPerDay * (365 / 12);
  return {
    endpoint,
    answersPerDay,
    sizes: sizes.map((endpoints) => ({
      endpoints,
      ...costOf(copies(assay, endpoint, endpoints), answersPerDay),
      alternatives: alternatives.map(({ name, usdPerMonth, rests }) => ({ name, usd: usdPerMonth(endpoints, perMonth), rests })),
    })),
  };
}

/** What the stack of a configuration costs, with the alarms and dashboards that its template has. */
export function costOf(assay: Assay, answersPerDay: number): Month {
  const all = Object.values(alarms(assay, "prod"));
  const metric = all.filter(({ Type }) => Type === "AWS::CloudWatch::Alarm");
  return monthOf(assay, answersPerDay, {
    alarmMetrics: metric.reduce((sum, { Properties }) => sum + metricsIn(Properties.Metrics), 0),
    compositeAlarms: all.filter(({ Type }) => Type === "AWS::CloudWatch::CompositeAlarm").length,
    dashboards: Object.keys(dashboards(assay, "prod")).length,
  });
}

/** An alarm on an expression is charged for each metric in it. */
const metricsIn = (metrics: unknown): number =>
  Array.isArray(metrics) ? metrics.filter((metric: object) => "MetricStat" in metric).length : 1;

function copies(assay: Assay, endpoint: string, count: number): Assay {
  const own = assay.endpoints[endpoint]!; // its caller has looked
  const names = Array.from({ length: count }, (_, i) => (i === 0 ? endpoint : `endpoint-${i + 1}`));
  return { ...assay, endpoints: Object.fromEntries(names.map((name) => [name, own])), evaluations: {} };
}

export function monthAsText({ endpoint, answersPerDay, sizes: planned }: MonthPlan): string {
  const table = new Table({
    head: ["dollars a month", ...planned.map(({ endpoints }) => `${endpoints} endpoint${endpoints === 1 ? "" : "s"}`)],
    colAligns: ["left", ...planned.map(() => "right" as const)],
    style: { head: [], border: [] },
  });
  const row = (what: string, of: (size: MonthPlan["sizes"][number]) => number) =>
    table.push([what, ...planned.map((size) => of(size).toFixed(2))]);
  for (const [i, { what }] of planned[0]!.lines.entries()) row(what, ({ lines }) => lines[i]!.usd);
  row("Assay, without judges", ({ usd }) => usd);
  row("judges, at most", ({ judgesAtMostUsd }) => judgesAtMostUsd);
  for (const [i, { name }] of planned[0]!.alternatives.entries()) row(name, (size) => size.alternatives[i]!.usd);
  return [
    `Endpoints like ${endpoint}, each with ${Math.round(answersPerDay)} answers a day, in us-east-1 at list prices (docs/cost.md):`,
    table.toString(),
    ...planned[0]!.alternatives.map(({ name, rests }) => `${name}: ${rests}.`),
    "",
  ].join("\n");
}

/** To three digits: a judgement costs fractions of a cent. */
export function dollars(usd: number): string {
  return `$${usd >= 1 ? usd.toFixed(2) : Number(usd.toPrecision(3))}`;
}
