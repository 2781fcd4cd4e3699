import { addAnswered, addUnanswered, type Counted } from "../monitoring/summary.ts";
import { emptyWindow, type WindowRecord } from "../monitoring/windowRecord.ts";
import { windowOf } from "../monitoring/windows.ts";
import type { Plan } from "./plan.ts";
import type { ItemResult, TargetResult } from "./result.ts";

/** Names an answer of an evaluation, as an event id names one of traffic. */
export const answerId = (variant: string, item: string): string => `${variant}/${item}`;

/**
 * An evaluation as a baseline is made of it: one window of each variant, that of its plan, in which every answer was chosen. A golden
 * set names no segments of traffic, so all is one.
 * @param results in any order, each item once
 */
export function recordsOfEvaluation(plan: Plan, results: readonly ItemResult[]): WindowRecord[] {
  const { endpoint, plannedAt } = plan;
  const window = windowOf(Date.parse(plannedAt));
  const items = results.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return ownVariants(plan).map(({ variant, target }) => {
    const record = emptyWindow(window, endpoint, variant);
    for (const { id, variants: answers } of items) addAnswer(record, answerId(variant, id), plannedAt, answers[target]!); // an item has them all
    return { ...record, piRef: record.summary.piMin };
  });
}

/** The targets that are variants of the endpoint itself: only these can be what is normal for it. */
export const ownVariants = ({ endpoint, targets }: Pick<Plan, "endpoint" | "targets">): { variant: string; target: string }[] =>
  targets.flatMap((target) =>
    target.kind === "endpoint" && target.endpoint === endpoint && target.variant !== null
      ? [{ variant: target.variant, target: target.name }]
      : [],
  );

const pi = 1;
const segment = "all";

function addAnswer({ summary, rows, failed }: WindowRecord, eventId: string, time: string, result: TargetResult): void {
  const unknown = { promptTokens: 0, completionTokens: 0, tokensEstimated: false, scores: {} };
  const counted = (outcome: Counted["outcome"]): Counted => ({ eventId, time, segment, ...unknown, outcome });
  if (result.outcome !== "answered") {
    addUnanswered(summary, counted("model_error"));
    return;
  }
  const { promptTokens, completionTokens, tokensEstimated, scores, judgement } = result;
  const answer = { ...counted("answered"), promptTokens, completionTokens, tokensEstimated, scores };
  addAnswered(summary, answer, { hardFailure: false, pi, piRef: pi, chosen: true, f: {} });
  if (judgement.status === "graded") rows.push({ eventId, time, segment, y: judgement.grades, pi, f: {}, scores });
  else failed.push({ eventId, pi, segment, f: {}, status: judgement.status });
}
