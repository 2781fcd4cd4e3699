import type { MomentBlock, Moments } from "./momentBlocks.ts";
import { z95 } from "./normal.ts";
import { clippedMean, type Interval, wilson } from "./wilson.ts";

/** From this many judged records on, the interval was checked to hold what it says; below, pool more windows. */
export const enoughJudged = 30;

export type Estimate = Interval & {
  /** Judged records behind it. */
  n: number;
  /** Estimated mean of all N answers, not clipped: with β > 0 it may leave [0, 1] a little. */
  theta: number;
  /** Variance of theta for the process that produced the answers, so that windows can be compared. */
  V: number;
  /** Kish's effective number of judged records, and the effective number behind the interval. */
  nEff: number;
  nStar: number;
  /** How spread the residuals are beside pass/fail grades with the same mean: 1 = as much. */
  r: number;
  /** √(t(1 - t)/nStar), t = theta cut to [0, 1]; 0 only where every grade was the same end of the scale. */
  standardError: number;
};

/**
 * Mean quality of all N answers from the grades of few, with its interval. With e = y - β f and W = Σ 1/π:
 *
 *   ē = Σ (e/π) / W                       θ̂ = β ΣF/N + ē
 *   V = n/(n-1) · (v₂ - 2 ē v₁ + ē² v₀)/W² + s²_y/N            v_k = Σ (1 - π)/π² e^k
 *   n_eff = W² / Σ 1/π²                   r = min(1, s²_e / ȳ(1 - ȳ))
 *   n* = min( t(1 - t)/V, n_eff/max(r, 10⁻⁶) )                 interval: Wilson(t, n*, z)
 *
 * β = 0 is Hájek's mean of the judged records, β > 0 the difference estimator. The second term of n* keeps a few heavy
 * records that happen to agree from claiming a precision they lack.
 *
 * @param moments of a window or of any union of windows
 * @param beta    slope of grade on prediction, from the baseline and never from this window; 0: the prediction is not used
 * @param conversationVariance a lower bound of V, see conversations.ts; 0 where conversations are unknown
 * @returns `null` when nothing was judged: that is no estimate, not an estimate of 0
 * Source: Särndal, Swensson & Wretman 1992, section 6.3; Kish 1965; docs/statistics.md, "The mean" and "The interval"
 */
export function estimateMean(moments: Moments, beta = 0, conversationVariance = 0, z = z95): Estimate | null {
  const { N, sumF, plain, w, v } = moments;
  const n = plain.a;
  if (n === 0) return null;
  const W = w.a;
  const eBar = residuals(w, beta).ae / W;
  const theta = (beta * sumF) / N + eBar;

  const { ae: v1, aee: v2 } = residuals(v, beta);
  const s2y = Math.max(0, w.ayy / W - (w.ay / W) ** 2);
  const sampling = Math.max(0, v2 - 2 * eBar * v1 + eBar * eBar * v.a);
  const V = Math.max((n / Math.max(n - 1, 1)) * (sampling / (W * W)) + s2y / N, conversationVariance);

  const nEff = (W * W) / (v.a + W);
  const r = spreadBesidePassFail(plain, beta);
  const t = clippedMean(theta);
  const b = t * (1 - t);
  const agreeing = nEff / Math.max(r, 1e-6);
  const nStar = b === 0 ? nEff : V < 1e-15 ? agreeing : Math.min(b / V, agreeing);
  return { n, theta, V, nEff, nStar, r, standardError: Math.sqrt(b / nStar), ...wilson(theta, nStar, z) };
}

/** The sums of a e and a e² under a block, from its six. */
export function residuals(block: MomentBlock, beta: number): { ae: number; aee: number } {
  return { ae: block.ay - beta * block.af, aee: block.ayy - 2 * beta * block.ayf + beta * beta * block.aff };
}

function spreadBesidePassFail(plain: MomentBlock, beta: number): number {
  const n = plain.a;
  const yBar = plain.ay / n;
  if (n === 1 || yBar === 0 || yBar === 1) return 1;
  const { ae, aee } = residuals(plain, beta);
  const s2e = Math.max(0, (aee - (ae * ae) / n) / (n - 1));
  return Math.min(1, s2e / (yBar * (1 - yBar)));
}
