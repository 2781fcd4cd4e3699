import { iso } from "./windows.ts";

/** What a variant runs on now. `microUsdPerHour`: of one instance; `null`: assay.yml has no price for it. */
export type ServedVariant = { variant: string; instances: number; instanceType: string | null; microUsdPerHour: number | null };

/** What an endpoint's instances have cost since midnight (UTC), as far as anybody has looked. */
export type ServingDay = {
  endpoint: string;
  /** Until when it is counted. */
  asOfMs: number;
  /** UTC date of `asOfMs`. */
  date: string;
  /** Variant → micro-dollars of that date. */
  costMicroUsd: Record<string, number>;
  /** Variant → micro-dollars per hour at `asOfMs`. */
  rates: Record<string, number>;
};

/** What is known of the running day. The projection assumes that what runs now runs until midnight. */
export type ServingOutlook = { costMicroUsd: number; projectedMicroUsd: number; leftMicroUsd: number };

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/**
 * Counts instance hours up to now: between two looks a variant is taken to have run on the mean of what it ran on at either. A look
 * that is not later than the last one changes nothing, so everybody may look twice.
 * @param before `null`: nobody has looked before; then nothing is known of the past, and counting begins now
 * @returns the running day, and those that ended since, complete
 */
export function accrue(
  before: ServingDay | null,
  endpoint: string,
  served: readonly ServedVariant[],
  nowMs: number,
): { day: ServingDay; ended: ServingDay[] } {
  const rates: Record<string, number> = {};
  for (const { variant, instances, microUsdPerHour } of served)
    if (microUsdPerHour !== null) rates[variant] = instances * microUsdPerHour;
  if (before === null) return { day: { endpoint, asOfMs: nowMs, date: dateOf(nowMs), costMicroUsd: {}, rates }, ended: [] };
  if (nowMs <= before.asOfMs) return { day: before, ended: [] };

  const between: Record<string, number> = {};
  for (const variant of new Set([...Object.keys(before.rates), ...Object.keys(rates)]))
    between[variant] = ((before.rates[variant] ?? 0) + (rates[variant] ?? 0)) / 2;
  const ended: ServingDay[] = [];
  let day = before;
  for (let midnightMs = nextMidnight(day.asOfMs); midnightMs <= nowMs; midnightMs += dayMs) {
    ended.push({ ...day, asOfMs: midnightMs, costMicroUsd: withCost(day, between, midnightMs) });
    day = { endpoint, asOfMs: midnightMs, date: dateOf(midnightMs), costMicroUsd: {}, rates };
  }
  return { day: { ...day, asOfMs: nowMs, costMicroUsd: withCost(day, between, nowMs), rates }, ended };
}

/** @param budgetMicroUsd of the day */
export function outlookOf({ costMicroUsd, rates, asOfMs }: ServingDay, budgetMicroUsd: number): ServingOutlook {
  const cost = Math.round(sum(Object.values(costMicroUsd)));
  const rest = (sum(Object.values(rates)) * (nextMidnight(asOfMs) - asOfMs)) / hourMs;
  return { costMicroUsd: cost, projectedMicroUsd: Math.round(cost + rest), leftMicroUsd: budgetMicroUsd - cost };
}

function withCost({ costMicroUsd, asOfMs }: ServingDay, rates: Record<string, number>, untilMs: number): Record<string, number> {
  const costs = { ...costMicroUsd };
  for (const [variant, perHour] of Object.entries(rates))
    costs[variant] = (costs[variant] ?? 0) + (perHour * (untilMs - asOfMs)) / hourMs;
  return costs;
}

const nextMidnight = (timeMs: number) => (Math.floor(timeMs / dayMs) + 1) * dayMs;
const dateOf = (timeMs: number) => iso(timeMs).slice(0, 10);
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
