/**
 * How much more the baseline's own windows differ than independent records would: 1 = not at all.
 *
 *   D = max( 1, Σ_windows Σ_k (c_k - n p_k)²/n / (windows - 1) / (1 - Σ p_k²) )
 *
 * It takes in conversations, bursts and daily cycles at once. Give it whole days and at least 48 windows.
 *
 * @param windows counts per bin of each window; windows without records are left out
 * @throws RangeError with fewer than two windows that have records
 * Source: docs/statistics.md, "Overdispersion"
 */
export function overdispersion(windows: readonly (readonly number[])[]): number {
  const filled = windows.map((counts) => ({ counts, n: total(counts) })).filter(({ n }) => n > 0);
  if (filled.length < 2) {
    throw new RangeError(`how much windows differ needs at least two with records, not ${filled.length}. Use a longer baseline.`);
  }
  const all = filled.reduce((sum, { n }) => sum + n, 0);
  const p = filled[0]!.counts.map((_, k) => filled.reduce((sum, { counts }) => sum + counts[k]!, 0) / all);
  const concentration = 1 - p.reduce((sum, share) => sum + share * share, 0);
  if (concentration < 1e-12) return 1; // Everything in one bin: nothing can differ.
  const spread = filled.reduce((sum, { counts, n }) => sum + counts.reduce((s, c, k) => s + (c - n * p[k]!) ** 2, 0) / n, 0);
  return Math.max(1, spread / (filled.length - 1) / concentration);
}

/**
 * The overdispersion of a window of n records, when the baseline's windows had nBar on average: `max(D, 1 + (D - 1) n/nBar)`.
 * What moves records together moves more of them in a larger window.
 * Source: docs/statistics.md, "Overdispersion"
 */
export function overdispersionAt(n: number, D: number, nBar: number): number {
  return Math.max(D, 1 + ((D - 1) * n) / nBar);
}

function total(counts: readonly number[]): number {
  return counts.reduce((a, b) => a + b, 0);
}
