import type { Signal } from "./signal.ts";

/** Answers that the judge was asked about in vain. What the budget did not suffice for was not asked. */
export const failedJudgements: Signal = {
  name: "failed-judgements",
  tells: "judge",
  shape: "rate",
  countsOf: ({ rows, failed }) => ({ bad: failed.filter(({ status }) => status !== "skipped").length, fine: rows.length }),
};
