import { createHash } from "node:crypto";

/** A stored question and answer with the grades that the judge once gave it, read again and again to see whether the judge moved. */
export type Anchor = {
  /** The event id of the inference. */
  id: string;
  /** `null` where the baseline was made of a stream that has no text: such an anchor cannot be asked about again. */
  prompt: string | null;
  completion: string | null;
  /** Criterion → mean grade of the readings at freezing. */
  stored: Record<string, number>;
};

/** All anchors of an endpoint, graded again at about the same time. */
export type AnchorReading = {
  /** When the last of them was graded, ISO. */
  time: string;
  /** Those that got a grade. `stored` stands beside it, so that a reading can be used without its baseline. */
  anchors: { id: string; stored: Record<string, number>; grades: Record<string, number> }[];
};

/** An anchor before its baseline is frozen: its readings, each criterion → grade. */
export type ReadAnchor = { id: string; prompt: string | null; completion: string | null; readings: Record<string, number>[] };

/** As many anchors show a judge's shift of five points of 100 within some days (docs/statistics.md, "The judge"). */
export const anchorsPerBaseline = 100;
/** Readings whose mean is stored; what comes after tells how much one reading differs from it. */
const storedReadings = 3;

/**
 * The candidates that become anchors: at most 100, by a hash of their ids, so that neither order nor grade prefers any.
 * @param candidates judged answers with their texts, each id once
 */
export function drawAnchors<Candidate extends { id: string }>(candidates: readonly Candidate[]): Candidate[] {
  return candidates
    .map((candidate) => ({ candidate, hash: createHash("sha256").update(`assay:anchor:v1:${candidate.id}`).digest("hex") }))
    .sort((a, b) => (a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : 0))
    .slice(0, anchorsPerBaseline)
    .map(({ candidate }) => candidate);
}

/** An anchor with its stored grades: per criterion the mean of its first three readings that have it. `null` without any. */
export function storedAnchor({ id, prompt, completion, readings }: ReadAnchor): Anchor | null {
  const criteria = new Set(readings.flatMap((grades) => Object.keys(grades)));
  if (criteria.size === 0) return null;
  const stored = [...criteria]
    .sort()
    .map((criterion) => [criterion, mean(gradesOf(readings, criterion).slice(0, storedReadings))]);
  return { id, prompt, completion, stored: Object.fromEntries(stored) };
}

/**
 * Per criterion the standard deviation of one more reading's differences to the stored grades; a criterion for which fewer than
 * two anchors were read a fourth time is left out.
 */
export function anchorSpread(read: readonly ReadAnchor[]): Record<string, number> {
  const criteria = [...new Set(read.flatMap(({ readings }) => readings.flatMap((grades) => Object.keys(grades))))].sort();
  const spreads = criteria.map((criterion) => {
    const differences = read.flatMap(({ readings }) => {
      const grades = gradesOf(readings, criterion);
      return grades.length > storedReadings ? [grades[storedReadings]! - mean(grades.slice(0, storedReadings))] : [];
    });
    return [criterion, differences] as const;
  });
  return Object.fromEntries(spreads.filter(([, ds]) => ds.length > 1).map(([criterion, ds]) => [criterion, spread(ds)]));
}

/** New minus stored grade of each anchor of a reading, by id. */
export function differencesOf({ anchors }: AnchorReading, criterion: string): Record<string, number> {
  return Object.fromEntries(
    anchors.flatMap(({ id, stored, grades }) => {
      const [was, is] = [stored[criterion], grades[criterion]];
      return was === undefined || is === undefined ? [] : [[id, is - was]];
    }),
  );
}

/** Standard deviation of at least two numbers. */
export function spread(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
}

function gradesOf(readings: readonly Record<string, number>[], criterion: string): number[] {
  return readings.flatMap((grades) => grades[criterion] ?? []);
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
