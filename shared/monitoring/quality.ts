import { type Estimate, enoughJudged } from "../statistics/estimate.ts";
import type { JudgedRuleState } from "./judgedRule.ts";
import { estimateOf, mergeSums, noSums, type QualitySums } from "./qualitySums.ts";

export type Quality = {
  /** Answers of the pooled windows, and how many of them were judged. */
  n: number;
  judged: number;
  /** `null`: under 30 judged in 24 hours, for which the interval would not hold. */
  estimate: Estimate | null;
};

/** The quality of a variant as published: the newest windows pooled back to 30 judged answers, at most 24 hours. */
export function qualityOf(state: Pick<JudgedRuleState, "recent">): Quality {
  const { sums, judged } = pooled(state);
  return { n: sums.moments.N, judged, estimate: judged < enoughJudged ? null : estimateOf(sums) };
}

/** The newest windows as one. */
export function pooled({ recent }: Pick<JudgedRuleState, "recent">): { sums: QualitySums; judged: number } {
  const sums = recent.reduce((all, window) => mergeSums(all, window.sums), noSums());
  return { sums, judged: sums.moments.plain.a };
}
