import { declaredPer90Days, type Month, type MonthJob, per90Days } from "./alarms/month.ts";
import { type WorldName, worlds } from "./alarms/worlds.ts";
import type { Bench } from "./bench.ts";
import { inThreads } from "./inThreads.ts";

const names = Object.keys(worlds) as WorldName[];

/**
 * Months in which nothing goes wrong and nothing stands still: quality or questions that follow the hour or the day of the week,
 * answers that come in conversations, quality that wanders. Does the declared rate of false alarms hold, and where it does not, did
 * freezing the baseline say so? `…Warned` is the share of baselines whose own days raised an alarm, `…D` the mean overdispersion of
 * the questions that they showed.
 */
export const restless: Bench = {
  name: "restless",
  runs: 40,
  says: "false alarms on seasonal, autocorrelated and clustered traffic, and whether the baseline's self-test warns of them",
  async run(runs, progress) {
    const jobs = names.flatMap((world) =>
      Array.from(
        { length: runs },
        (_, run): MonthJob => ({ seed: run + 1, world, baseline: "dense", z: Number.POSITIVE_INFINITY }),
      ),
    );
    const months = await inThreads<MonthJob, Month>(new URL("./alarms/month.ts", import.meta.url), jobs, (done) =>
      progress(`month ${done} of ${jobs.length}`),
    );
    const figures: Record<string, number> = {};
    for (const world of names) {
      const own = months.filter((_, i) => jobs[i]!.world === world);
      const mean = (value: (month: Month) => number) => own.reduce((sum, month) => sum + value(month), 0) / own.length;
      figures[`${world}FalseAlarmsPer90Days`] = per90Days(mean(({ alarms }) => alarms) * runs, runs);
      figures[`${world}Alarmed`] = mean(({ alarms }) => (alarms > 0 ? 1 : 0));
      figures[`${world}Warned`] = mean(({ warned }) => (warned ? 1 : 0));
      figures[`${world}AlarmedUnwarned`] = mean(({ alarms, warned }) => (alarms > 0 && !warned ? 1 : 0));
      figures[`${world}D`] = mean(({ D }) => D ?? 1);
    }
    return { figures: { ...figures, runs }, references: { declared: declaredPer90Days } };
  },
};
