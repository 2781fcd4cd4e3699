import type { Costs } from "./situation.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** What `instances` more of a variant cost in a day, in micro-dollars; `null`: nobody counts, or assay.yml has no price for it. */
export function dayCost(costs: Costs | null, variant: string, instances: number): number | null {
  const perHour = costs?.served.find((served) => served.variant === variant)?.microUsdPerHour ?? null;
  return perHour === null ? null : Math.round(perHour * instances * 24);
}

/**
 * Why the serving budget forbids `instances` more of a variant: today, at what the day will have cost by midnight (UTC), or on any whole
 * day at what runs then. `null`: it does not, or there is none.
 */
export function overBudget(costs: Costs | null, variant: string, instances: number, nowMs: number): string | null {
  if (costs === null) return null;
  const more = dayCost(costs, variant, instances);
  if (more === null)
    return `servingBudget has no price for ${variant}, so nobody knows what an instance more costs: give usdPerInstanceHour`;
  const { budgetMicroUsd, projectedMicroUsd, served } = costs;
  const today = projectedMicroUsd + (more * (dayMs - (nowMs % dayMs))) / dayMs;
  const everyDay = served.reduce((sum, { instances: n, microUsdPerHour }) => sum + n * (microUsdPerHour ?? 0) * 24, more);
  const most = Math.max(today, everyDay);
  return most > budgetMicroUsd
    ? `${usd(most)} a day with ${instances === 1 ? "one instance" : `${instances} instances`} more of ${variant} is over the serving budget of ${usd(budgetMicroUsd)}`
    : null;
}

const usd = (microUsd: number) => `$${(microUsd / 1_000_000).toFixed(2)}`;
