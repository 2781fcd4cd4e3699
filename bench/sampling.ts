import type { Bench } from "./bench.ts";
import { chanceFrom } from "./chance.ts";
import { type DaySeen, type MethodName, playScene } from "./sampling/scene.ts";
import { policies, type WatchedMonth, watchMonth } from "./sampling/watched.ts";

/**
 * A day whose budget pays for one answer in fifteen, with a segment that one answer in a thousand belongs to and an evening on which
 * everything is worse: what is seen of it by those who judge until the money is gone, by those who knew the day's traffic
 * beforehand and choose all alike, and by Assay's pacer and strata, which learn it. And whether the monitor keeps the declared rate of
 * false alarms where strata have unequal π, and how many judged answers it then takes to find a drop of ten points, beside one π for all.
 */
export const sampling: Bench = {
  name: "sampling",
  runs: 20,
  says: "what three ways of choosing see of a rare segment and of the evening, at the same budget",
  run(runs, progress) {
    const play = (name: MethodName): DaySeen[] =>
      Array.from({ length: runs }, (_, run) => {
        progress(`${name}: day ${run + 1} of ${runs}`);
        return playScene(chanceFrom(run + 1), name);
      });
    const watch = (name: keyof typeof policies): WatchedMonth[] =>
      Array.from({ length: Math.ceil(runs / 2) }, (_, run) => {
        progress(`monitored with ${name}: month ${run + 1}`);
        return watchMonth(chanceFrom(run + 1), policies[name]);
      });
    const [watched, watchedUniform] = [watch("strata"), watch("uniform")];
    const [ours, uniform, firstCome] = [play("ours"), play("uniform"), play("firstCome")];
    return {
      figures: {
        rareSeen: rareSeen(ours),
        hoursSeen: hoursSeen(ours),
        bias: bias(ours),
        budgetUsed: mean(ours.map(({ budgetUsed }) => budgetUsed)),
        budgetUsedMax: Math.max(...ours.map(({ budgetUsed }) => budgetUsed)),
        effectiveShare: mean(ours.map(({ effectiveShare }) => effectiveShare)),
        judgedPerDay: mean(ours.map(({ judged }) => judged)),
        falseAlarmsPer90Days: falseAlarms(watched),
        judgedUntilDropFound: judgedUntilFound(watched),
        runs,
      },
      references: {
        uniformRareSeen: rareSeen(uniform),
        uniformHoursSeen: hoursSeen(uniform),
        uniformBias: bias(uniform),
        uniformEffectiveShare: mean(uniform.map(({ effectiveShare }) => effectiveShare)),
        falseAlarmsPer90Days: 1, // as declared in watched.ts
        uniformFalseAlarmsPer90Days: falseAlarms(watchedUniform),
        uniformJudgedUntilDropFound: judgedUntilFound(watchedUniform),
        firstComeRareSeen: rareSeen(firstCome),
        firstComeHoursSeen: hoursSeen(firstCome),
        firstComeBias: bias(firstCome),
      },
    };
  },
};

const falseAlarms = (months: readonly WatchedMonth[]) => 3 * mean(months.map(({ falseAlarms }) => falseAlarms));
const judgedUntilFound = (months: readonly WatchedMonth[]) => mean(months.map(({ judgedUntilFound }) => judgedUntilFound));
/** Share of the rare segment's answers that were judged. */
const rareSeen = (days: readonly DaySeen[]) =>
  mean(days.map(({ rare, rareAnswered }) => rare.length / Math.max(1, rareAnswered)));
/** Share of the hours in which anything was judged. */
const hoursSeen = (days: readonly DaySeen[]) => mean(days.map(({ hours }) => hours.filter((n) => n > 0).length / hours.length));
/** Of the day's estimated mean grade. */
const bias = (days: readonly DaySeen[]) => mean(days.map(({ estimate, truth }) => estimate - truth));
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
