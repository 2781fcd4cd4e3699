import { z95 } from "./normal.ts";
import { clippedMean, type Interval, wilson } from "./wilson.ts";

/**
 * From this many labels on, a correction is shown. With a judge that is only ever too kind, whose errors are few and large, its 95 % interval
 * holds 93 % then, and 91 % at half as many: `npm run bench -- labels`.
 */
export const enoughLabels = 100;

/** An answer that a person graded as well: grade of the person, of the judge, both in [0, 1], and a = 1/P(labelled). */
export type LabelledRow = { h: number; y: number; a: number };

export type Corrected = Interval & {
  /** The mean that people would have given. Not clipped: it may leave [0, 1] a little. */
  theta: number;
  /** How much of the judge's mean is used: 0 where the judge tells nothing of what people say. */
  lam: number;
  v: number;
  nStar: number;
  /** How much more the judge gives than people do. */
  bias: number;
};

/**
 * The judge's mean, corrected by the answers that people graded too. Moments are weighted by a, A = Σa, n_A = A²/Σa²:
 *
 *   λ = clip( cov(h,y) / (var y + n_A v_J), 0, 1 )       θ = λ θ_J + mean(h - λ y)
 *   v = n/(n-1) · Σ a² (h - λ y - mean)² / A²  +  λ² v_J       interval: Wilson(θ, θ(1-θ)/v)
 *
 * @param judge θ_J and v_J: mean of the judge's grades over the answers that the rows were drawn from, and its variance
 * @param rows  drawn with known probability, and never by whoever felt like it
 * @throws RangeError without rows
 * Source: Angelopoulos, Duchi & Zrnic 2023 (PPI++); docs/statistics.md, "Human labels"
 */
export function correctedMean(judge: { theta: number; variance: number }, rows: readonly LabelledRow[]): Corrected {
  if (rows.length === 0) throw new RangeError("a mean cannot be corrected without labels.");
  const A = sum(rows, ({ a }) => a);
  const mean = (of: (row: LabelledRow) => number) => sum(rows, (row) => row.a * of(row)) / A;
  const nA = (A * A) / sum(rows, ({ a }) => a * a);
  const [hBar, yBar] = [mean(({ h }) => h), mean(({ y }) => y)];
  const cov = mean(({ h, y }) => (h - hBar) * (y - yBar));
  const spread = mean(({ y }) => (y - yBar) ** 2) + nA * judge.variance;
  const lam = spread === 0 ? 0 : Math.min(1, Math.max(0, cov / spread));
  const dBar = hBar - lam * yBar;
  const theta = lam * judge.theta + dBar;
  const n = rows.length;
  const residual = sum(rows, ({ h, y, a }) => (a * (h - lam * y - dBar)) ** 2) / (A * A);
  const v = (n / Math.max(n - 1, 1)) * residual + lam * lam * judge.variance;
  const t = clippedMean(theta);
  const b = t * (1 - t);
  const nStar = b === 0 || v < 1e-15 ? nA : b / v;
  return { theta, lam, v, nStar, bias: yBar - hBar, ...wilson(theta, nStar, z95) };
}

function sum(rows: readonly LabelledRow[], of: (row: LabelledRow) => number): number {
  return rows.reduce((total, row) => total + of(row), 0);
}
