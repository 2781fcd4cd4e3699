import type { ValueCounts } from "../../statistics/bins.ts";
import type { JudgedRow, WindowRecord } from "../windowRecord.ts";

/**
 * Something of all traffic whose shares are watched: of how many answers, how long they are, say. Grades are watched otherwise: they are
 * of few answers, chosen with known probability.
 */
export type Signal = {
  /** As people and metrics name it. No other signal, criterion or variant may be called so with a slash before or after it. */
  name: string;
  /** Whose change it tells of. */
  tells: "traffic" | "answers" | "judge" | "capacity";
  /**
   * `rate`: how often something bad happens, of which only more is worth a word; `scores` and `measure`: how a number is distributed;
   * `names`: how often each name occurs.
   */
  shape: "rate" | "scores" | "measure" | "names";
  /** How often each value occurred; of a rate, `bad` and `fine`. Of a number, its bin. */
  countsOf(record: WindowRecord): ValueCounts;
  /** How good an answer is by this signal, of those whose texts are known: what is lowest is shown. Absent where there is no such order. */
  gradeOf?: (row: JudgedRow) => number | null;
  /** As what an answer is counted, where `gradeOf` is absent: those of a share that grew are shown. */
  countedAs?: (row: JudgedRow) => string | undefined;
};

/** Whether each variant has a rule of its own: what comes in is shared among them. */
export function isOfVariant({ tells }: Pick<Signal, "tells">): boolean {
  return tells === "answers" || tells === "capacity";
}

/** What the cheap score of a name says of an answer; of one that is 0 or 1 only what is bad shows anything. */
export function gradeBy(score: string, isRate: boolean): NonNullable<Signal["gradeOf"]> {
  return ({ scores }) => {
    const own = Object.hasOwn(scores, score) ? scores[score]! : null;
    return own === null || (isRate && own >= 0.5) ? null : own;
  };
}

/** A rate from the histogram of a score that is 0 or 1. */
export function badAndFine(histogram: Readonly<Record<string, number>> | undefined): ValueCounts {
  let [bad, fine] = [0, 0];
  for (const [hundredths, count] of Object.entries(histogram ?? {})) {
    if (Number(hundredths) < 50) bad += count;
    else fine += count;
  }
  return { bad, fine };
}
