import { type Agreement, agreementOf } from "../statistics/agreement.ts";
import type { LabelQueue } from "./queue.ts";

/** Grades that a person gave one of a queue's answers. */
export type HumanGrades = { eventId: string; grader: string; grades: Record<string, number> };

/** An answer that people and the judge graded: what corrects an estimate. */
export type LabelledAnswer = {
  variant: string;
  segment: string;
  window: string;
  /** Criterion → the people's grade, and the judge's. */
  h: Record<string, number>;
  y: Record<string, number>;
  p: number;
};

/**
 * The answers of a queue that people have graded, with the mean of their grades.
 * @param given in order of time: the last word of each grader about a criterion counts
 */
export function labelledAnswers(queue: LabelQueue, given: readonly HumanGrades[]): LabelledAnswer[] {
  const byAnswer = Map.groupBy(given, ({ eventId }) => eventId);
  return queue.answers.flatMap(({ eventId, variant, segment, window, y, p }) => {
    const words = new Map<string, Map<string, number>>();
    for (const { grader, grades } of byAnswer.get(eventId) ?? [])
      for (const [criterion, grade] of Object.entries(grades))
        words.set(criterion, (words.get(criterion) ?? new Map()).set(grader, grade));
    if (words.size === 0) return [];
    const h = Object.fromEntries([...words].map(([criterion, by]) => [criterion, mean([...by.values()])]));
    return [{ variant, segment, window, h, y, p }];
  });
}

/** The judge beside people, as the results bucket keeps it. */
export type JudgeQuality = Pick<LabelQueue, "endpoint" | "from" | "to" | "judgeVersion"> & {
  /** How many were asked about, and graded by somebody. */
  asked: number;
  labelled: number;
  /** `null` for a criterion that nobody graded. */
  criteria: Record<string, Agreement | null>;
};

export function judgeQuality(
  { endpoint, from, to, judgeVersion, criteria, answers }: LabelQueue,
  labelled: readonly LabelledAnswer[],
): JudgeQuality {
  const of = criteria.map((criterion) => {
    const rows = rowsOf(labelled, criterion);
    return [criterion, rows.length === 0 ? null : agreementOf(rows)] as const;
  });
  return {
    ...{ endpoint, from, to, judgeVersion, asked: answers.length, labelled: labelled.length },
    criteria: Object.fromEntries(of),
  };
}

/** What one criterion's formulas take: h, y, and a = 1/P(labelled). */
export function rowsOf(labelled: readonly LabelledAnswer[], criterion: string): { h: number; y: number; a: number }[] {
  return labelled.flatMap(({ h, y, p }) =>
    Object.hasOwn(h, criterion) && Object.hasOwn(y, criterion) ? [{ h: h[criterion]!, y: y[criterion]!, a: 1 / p }] : [],
  );
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
