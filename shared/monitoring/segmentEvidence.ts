import type { JudgeShift } from "../statistics/anchors.ts";
import { gradeBets } from "../statistics/bets.ts";
import { type GradedRow, gradeEvidence } from "../statistics/gradeEvidence.ts";
import { rejectedAtOnce } from "../statistics/manyAtOnce.ts";
import { normalQuantile } from "../statistics/normal.ts";
import { afterJudgeMove, referenceOf, shiftedReference } from "../statistics/reference.ts";
import { addToMixture, lnEvidenceOf, newMixture, type StartMixture } from "../statistics/startMixture.ts";
import { clippedMean, type Interval } from "../statistics/wilson.ts";
import type { CriterionBaseline } from "./baseline.ts";

/** Evidence of each segment of the baseline by itself. `day`: in which a start was opened last, in days since 1970. */
export type SegmentEvidence = { day: number | null; bins: StartMixture[] };

/** Of the segments that a finding names, the expected share that has not moved is at most this. */
const error = 0.05;

export function newSegmentEvidence(): SegmentEvidence {
  return { day: null, bins: [] };
}

/**
 * What each segment's mean is held against; `null` where the baseline has too few of its grades. Wide enough that by the baseline's own luck
 * not one segment in twenty baselines stands out.
 */
export function segmentReferences(
  bySegment: CriterionBaseline["bySegment"],
  shift: JudgeShift | null,
  tolerance: number,
): (Interval | null)[] {
  const z0 = normalQuantile(1 - error / (2 * Math.max(1, bySegment.length)));
  return bySegment.map((then) => {
    if (then === null) return null;
    const mu0 = clippedMean(then.mu0);
    const measured = { mu0, nStar0: then.se0 > 0 ? (mu0 * (1 - mu0)) / then.se0 ** 2 : then.judged };
    const level = measured.nStar0 > 0 ? measured : { mu0, nStar0: then.judged };
    return referenceOf(shift === null ? level : afterJudgeMove(level, shift), tolerance, z0);
  });
}

/**
 * Adds the judged rows of a window to the segments' evidence. A change may begin with any day.
 * @param rows     per segment
 * @param seasonal by how much the reference moves in this window
 */
export function foldSegments(
  { day: before, bins }: SegmentEvidence,
  day: number,
  piRef: number,
  rows: readonly (readonly GradedRow[])[],
  references: readonly (Interval | null)[],
  seasonal: number,
): SegmentEvidence {
  const opens = before === null || day > before;
  const folded = references.map((reference, bin) => {
    const own = bins[bin] ?? newMixture();
    const judged = reference === null ? [] : rows[bin]!;
    if (reference === null || (judged.length === 0 && !opens)) return own;
    return addToMixture(own, gradeEvidence(piRef, shiftedReference(reference, seasonal), judged).lnE, opens);
  });
  return { day: opens ? day : before, bins: folded };
}

/**
 * The segments that moved, of all of them at once and in either direction.
 * Source: docs/statistics.md, "Many segments at once"
 */
export function segmentsThatMoved({ bins }: SegmentEvidence): { bin: number; direction: "drop" | "rise" }[] {
  const J = gradeBets.length;
  const lnE = bins.flatMap((own) => [lnEvidenceOf(own, 0, J), lnEvidenceOf(own, J, 2 * J)]);
  if (lnE.length === 0) return [];
  return rejectedAtOnce(lnE, error).map((i) => ({ bin: Math.floor(i / 2), direction: i % 2 === 0 ? "drop" : "rise" }));
}
