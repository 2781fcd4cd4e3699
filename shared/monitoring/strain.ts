import { leadingBet } from "../statistics/alarmRule.ts";
import { changeSince } from "./judgedRule.ts";
import type { MonitorState } from "./monitorState.ts";
import { type MonitorSettings, ruleId, rulesOf } from "./rules.ts";

/** What SageMaker measured of a variant in five minutes. `p90Ms`: of its container, in milliseconds; `null`: nobody asked. */
export type ServedPeriod = { atMs: number; p90Ms: number | null; requests: number; errors: number };

/** What was read of an endpoint's serving before its alarms were concluded, and what assay.yml calls too slow and too many errors. */
export type Served = {
  limits: { p90OverMs: number; errorsOver: number };
  /** Variant → periods in order of time; those without a request are left out. */
  periods: Record<string, readonly ServedPeriod[]>;
};

/** How a variant was served since a change began: periods with requests, and how many of them were too slow, or had too many errors. */
export type Strain = { periods: number; slow: number; failing: number; lasts: boolean; p90OverMs: number; errorsOver: number };

export const strainPeriodMs = 5 * 60_000;
/** What is gone within minutes has alarms of its own in CloudWatch, and explains nothing that goes on. */
const enoughPeriods = 6;
/** Whether it lasts is asked of the last half hour. */
const newestPeriods = 6;

/** @returns `null` where nothing is known of the variant since then */
export function strainOf({ limits, periods }: Served, variant: string, sinceMs: number): Strain | null {
  const own = (Object.hasOwn(periods, variant) ? periods[variant]! : []).filter(({ atMs }) => atMs + strainPeriodMs > sinceMs);
  if (own.length === 0) return null;
  const isSlow = ({ p90Ms }: ServedPeriod) => p90Ms !== null && p90Ms > limits.p90OverMs;
  const isFailing = ({ errors, requests }: ServedPeriod) => errors > limits.errorsOver * requests;
  const isStrained = (period: ServedPeriod) => isSlow(period) || isFailing(period);
  const newest = own.slice(-newestPeriods);
  return {
    periods: own.length,
    slow: own.filter(isSlow).length,
    failing: own.filter(isFailing).length,
    lasts: 2 * newest.filter(isStrained).length > newest.length,
    ...limits,
  };
}

/**
 * Whether answers that are worse may come of too few instances: the variant was slow or failing in most of the time since they are, for
 * half an hour at least, and still is. Otherwise the answers are its model's.
 */
export function explainsAnswers(strain: Strain | null): strain is Strain {
  if (strain === null) return false;
  return strain.lasts && strain.periods >= enoughPeriods && 2 * Math.max(strain.slow, strain.failing) > strain.periods;
}

/** What is over within an hour needs no instance. */
const spikePeriods = 12;

/**
 * Whether a variant was slow or failing for less than an hour, and not once in the last half hour: what is wrong with its answers by then
 * is not of that.
 */
export function wasSpike(served: Served, variant: string, sinceMs: number): boolean {
  const strain = strainOf(served, variant, sinceMs);
  if (strain === null || strain.periods < newestPeriods || Math.max(strain.slow, strain.failing) >= spikePeriods) return false;
  const { slow, failing } = strainOf(served, variant, served.periods[variant]!.at(-newestPeriods)!.atMs)!; // it has so many
  return slow + failing === 0;
}

/** In words, for a finding. */
export function strainText({ periods, slow, failing, p90OverMs, errorsOver }: Strain): string {
  const minutes = (count: number) => `${(count * strainPeriodMs) / 60_000} of ${(periods * strainPeriodMs) / 60_000} minutes`;
  return slow >= failing
    ? `its p90 latency was over ${p90OverMs} ms in ${minutes(slow)} since`
    : `over ${(100 * errorsOver).toFixed(1)} % of its requests failed in ${minutes(failing)} since`;
}

/** Since when each variant's answers have changed that are still to be concluded: from when on it is worth reading how it was served. */
export function changesToConclude(state: MonitorState, settings: MonitorSettings): Map<string, number> {
  const alarms = [...state.waiting, ...state.findings.flatMap(({ undecided }) => undecided?.alarm ?? [])];
  const since = new Map<string, number>();
  for (const rule of rulesOf(settings)) {
    const id = ruleId(rule);
    const own = state.rules[id];
    if ((rule.kind !== "judged" && rule.kind !== "shares") || rule.variant === null || own === undefined) continue;
    if (!alarms.some((alarm) => alarm.rule === id)) continue;
    const fold = own.kind === "judged" ? changeSince(own)?.fold : leadingBet(own.rule)?.since;
    if (fold === undefined) continue;
    since.set(rule.variant, Math.min(since.get(rule.variant) ?? Number.POSITIVE_INFINITY, fold * settings.windowMs));
  }
  return since;
}
