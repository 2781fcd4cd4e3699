import { requireProbability, requireUnit } from "./preconditions.ts";

/** One answer that was chosen for judging. */
export type ChosenRow = {
  /** The judge's grade; `null` where there is none (failed, refused, not affordable, pending). */
  y: number | null;
  /** What was predicted for it before; any constant where nothing was. */
  f: number;
  /** The inclusion probability that was used. */
  pi: number;
};

/** Sums over the judged records of a, a y, a f, a y², a y f and a f², for one kind of weight a. */
export type MomentBlock = { a: number; ay: number; af: number; ayy: number; ayf: number; aff: number };

/** All that an estimate needs to know about a window. Plain sums: a day is the sum of its windows. */
export type Moments = {
  /** Answers in the window, judged or not, and the sum of their predictions. */
  N: number;
  sumF: number;
  /** a = 1; a = 1/π; a = (1 - π)/π². */
  plain: MomentBlock;
  w: MomentBlock;
  v: MomentBlock;
  /** Chosen records without a grade, and the sum of their 1/π. */
  failed: number;
  wFailed: number;
};

/**
 * The moments of one window.
 * @param N    all answers of the window, at least as many as rows
 * @param sumF Σ f over all N answers
 * @param rows those that were chosen for judging, each once
 * @throws RangeError for a grade or prediction outside [0, 1], a π outside (0, 1], NaN, or more rows than answers
 * Source: docs/statistics.md, "Moments of a window"
 */
export function momentsOf(N: number, sumF: number, rows: readonly ChosenRow[]): Moments {
  if (!(N >= rows.length && N < Infinity))
    throw new RangeError(`N is ${N} with ${rows.length} chosen: it counts all answers of the window.`);
  if (!(sumF >= 0 && sumF <= N * (1 + 1e-9)))
    throw new RangeError(`sumF is ${sumF} over ${N} answers: each prediction lies in [0, 1].`);
  const moments = { ...noMoments(), N, sumF };
  for (const { y, f, pi } of rows) {
    requireProbability("pi", pi);
    requireUnit("f", f);
    if (y === null) {
      moments.failed++;
      moments.wFailed += 1 / pi;
      continue;
    }
    requireUnit("y", y);
    add(moments.plain, 1, y, f);
    add(moments.w, 1 / pi, y, f);
    add(moments.v, (1 - pi) / (pi * pi), y, f);
  }
  return moments;
}

/** The moments of nothing, the neutral element of merging. */
export function noMoments(): Moments {
  return { N: 0, sumF: 0, plain: noBlock(), w: noBlock(), v: noBlock(), failed: 0, wFailed: 0 };
}

/** The moments of two windows (or unions of windows) that have no record in common. */
export function mergeMoments(a: Moments, b: Moments): Moments {
  return {
    N: a.N + b.N,
    sumF: a.sumF + b.sumF,
    plain: mergeBlocks(a.plain, b.plain),
    w: mergeBlocks(a.w, b.w),
    v: mergeBlocks(a.v, b.v),
    failed: a.failed + b.failed,
    wFailed: a.wFailed + b.wFailed,
  };
}

/** The block of nothing, the neutral element of merging. */
export function noBlock(): MomentBlock {
  return { a: 0, ay: 0, af: 0, ayy: 0, ayf: 0, aff: 0 };
}

function add(block: MomentBlock, a: number, y: number, f: number): void {
  block.a += a;
  block.ay += a * y;
  block.af += a * f;
  block.ayy += a * y * y;
  block.ayf += a * y * f;
  block.aff += a * f * f;
}

/** The block of both together. */
export function mergeBlocks(a: MomentBlock, b: MomentBlock): MomentBlock {
  return { a: a.a + b.a, ay: a.ay + b.ay, af: a.af + b.af, ayy: a.ayy + b.ayy, ayf: a.ayf + b.ayf, aff: a.aff + b.aff };
}
