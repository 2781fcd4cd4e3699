import { type Estimate, estimateMean } from "../statistics/estimate.ts";
import { type Moments, mergeMoments, momentsOf, noMoments } from "../statistics/momentBlocks.ts";

/** An answer that was chosen for judging; `y` is `null` where there is no grade. */
export type SummedRow = { y: number | null; pi: number; conversation?: string };

/** What is kept of some windows' grades of one criterion: sums that add, whatever the number of windows. */
export type QualitySums = {
  /** Without predictions: f = 0. */
  moments: Moments;
  /** Σ s/π over the judged, s the daily cycle's term of their window. */
  seasonal: number;
  /** How many conversations, and over them Σ (Σ wy)², Σ (Σ wy)(Σ w) and Σ (Σ w)², w = 1/π. */
  conversations: number;
  aa: number;
  ab: number;
  bb: number;
};

export function noSums(): QualitySums {
  return { moments: noMoments(), seasonal: 0, conversations: 0, aa: 0, ab: 0, bb: 0 };
}

/**
 * @param N        answers that the rows were chosen from
 * @param seasonal the daily cycle's term of their window
 */
export function sumsOf(N: number, rows: readonly SummedRow[], seasonal: number): QualitySums {
  const moments = momentsOf(
    N,
    0,
    rows.map(({ y, pi }) => ({ y, pi, f: 0 })),
  );
  const totals = new Map<string | number, { a: number; b: number }>();
  rows.forEach(({ y, pi, conversation }, i) => {
    if (y === null) return;
    // A string never equals a number, so a record without a conversation is one of its own.
    const total = totals.get(conversation ?? i) ?? { a: 0, b: 0 };
    totals.set(conversation ?? i, { a: total.a + y / pi, b: total.b + 1 / pi });
  });
  let [aa, ab, bb] = [0, 0, 0];
  for (const { a, b } of totals.values()) {
    aa += a * a;
    ab += a * b;
    bb += b * b;
  }
  return { moments, seasonal: seasonal * moments.w.a, conversations: totals.size, aa, ab, bb };
}

/** The sums of two sets of windows that share no record; a conversation that goes on counts anew in each window. */
export function mergeSums(a: QualitySums, b: QualitySums): QualitySums {
  return {
    moments: mergeMoments(a.moments, b.moments),
    seasonal: a.seasonal + b.seasonal,
    conversations: a.conversations + b.conversations,
    aa: a.aa + b.aa,
    ab: a.ab + b.ab,
    bb: a.bb + b.bb,
  };
}

/** Grades that came after their window was summed: its answers and their being chosen were counted then. */
export function lateSums(rows: readonly (SummedRow & { y: number })[], seasonal: number): QualitySums {
  const sums = sumsOf(rows.length, rows, seasonal);
  return {
    ...sums,
    moments: { ...sums.moments, N: 0, failed: -rows.length, wFailed: -sums.moments.w.a },
  };
}

/**
 * Mean grade and interval, wider where answers of one conversation resemble each other:
 *
 *   V ≥ C/(C-1) · ( Σa² - 2ȳ Σab + ȳ² Σb² ) / W²        a, b: sums of wy and w of a conversation
 *
 * @returns `null` when nothing was judged
 * Source: docs/statistics.md, "The interval" and "Conversations"
 */
export function estimateOf({ moments, conversations: C, aa, ab, bb }: QualitySums, z?: number): Estimate | null {
  const W = moments.w.a;
  if (C < 2) return estimateMean(moments, 0, 0, z);
  const yBar = moments.w.ay / W;
  const V = ((C / (C - 1)) * Math.max(0, aa - 2 * yBar * ab + yBar * yBar * bb)) / (W * W);
  return estimateMean(moments, 0, V, z);
}

/** The daily cycle's mean term over the judged records; 0 without any. */
export function meanSeasonal({ moments, seasonal }: QualitySums): number {
  return moments.w.a === 0 ? 0 : seasonal / moments.w.a;
}
