import { windowMs } from "../../shared/monitoring/windows.ts";
import { type Chance, chanceFrom } from "../chance.ts";
import { baselinePi, dismissAll, foldNext, frozenMonitor, settings, startMs, variants, windowsPerDay } from "./fleet.ts";
import { type Reference, type RivalName, rivalNames, rivals } from "./rivals.ts";
import { type WorldName, worlds } from "./worlds.ts";

export type MonthJob = { seed: number; world: WorldName; baseline: keyof typeof baselinePi; z: number; days?: number };
/** False alarms of a month, and whether freezing the baseline had warned of them. */
export type Month = {
  alarms: number;
  rivals: Record<RivalName, number>;
  warned: boolean;
  /** Overdispersion of the input mix; `null` where the baseline could not tell. */
  D: number | null;
};

export const monthDays = 30;

/** A month of a fleet in which no model, judge or question changes for the worse: every alarm is a false one. */
export function play({ seed, world: name, baseline, z, days = monthDays }: MonthJob): Month {
  const chance: Chance = chanceFrom(seed);
  const world = worlds[name](chanceFrom(seed ^ 0x5bd1e995));
  let monitored = frozenMonitor(chance, world, baselinePi[baseline]);
  const { criteria, selfTest, segments, limits } = monitored.baseline;
  const watching = variants.map(() =>
    rivals(referenceOf(criteria.quality!.mu0, criteria.quality!.sums.moments.plain.a, chance), z),
  );
  const found: Month = {
    alarms: 0,
    rivals: { evidently: 0, nannyMl: 0, modelMonitor: 0, hourlyMean: 0, tunedZ: 0 },
    warned: selfTest.length > 0 || limits.some(({ signal, because }) => signal === "quality" && because.includes("wanders")),
    D: segments?.dispersion?.D ?? null,
  };
  const before = variants.map(() => new Set<RivalName>());
  for (let window = 0; window < days * windowsPerDay; window++) {
    const atMs = startMs + window * windowMs;
    const folded = foldNext(monitored, chance, atMs, world);
    found.alarms += folded.alarms.length;
    monitored = dismissAll(folded.monitored, chance, atMs + windowMs);
    for (const [v, variant] of variants.entries()) {
      const grades = folded.records.find((record) => record.variant === variant)!.rows.map(({ y }) => y.quality!);
      for (const rival of rivalNames) {
        const alarm = watching[v]![rival].look(grades, window);
        if (alarm && !before[v]!.has(rival)) found.rivals[rival]++;
        if (alarm) before[v]!.add(rival);
        else before[v]!.delete(rival);
      }
    }
  }
  return found;
}

/** The baseline's grades in some order: pass/fail, so their mean and number say them all. */
export function referenceOf(mean: number, n: number, chance: Chance): Reference {
  const grades = Array.from({ length: n }, (_, i): number => (i < Math.round(mean * n) ? 1 : 0));
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(chance() * (i + 1));
    [grades[i], grades[j]] = [grades[j]!, grades[i]!];
  }
  return { grades, mean };
}

/** Of some days, as their rate in 90 days: of the whole fleet. */
export function per90Days(alarms: number, runs: number): number {
  return (alarms * 90) / (runs * monthDays);
}
export const declaredPer90Days = (settings.falseAlarms.count * 90) / settings.falseAlarms.days;
