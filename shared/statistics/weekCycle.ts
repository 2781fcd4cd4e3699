import { requireProbability, requireUnit } from "./preconditions.ts";

/** A judged record of the baseline; `cycle`: the daily cycle's term at its hour, which is taken out of its grade. */
export type WeekRow = { timeMs: number; y: number; pi: number; cycle: number };

export type WeekCycle = {
  /** By how much weekends differ from the other days, and their weighted share of the records. */
  weekend: number;
  share: number;
  /** Squared difference over its variance: near 1 where weekends are like any day. */
  statistic: number;
  /** Whether the difference is clear enough to move the reference. */
  used: boolean;
};

/** 1 % point of chi-squared with one degree of freedom. */
const clear = 6.63;

/** Of a baseline without whole weeks: nobody can tell a weekend from a trend. */
export const noWeek: WeekCycle = { weekend: 0, share: 0, statistic: 0, used: false };

/**
 * How Saturdays and Sundays (UTC) differ from the other days, the daily cycle taken out, with weights 1/π:
 *
 *   e = ȳ_weekend - ȳ_other        used if e² / (s² (1/n_weekend + 1/n_other)) > 6.63,   n: effective numbers
 *
 * One number instead of seven daily means, which are noise at the counts we have. The baseline must cover whole weeks.
 *
 * @returns an unused one where either kind of day has no two records
 * @throws RangeError for a grade outside [0, 1] or a π outside (0, 1]
 * Source: docs/statistics.md, "The week"
 */
export function fitWeekCycle(rows: readonly WeekRow[]): WeekCycle {
  const [weekend, other] = [
    sumsOf(rows.filter(({ timeMs }) => isWeekend(timeMs))),
    sumsOf(rows.filter((r) => !isWeekend(r.timeMs))),
  ];
  if (weekend.n < 2 || other.n < 2) return noWeek;
  const difference = weekend.mean - other.mean;
  const s2 = (weekend.squares + other.squares) / (weekend.W + other.W);
  const variance = s2 * (1 / weekend.nEff + 1 / other.nEff);
  // Grades that are all alike leave rounding in both, as in the daily cycle.
  const statistic = difference ** 2 < 1e-18 ? 0 : difference ** 2 / Math.max(variance, 1e-15);
  return { weekend: difference, share: weekend.W / (weekend.W + other.W), statistic, used: statistic > clear };
}

/** By how much the reference moves on the day of a moment; 0 where weekends are like any day. */
export function weekTerm({ weekend, share, used }: WeekCycle, timeMs: number): number {
  if (!used) return 0;
  return isWeekend(timeMs) ? weekend * (1 - share) : -weekend * share;
}

function isWeekend(timeMs: number): boolean {
  const day = new Date(timeMs).getUTCDay();
  return day === 0 || day === 6;
}

function sumsOf(rows: readonly WeekRow[]) {
  let [W, W2, Wy] = [0, 0, 0];
  for (const { y, pi, cycle } of rows) {
    requireUnit("y", y);
    requireProbability("pi", pi);
    W += 1 / pi;
    W2 += 1 / (pi * pi);
    Wy += (y - cycle) / pi;
  }
  const mean = Wy / W;
  const squares = rows.reduce((sum, { y, pi, cycle }) => sum + (y - cycle - mean) ** 2 / pi, 0);
  return { n: rows.length, W, nEff: (W * W) / W2, mean, squares };
}
