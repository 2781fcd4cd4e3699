import type { Scores, Source } from "../capture/inference.ts";
import type { Judgement } from "../judging/judgement.ts";
import { emptySummary, merge, type Summary, type Traits, upToDate } from "./summary.ts";

/** An answer with its grades. */
export type JudgedRow = {
  eventId: string;
  /** ISO, of the inference. */
  time: string;
  segment: string;
  conversation?: string;
  /** Criterion → grade in [0, 1]. */
  y: Record<string, number>;
  pi: number;
  /** Criterion → grade that was predicted from the cheap scores before; `{}` where none was. */
  f: Record<string, number>;
  /** What the cheap scorers said. */
  scores: Scores;
  /** What it is counted as; absent in those of before it was kept, and in what came late. */
  traits?: Traits;
  /** Where its text stands; absent in a recorded stream. */
  source?: Source;
};

/** A chosen answer without a grade. */
type UngradedRow = { eventId: string; pi: number; segment: string; f: Record<string, number> };

/** One of which the judge was asked in vain, or for which there was no budget: in which way it ended. */
type FailedRow = UngradedRow & { status: Exclude<Judgement["status"], "graded"> };

/** All that is known of one window of one variant. */
export type WindowRecord = {
  /** Its start, ISO. */
  window: string;
  endpoint: string;
  variant: string;
  summary: Summary;
  rows: JudgedRow[];
  /** The judge gave no grade (failed, refused, unparseable, or the budget was spent). */
  failed: FailedRow[];
  /** Not judged yet. Its grade may come as a late row. */
  pending: UngradedRow[];
  /** The smallest π that its policy could assign; of a recorded stream, that any of its answers had. `null` without answers. */
  piRef: number | null;
};

/** A window of which nothing is known yet. */
export function emptyWindow(window: string, endpoint: string, variant: string): WindowRecord {
  return { window, endpoint, variant, summary: emptySummary(), rows: [], failed: [], pending: [], piRef: null };
}

/** A record as it was kept, whichever version of Assay kept it: what that did not know yet is empty. */
export function upToDateRecord(record: WindowRecord): WindowRecord {
  const withF = <T extends { f: Record<string, number> }>(rows: readonly T[]) => rows.map((row) => ({ ...row, f: row.f ?? {} }));
  return {
    ...record,
    summary: upToDate(record.summary),
    rows: withF(record.rows).map((row) => ({ ...row, scores: row.scores ?? {} })),
    failed: withF(record.failed),
    pending: withF(record.pending),
  };
}

/** A grade that arrived after its window was folded, with what its own window says of it. */
export type LateJudgedRow = JudgedRow & { window: string; variant: string; piRef: number };

/** What the monitor needs of a judgement: `StoredJudgement` is one. */
export type JudgedAnswer = {
  eventId: string;
  time: string;
  segment: string;
  conversation?: string;
  pi: number;
  /** Absent in judgements of before they were kept. */
  scores?: Scores;
  source?: Source;
  judgement: { status: "graded"; grades: Record<string, number> } | { status: "failed" | "refused" | "unparseable" | "skipped" };
};

/**
 * The record of a window, from its books and its judgements. Neither their order nor repetitions change it.
 * @param judgements of this window and variant; those of answers that no summary chose are left out: the books decide
 */
export function windowRecordOf(
  identity: { window: string; endpoint: string; variant: string },
  summaries: readonly Summary[],
  judgements: readonly JudgedAnswer[],
): WindowRecord {
  const summary = summaries.reduce(merge, emptySummary());
  const judged = new Map(judgements.map((judgement) => [judgement.eventId, judgement]));
  const record: WindowRecord = { ...identity, summary, rows: [], failed: [], pending: [], piRef: summary.piMin };
  for (const { eventId, pi, segment, f = {}, traits } of new Map(
    summary.chosen.map((chosen) => [chosen.eventId, chosen]),
  ).values()) {
    const answer = judged.get(eventId);
    if (answer === undefined) record.pending.push({ eventId, pi, segment, f });
    else if (answer.judgement.status === "graded") {
      const row = rowOf(answer, answer.judgement.grades, f);
      record.rows.push(traits === undefined ? row : { ...row, traits });
    } else record.failed.push({ eventId, pi, segment, f, status: answer.judgement.status });
  }
  return record;
}

/**
 * Grades for a folded window that it did not have: those of its pending answers that were judged since.
 * @param folded the window as it was folded
 * @param known  event ids that earlier folds took as late rows
 */
export function lateRowsOf(
  folded: WindowRecord,
  judgements: readonly JudgedAnswer[],
  known: ReadonlySet<string>,
): LateJudgedRow[] {
  const pending = new Map(folded.pending.map(({ eventId, f }) => [eventId, f]));
  const { window, variant, piRef } = folded;
  return judgements.flatMap((answer) => {
    const f = pending.get(answer.eventId);
    if (answer.judgement.status !== "graded" || piRef === null || f === undefined || known.has(answer.eventId)) return [];
    return [{ ...rowOf(answer, answer.judgement.grades, f), window, variant, piRef }];
  });
}

function rowOf(
  { eventId, time, segment, conversation, pi, scores = {}, source }: JudgedAnswer,
  y: Record<string, number>,
  f: Record<string, number>,
): JudgedRow {
  return {
    eventId,
    time,
    segment,
    ...(conversation === undefined ? {} : { conversation }),
    y,
    pi,
    f,
    scores,
    ...(source === undefined ? {} : { source }),
  };
}
