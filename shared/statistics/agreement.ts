import type { LabelledRow } from "./labels.ts";
import { z95 } from "./normal.ts";
import { type Interval, wilson } from "./wilson.ts";

/** Grades are compared as the end or the middle of the scale that is nearest: cuts at 1/4 and 3/4. */
export const gradeBins = ["0", "0.5", "1"] as const;

export type Agreement = {
  n: number;
  /** Share of the answers that both put in the same bin. */
  agreement: Interval & { share: number };
  /** Cohen's κ: agreement beyond that by chance; 1 = always, 0 = as by chance. `null`: one bin holds all, where chance agrees always. */
  kappa: (Interval & { value: number }) | null;
  /** Shares of the answers: rows are bins of people's grades, columns of the judge's. */
  confusion: number[][];
  /** How much more the judge gives than people do, on the scale itself. */
  bias: number;
};

/**
 * How well a judge agrees with people, over the answers that the rows were drawn from. With p the weighted shares and p_e = Σ p_i. p_.i:
 *
 *   κ = (p_o - p_e) / (1 - p_e)       its interval: that of p_o (Wilson, at n_A = A²/Σa²) by the same line
 *
 * p_e counts as known, as in Cohen's own standard error; Wilson keeps the interval from closing where nobody disagrees among few.
 * @throws RangeError without rows
 * Source: Cohen 1960, Educational and Psychological Measurement 20; docs/statistics.md, "Judge and people"
 */
export function agreementOf(rows: readonly LabelledRow[]): Agreement {
  const A = rows.reduce((total, { a }) => total + a, 0);
  const nA = (A * A) / rows.reduce((total, { a }) => total + a * a, 0);
  const confusion = gradeBins.map(() => gradeBins.map(() => 0));
  let bias = 0;
  for (const { h, y, a } of rows) {
    confusion[binOf(h)]![binOf(y)]! += a / A; // both are bins
    bias += (a * (y - h)) / A;
  }
  const share = Math.min(
    1,
    confusion.reduce((total, row, i) => total + row[i]!, 0),
  );
  const chance = confusion.reduce(
    (total, row, i) => total + row.reduce((x, p) => x + p, 0) * confusion.reduce((x, other) => x + other[i]!, 0),
    0,
  );
  const { low, high } = wilson(share, nA, z95);
  const beyond = (p: number) => (p - chance) / (1 - chance);
  const kappa = 1 - chance < 1e-12 ? null : { value: beyond(share), low: Math.max(-1, beyond(low)), high: beyond(high) };
  return { n: rows.length, agreement: { share, low, high }, kappa, confusion, bias };
}

/** Number of the nearest of 0, 0.5 and 1; halfway between two, the better one. */
const binOf = (grade: number) => Math.min(2, Math.floor(2 * grade + 0.5));
