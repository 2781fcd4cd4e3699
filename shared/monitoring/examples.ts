import type { Example } from "./finding.ts";
import type { JudgedRow } from "./windowRecord.ts";

/** An example, and the fold that it came with. */
export type FoldedExample = Example & { fold: number };

/** Enough to see what is wrong, and few enough to be read. */
const most = 5;

/**
 * The lowest grades since a change began, with those of another fold.
 * @param since  the fold in which it began: what is older is forgotten
 * @param gradeOf what an answer is ordered by, lowest first; `null` for one that shows nothing
 */
export function worstSince(
  worst: readonly FoldedExample[],
  since: number,
  fold: number,
  rows: readonly JudgedRow[],
  gradeOf: (row: JudgedRow) => number | null,
): FoldedExample[] {
  const fresh = rows.flatMap((row) => {
    const grade = gradeOf(row);
    return grade === null ? [] : [{ fold, eventId: row.eventId, grade, source: row.source ?? null }];
  });
  return [...worst, ...fresh]
    .filter((row) => row.fold >= since)
    .sort((a, b) => a.grade - b.grade || (a.eventId < b.eventId ? -1 : 1))
    .slice(0, most);
}

/** As a finding has them. */
export function examplesOf(worst: readonly FoldedExample[] = []): { examples?: Example[] } {
  return worst.length === 0 ? {} : { examples: worst.map(({ fold: _, ...example }) => example) };
}
