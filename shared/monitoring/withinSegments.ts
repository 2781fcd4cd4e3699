import type { CriterionBaseline, ShareBaseline } from "./baseline.ts";
import { enoughInSegment } from "./measureCriterion.ts";
import { estimateOf, type QualitySums } from "./qualitySums.ts";

/** How far quality moved, as if the questions were still those of the baseline. */
export type WithinSegments = { q: number; seQ: number };

/**
 * The change of quality within the segments, weighted by the baseline's shares p of those that have grades both then and now:
 *
 *   q = Σ p_k (θ_k - μ_k) / Σ p_k        seQ² = Σ p_k² (se_k² + se0_k²) / (Σ p_k)²
 *
 * @param bins  grades since the change, per bin of the baseline's segments
 * @param moved what moved all of them without being asked about: the judge's shift known before, and the daily cycle's mean term
 * @returns `null` where the segments that can be compared were under half of the baseline's traffic
 */
export function changeWithinSegments(
  bins: readonly QualitySums[],
  { bySegment }: Pick<CriterionBaseline, "bySegment">,
  { counts }: Pick<ShareBaseline, "counts">,
  moved: number,
): WithinSegments | null {
  const all = counts.reduce((a, b) => a + b, 0);
  let [share, q, variance] = [0, 0, 0];
  bins.forEach((sums, bin) => {
    const then = bySegment[bin] ?? null;
    const now = estimateOf(sums);
    if (then === null || now === null || now.n < enoughInSegment) return;
    const p = counts[bin]! / all;
    share += p;
    q += p * (now.theta - then.mu0 - moved);
    variance += p * p * (now.standardError ** 2 + then.se0 ** 2);
  });
  return share < 0.5 ? null : { q: q / share, seQ: Math.sqrt(variance) / share };
}
