import { type Estimate, enoughJudged } from "../statistics/estimate.ts";
import { isOfLastDay, type JudgedRuleState } from "./judgedRule.ts";
import { estimateOf, mergeSums, noSums } from "./qualitySums.ts";

export type Quality = {
  /** Answers of the pooled windows, and how many of them were judged. */
  n: number;
  judged: number;
  /** `null`: under 30 judged in 24 hours, for which the interval would not hold. */
  estimate: Estimate | null;
};

/**
 * The quality of a variant as published: the newest windows pooled back to 30 judged answers, at most 24 hours. A variant that gets no
 * traffic any more keeps its windows, and has no quality a day later.
 * @param beta   slope by which predicted grades count, of the baseline
 * @param newest number of the last window that was folded, whether or not the variant had answers in it
 */
export function qualityOf({ recent }: Pick<JudgedRuleState, "recent">, beta: number, newest: number, windowMs: number): Quality {
  const windows = recent.filter((window) => isOfLastDay(window, newest, windowMs)).map(({ sums }) => sums);
  const sums = windows.reduce(mergeSums, noSums());
  const { N, plain } = sums.moments;
  // Where some windows predicted nothing, predictions would tell windows apart and not answers.
  const predicted = windows.every(({ moments }) => moments.N === 0 || moments.sumF > 0);
  return { n: N, judged: plain.a, estimate: plain.a < enoughJudged ? null : estimateOf(sums, predicted ? beta : 0) };
}
