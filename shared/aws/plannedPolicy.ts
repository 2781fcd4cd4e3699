import type { EndpointSettings } from "../config/assay.ts";
import { budgetOf, sampledBudget } from "../judging/ledger.ts";
import { pacedPolicy, startingRate } from "../sampling/pacer.ts";
import { type SamplingPolicy, uniformPolicy } from "../sampling/policy.ts";
import { openLedger } from "./ledger.ts";
import type { Table } from "./table.ts";
import { readTraffic } from "./traffic.ts";

type SamplingSettings = Pick<EndpointSettings, "sampling" | "judge" | "evaluationBudgetMicroUsdPerDay" | "evaluationReserve">;

/** Whether a budget decides how many answers are chosen. Without a judge there is none. */
export function isPaced({ sampling, judge }: SamplingSettings): boolean {
  return sampling.rate === "paced" && judge !== null;
}

/** The policy that a window is to get: the rate of assay.yml, or what traffic and budget leave for it, which takes two questions to find. */
export function plannedPolicy(
  table: Table,
  endpoint: string,
  window: string,
  { sampling, judge, ...settings }: SamplingSettings,
  nowMs: number,
): SamplingPolicy | (() => Promise<SamplingPolicy>) {
  if (sampling.rate !== "paced") return uniformPolicy(sampling.rate);
  if (judge === null) return uniformPolicy(startingRate);
  return async () => {
    const [days, day] = await Promise.all([
      readTraffic(table, endpoint, nowMs),
      openLedger(table).day(endpoint, Date.parse(window)),
    ]);
    const budget = { microUsdPerDay: sampledBudget(budgetOf(settings)), usedMicroUsd: day?.sampledMicroUsd ?? 0 };
    return pacedPolicy(window, days, budget, judge, nowMs);
  };
}
