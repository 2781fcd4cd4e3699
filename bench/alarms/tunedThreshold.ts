import { budgetShare } from "../../shared/monitoring/rules.ts";
import { chanceFrom, poisson } from "../chance.ts";
import { judgedPerWindow, settings, soundMean, windowsPerDay } from "./fleet.ts";
import { rollingZ } from "./rivals.ts";

const quarter = 90 * windowsPerDay;

/**
 * The largest z in 90 days at the edge of what is harmless: a baseline that is known exactly, and a mean that lies a tolerance under it.
 * Its quantile is the threshold that keeps the promise that Assay's rule of one variant keeps.
 */
export function play(seed: number): number {
  const chance = chanceFrom(seed);
  const mean = soundMean - settings.tolerance;
  const watch = rollingZ(soundMean, Number.POSITIVE_INFINITY);
  let largest = 0;
  for (let window = 0; window < quarter; window++) {
    const grades = Array.from({ length: poisson(chance, judgedPerWindow) }, () => (chance() < mean ? 1 : 0));
    watch.look(grades, window);
    largest = Math.max(largest, watch.z());
  }
  return largest;
}

/** How often one rule may be wrong by chance in 90 days: half of its share of the budget (docs/statistics.md, "From a budget to a threshold"). */
export function allowedInQuarter(): number {
  const { falseAlarms, fleetRules } = settings;
  const judged = budgetShare(falseAlarms.count, "judged", fleetRules);
  return ((judged / falseAlarms.days) * 90) / (2 * fleetRules.judged);
}
