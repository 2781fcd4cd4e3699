import type { Moments } from "./momentBlocks.ts";

export type PredictionSlope = {
  /** Least-squares slope of grade on prediction, cut to [0, 1], and their correlation. */
  slope: number;
  rho: number;
  /** The slope to estimate with: 0 where the prediction is not worth using. */
  beta: number;
};

/** With fewer judged records nobody can tell how good a prediction is. */
export const enoughToPredict = 100;

/**
 * How far a cheap prediction f may be trusted to stand in for the judge's grade y. Moments weighted by 1/π:
 *
 *   slope = clip( cov(y, f)/var(f), 0, 1 )        ρ = cov(y, f)/√(var y · var f)
 *
 * β is that slope, or 0 with fewer than 100 judged records, a prediction that does not vary, or ρ < 0.3. It belongs to a
 * baseline: fitted on the window it then estimates, it costs coverage at small n.
 *
 * @param baseline moments of the whole baseline
 * Source: Angelopoulos, Duchi & Zrnic 2023 (PPI++); docs/statistics.md, "The mean"
 */
export function predictionSlope(baseline: Moments): PredictionSlope {
  const { a: W, ay, af, ayy, ayf, aff } = baseline.w;
  if (W === 0) return { slope: 0, rho: 0, beta: 0 };
  const covariance = ayf / W - (ay / W) * (af / W);
  const varF = Math.max(0, aff / W - (af / W) ** 2);
  const varY = Math.max(0, ayy / W - (ay / W) ** 2);
  if (varF < 1e-12) return { slope: 0, rho: 0, beta: 0 };
  const slope = Math.min(1, Math.max(0, covariance / varF));
  const rho = varY < 1e-12 ? 0 : covariance / Math.sqrt(varY * varF);
  return { slope, rho, beta: baseline.plain.a < enoughToPredict || rho < 0.3 ? 0 : slope };
}
