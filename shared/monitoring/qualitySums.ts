import { type Estimate, estimateMean, residuals } from "../statistics/estimate.ts";
import {
  type ChosenRow,
  type MomentBlock,
  type Moments,
  mergeBlocks,
  mergeMoments,
  momentsOf,
  noBlock,
  noMoments,
} from "../statistics/momentBlocks.ts";
import { z95 } from "../statistics/normal.ts";

/** An answer that was chosen for judging, with the grade that was predicted for it (0 where none was: then of all of its window). */
export type SummedRow = ChosenRow & { conversation?: string };

/** What is kept of some windows' grades of one criterion: sums that add, whatever the number of windows. */
export type QualitySums = {
  moments: Moments;
  /** Σ s/π over the judged, s the daily cycle's term of their window. */
  seasonal: number;
  /** How many conversations, and a block over their totals: Σ w, Σ wy and Σ wf of a conversation in place of 1, y and f; w = 1/π. */
  conversations: number;
  totals: MomentBlock;
};

export function noSums(): QualitySums {
  return { moments: noMoments(), seasonal: 0, conversations: 0, totals: noBlock() };
}

/**
 * @param N        answers that the rows were chosen from
 * @param sumF     sum of what was predicted for all N of them; 0 where nothing was
 * @param seasonal the daily cycle's term of their window
 */
export function sumsOf(N: number, sumF: number, rows: readonly SummedRow[], seasonal: number): QualitySums {
  const moments = momentsOf(N, sumF, rows);
  const byConversation = new Map<string | number, { w: number; wy: number; wf: number }>();
  rows.forEach(({ y, f, pi, conversation }, i) => {
    if (y === null) return;
    // A string never equals a number, so a record without a conversation is one of its own.
    const total = byConversation.get(conversation ?? i) ?? { w: 0, wy: 0, wf: 0 };
    byConversation.set(conversation ?? i, { w: total.w + 1 / pi, wy: total.wy + y / pi, wf: total.wf + f / pi });
  });
  const totals = [...byConversation.values()]
    .map(({ w, wy, wf }) => ({ a: w * w, ay: wy * w, af: wf * w, ayy: wy * wy, ayf: wy * wf, aff: wf * wf }))
    .reduce(mergeBlocks, noBlock());
  return { moments, seasonal: seasonal * moments.w.a, conversations: byConversation.size, totals };
}

/** The sums of two sets of windows that share no record; a conversation that goes on counts anew in each window. */
export function mergeSums(a: QualitySums, b: QualitySums): QualitySums {
  return {
    moments: mergeMoments(a.moments, b.moments),
    seasonal: a.seasonal + b.seasonal,
    conversations: a.conversations + b.conversations,
    totals: mergeBlocks(a.totals, b.totals),
  };
}

/** Grades that came after their window was summed: its answers, what was predicted and their being chosen were counted then. */
export function lateSums(rows: readonly (SummedRow & { y: number })[], seasonal: number): QualitySums {
  const sums = sumsOf(rows.length, 0, rows, seasonal);
  return {
    ...sums,
    moments: { ...sums.moments, N: 0, failed: -rows.length, wFailed: -sums.moments.w.a },
  };
}

/**
 * Mean grade and interval, wider where answers of one conversation resemble each other. With e = y - β f, w = 1/π and C conversations:
 *
 *   V ≥ C/(C-1) · Σ_c ( Σ_{i in c} w_i (e_i - ē) )² / W²
 *
 * @param beta slope of grade on prediction, from the baseline; 0: the prediction is not used
 * @returns `null` when nothing was judged
 * Source: docs/statistics.md, "The interval" and "Conversations"
 */
export function estimateOf({ moments, conversations: C, totals }: QualitySums, beta = 0, z = z95): Estimate | null {
  const W = moments.w.a;
  if (C < 2) return estimateMean(moments, beta, 0, z);
  const eBar = residuals(moments.w, beta).ae / W;
  const { ae, aee } = residuals(totals, beta);
  const V = ((C / (C - 1)) * Math.max(0, aee - 2 * eBar * ae + eBar * eBar * totals.a)) / (W * W);
  return estimateMean(moments, beta, V, z);
}

/** The daily cycle's mean term over the judged records; 0 without any. */
export function meanSeasonal({ moments, seasonal }: QualitySums): number {
  return moments.w.a === 0 ? 0 : seasonal / moments.w.a;
}
