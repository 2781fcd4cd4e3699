/** A graded answer, without the daily cycle's term, and the probability that it was chosen with. */
export type WanderRow = { y: number; pi: number };

/**
 * How far the true mean wanders by itself from span to span, as a standard deviation: what the spans' means differ beyond what so few
 * grades explain. With weights 1/π, n_h the effective number of a span, s² the pooled variance within spans and w_h = n_h/s²:
 *
 *   Q = Σ w_h (ȳ_h - ȳ)²        τ² = (Q - (k - 1)) / (Σ w_h - Σ w_h²/Σ w_h)        0 unless Q > k - 1 + 3 √(2(k - 1))
 *
 * @param spans of equal length, e.g. hours; those with fewer than two rows say nothing
 * @returns in score points; 0: no wander was shown, which few grades cannot exclude
 * Source: DerSimonian & Laird 1986, Meta-analysis in clinical trials; docs/statistics.md, "The baseline"
 */
export function wanderOf(spans: readonly (readonly WanderRow[])[]): number {
  const known = spans.filter((rows) => rows.length >= 2).map(spanMoments);
  const freedom = sum(known.map(({ n }) => n - 1));
  const within = sum(known.map(({ n, variance }) => n * variance)) / freedom;
  if (known.length < 2 || !(within > 0)) return 0;
  const weights = known.map(({ n }) => n / within);
  const W = sum(weights);
  const mean = sum(known.map((span, h) => weights[h]! * span.mean)) / W;
  const Q = sum(known.map((span, h) => weights[h]! * (span.mean - mean) ** 2));
  const expected = known.length - 1;
  if (Q <= expected + 3 * Math.sqrt(2 * expected)) return 0;
  return Math.sqrt((Q - expected) / (W - sum(weights.map((w) => w * w)) / W));
}

function spanMoments(rows: readonly WanderRow[]): { n: number; mean: number; variance: number } {
  const w = rows.map(({ pi }) => 1 / pi);
  const W = sum(w);
  const mean = sum(rows.map(({ y }, i) => w[i]! * y)) / W;
  return {
    n: W ** 2 / sum(w.map((x) => x * x)),
    mean,
    variance: sum(rows.map(({ y }, i) => w[i]! * (y - mean) ** 2)) / W,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
