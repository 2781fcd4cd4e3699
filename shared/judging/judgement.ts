import type { Scores, Source } from "../capture/inference.ts";

/** What a judge made of one answer. Only `graded` has numbers: everything else is counted, and never guessed. */
export type Judgement =
  | { status: "graded" /** Criterion → grade in [0, 1]. */; grades: Record<string, number>; costMicroUsd: number }
  | { status: "failed" | "refused" | "unparseable"; reason: string; costMicroUsd: number }
  | { status: "skipped"; reason: "budget" };

/** Which answer a judgement is about, and how it came to be chosen. Kept beside it; captured text is not. */
export type JudgedInference = {
  eventId: string;
  endpoint: string;
  variant: string;
  window: string;
  /** Of the inference, ISO. */
  time: string;
  /** The probability with which it was chosen, in (0, 1]. */
  pi: number;
  conversation?: string;
  segment: string;
  /** What the cheap scorers said: predictions of grades are learnt from them. */
  scores: Scores;
  /** Where its text stands: captured text is stored once. */
  source: Source;
};

/** A judgement as the results bucket keeps it, with what it is about. */
export type Judged<About> = About & { judgeVersion: string; judgement: Judgement; judgedAt: string };
export type StoredJudgement = Judged<JudgedInference>;

/** Mean grade in [0, 1] of what was graded, or `null`; the rest is a count of its own (`JudgeFailures`), never a 0. */
export function meanGrade(judgements: readonly Judgement[], criterion: string): number | null {
  const grades = judgements.flatMap((j) =>
    j.status === "graded" && Object.hasOwn(j.grades, criterion) ? [j.grades[criterion]!] : [],
  );
  return grades.length === 0 ? null : grades.reduce((a, b) => a + b) / grades.length;
}

export type JudgementCounts = Record<Judgement["status"], number>;

export function countJudgements(judgements: readonly Judgement[]): JudgementCounts {
  const counts: JudgementCounts = { graded: 0, failed: 0, refused: 0, unparseable: 0, skipped: 0 };
  for (const { status } of judgements) counts[status]++;
  return counts;
}

export function costOf(judgement: Judgement): number {
  return judgement.status === "skipped" ? 0 : judgement.costMicroUsd;
}
