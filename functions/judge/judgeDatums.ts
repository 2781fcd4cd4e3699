import type { Ledger } from "../../shared/aws/ledger.ts";
import type { Datum } from "../../shared/monitoring/metrics.ts";
import { escaped } from "../../shared/monitoring/resultKeys.ts";
import type { TaskOutcome } from "./judgeTask.ts";

/**
 * What a batch cost and how much of it was not graded, per endpoint, and what is left of the endpoint's day. Dollars have no unit in
 * CloudWatch. What was judged before was published before.
 */
export async function judgeDatums(outcomes: readonly TaskOutcome[], ledger: Ledger, nowMs: number): Promise<Datum[]> {
  const datums: Datum[] = [];
  const fresh = outcomes.flatMap((outcome) => (outcome.status === "no_judge" || !outcome.fresh ? [] : [outcome]));
  for (const endpoint of [...new Set(fresh.map((outcome) => outcome.endpoint))].sort()) {
    const own = fresh.filter((outcome) => outcome.endpoint === endpoint);
    const day = await ledger.day(endpoint, nowMs);
    const datum = (name: string, unit: Datum["unit"], value: number): Datum => ({
      name,
      dimensions: { Endpoint: escaped(endpoint) },
      timestampMs: nowMs,
      unit,
      values: [value],
      counts: [1],
    });
    datums.push(
      datum("JudgeCost", "None", own.reduce((sum, { costMicroUsd }) => sum + costMicroUsd, 0) / 1_000_000),
      datum("JudgeFailures", "Count", own.filter(({ status }) => status !== "graded").length),
    );
    if (day) datums.push(datum("JudgeBudgetLeft", "None", (day.budgetMicroUsd - day.committedMicroUsd) / 1_000_000));
  }
  return datums;
}
