import { type ChangeJob, type ChangeName, changeNames, type Delays } from "./alarms/change.ts";
import { declaredPer90Days, type Month, type MonthJob, per90Days } from "./alarms/month.ts";
import { rivalNames } from "./alarms/rivals.ts";
import { allowedInQuarter } from "./alarms/tunedThreshold.ts";
import type { Bench } from "./bench.ts";
import { inThreads } from "./inThreads.ts";

const module = (name: string) => new URL(`./alarms/${name}.ts`, import.meta.url);
const seeds = (n: number) => Array.from({ length: n }, (_, run) => run + 1);

/**
 * An endpoint with two variants, 50 judged answers an hour each, watched by the service's own monitor: false alarms in months in which
 * nothing changes, with a baseline measured anew in every run, and how many judged answers it takes to find a variant that gets worse.
 * Beside it, on the same grades: the documented default rules of three tools, re-implemented (see alarms/rivals.ts); a fixed limit for
 * the hourly mean; and a rolling z whose threshold is tuned, by simulation, until it keeps the promise that Assay keeps untuned.
 */
export const alarms: Bench = {
  name: "alarms",
  runs: 1000,
  says: "false alarms of the monitor on drift-free months and its delay for drops, beside other tools' rules and a tuned rolling z",
  async run(runs, progress) {
    const quarters = await inThreads<number, number>(module("tunedThreshold"), seeds(Math.max(100, runs)), (done) =>
      progress(`tuning the rolling z, quarter ${done}`),
    );
    const z = quantile(quarters, 1 - allowedInQuarter());
    const months = await inThreads<MonthJob, Month>(
      module("month"),
      seeds(runs).map((seed) => ({ seed, world: "steady", baseline: "thin", z })),
      (done) => progress(`month ${done} of ${runs}`),
    );
    const delayRuns = Math.ceil(runs / 5);
    const jobs = seeds(delayRuns).map((seed): ChangeJob => ({ seed: seed + 1_000_000, z }));
    const played = await inThreads<ChangeJob, Record<ChangeName, Delays>>(module("change"), jobs, (done) =>
      progress(`changes ${done} of ${delayRuns}`),
    );
    const delay = (change: ChangeName, who: keyof Delays) =>
      quantile(
        played.map((delays) => delays[change][who]),
        0.5,
      );

    const figures: Record<string, number> = { falseAlarmsPer90Days: per90Days(sum(months.map(({ alarms }) => alarms)), runs) };
    const references: Record<string, number> = { declared: declaredPer90Days, zThreshold: z };
    for (const change of changeNames) {
      const name = `delay${change[0]!.toUpperCase()}${change.slice(1)}`;
      figures[name] = delay(change, "assay");
      figures[`${name}OverTunedZ`] = delay(change, "assay") / delay(change, "tunedZ");
      for (const rival of rivalNames) references[`${rival}${name[0]!.toUpperCase()}${name.slice(1)}`] = delay(change, rival);
    }
    for (const rival of rivalNames)
      references[`${rival}FalseAlarmsPer90Days`] = per90Days(sum(months.map(({ rivals }) => rivals[rival])), runs);
    return { figures: { ...figures, runs, delayRuns }, references };
  },
};

function quantile(values: readonly number[], at: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(at * sorted.length))]!;
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
