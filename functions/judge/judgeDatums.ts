import type { Ledger } from "../../shared/judging/ledger.ts";
import type { Datum } from "../../shared/monitoring/metrics.ts";
import { escaped } from "../../shared/monitoring/resultKeys.ts";
import type { MessageOutcome } from "./judgeMessage.ts";

/**
 * What a batch cost and what became of it, per endpoint, and what is left of the endpoint's day. `Judgements` has a count for each way in
 * which a judgement ends, and for tasks that wait. What did not happen is not published, except that nothing was graded though the judge
 * was wanted: an alarm looks for that. A judge that declines an answer is there: of a quiet endpoint the few answers of half an hour may all
 * be declined, and how often that happens is a signal of the monitor. Dollars have no unit in CloudWatch. What was judged before was published before.
 */
export async function judgeDatums(outcomes: readonly MessageOutcome[], ledger: Ledger, nowMs: number): Promise<Datum[]> {
  const datums: Datum[] = [];
  const news = outcomes.filter((outcome) => outcome.status === "waiting" || (outcome.status !== "no_judge" && outcome.fresh));
  for (const endpoint of [...new Set(news.map((outcome) => outcome.endpoint))].sort()) {
    const own = news.filter((outcome) => outcome.endpoint === endpoint);
    const judged = own.flatMap((outcome) => ("costMicroUsd" in outcome ? [outcome] : []));
    const Endpoint = escaped(endpoint);
    const datum = (name: string, unit: Datum["unit"], value: number, dimensions: Record<string, string> = {}): Datum => ({
      name,
      dimensions: { Endpoint, ...dimensions },
      timestampMs: nowMs,
      unit,
      values: [value],
      counts: [1],
    });
    const wanted = own.some(({ status }) => status !== "skipped" && status !== "refused") ? ["graded"] : [];
    for (const Status of [...new Set([...wanted, ...own.map(({ status }) => status)])].sort())
      datums.push(datum("Judgements", "Count", own.filter(({ status }) => status === Status).length, { Status }));
    if (judged.length === 0) continue;
    datums.push(
      datum("JudgeCost", "None", judged.reduce((sum, { costMicroUsd }) => sum + costMicroUsd, 0) / 1_000_000),
      datum("JudgeFailures", "Count", judged.filter(({ status }) => status !== "graded").length),
    );
    const day = await ledger.day(endpoint, nowMs);
    if (day) datums.push(datum("JudgeBudgetLeft", "None", (day.budgetMicroUsd - day.committedMicroUsd) / 1_000_000));
  }
  return datums;
}
