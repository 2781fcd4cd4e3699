import { windowsPerDay } from "../../shared/sampling/traffic.ts";
import type { Chance } from "../chance.ts";
import { affordablePerDay, dailyCycle, type Judged, type Method, methods, type Played, playDays, type Traffic } from "./days.ts";

/** The last of these days is looked at: the pacer has a history, as on any ordinary day. */
const days = 3;
const perDay = 20_000;
const rare = "legal";
/** One answer in a thousand: about twenty a day. */
const segments: Traffic["segments"] = {
  orders: { share: 0.6, riskyShare: 0.08 },
  billing: { share: 0.399, riskyShare: 0.1 },
  [rare]: { share: 0.001, riskyShare: 0.1 },
};

/** From six in the evening on everything is a little worse; the rare segment is worse all day. */
const mean: Traffic["mean"] = (window, segment, band) => {
  const evening = window % windowsPerDay >= 72 ? 0.15 : 0;
  return (segment === rare ? 0.55 : 0.9) - (band === "risky" ? 0.4 : 0) - evening;
};

export type MethodName = "firstCome" | "uniform" | "ours";
const choosing: Record<MethodName, () => Method> = {
  firstCome: methods.firstCome,
  uniform: () => methods.uniform(affordablePerDay / perDay),
  ours: methods.ours,
};

/** What a day looks like to those who see only what was judged. */
export type DaySeen = {
  /** Judged answers of the rare segment, by the window of the day. */
  rare: Judged[];
  rareAnswered: number;
  judged: number;
  /** Judged answers per hour. */
  hours: number[];
  /** Hájek mean of what was judged, and the mean of all answers. */
  estimate: number;
  truth: number;
  budgetUsed: number;
  /** Kish's effective sample size over the number of judged answers: what unequal π cost the mean of everything. */
  effectiveShare: number;
};

/** The same traffic, chosen by one of the methods. */
export function playScene(chance: Chance, name: MethodName): DaySeen {
  return lastDay(playDays(chance, days, { answers: dailyCycle(perDay), segments, mean }, choosing[name]()));
}

function lastDay({ judged, windows, budgetUsed, strata }: Played): DaySeen {
  const first = (days - 1) * windowsPerDay;
  const own = judged.filter(({ window }) => window >= first).map((answer) => ({ ...answer, window: answer.window - first }));
  const W = own.reduce((sum, { pi }) => sum + 1 / pi, 0);
  const today = windows.filter(({ window, answered }) => window >= first && answered > 0);
  const answered = today.reduce((sum, window) => sum + window.answered, 0);
  const rareCounts = strata.at(-1)!.strata[rare] ?? { quiet: 0, risky: 0 };
  return {
    rare: own.filter(({ segment }) => segment === rare),
    rareAnswered: rareCounts.quiet + rareCounts.risky,
    judged: own.length,
    hours: Array.from({ length: 24 }, (_, hour) => own.filter(({ window }) => Math.floor(window / 4) === hour).length),
    estimate: own.reduce((sum, { y, pi }) => sum + y / pi, 0) / W,
    truth: today.reduce((sum, window) => sum + window.meanGrade * window.answered, 0) / answered,
    budgetUsed: budgetUsed.at(-1)!,
    effectiveShare: W ** 2 / own.reduce((sum, { pi }) => sum + 1 / pi ** 2, 0) / own.length,
  };
}
