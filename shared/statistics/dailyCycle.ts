import { requireProbability, requireUnit } from "./preconditions.ts";

/** A judged record of the baseline; `hour` of the day in UTC, fractional, at the middle of its window. */
export type HourlyRow = { hour: number; y: number; pi: number };

export type DailyCycle = {
  /** Size of the cosine and the sine, and the regressors' weighted means. */
  b: number;
  c: number;
  cBar: number;
  sBar: number;
  /** Weighted variance of what the cycle leaves over. */
  s2: number;
  /** n_eff (b² + c²)/2s²: near 2 where there is no cycle. */
  statistic: number;
  /** Whether the cycle is clear enough to move the reference. */
  used: boolean;
};

/** 1 % point of chi-squared with two degrees of freedom: one baseline in a hundred without a cycle is given one. */
const clear = 9.21;

/**
 * One cosine and one sine of 24 hours, fitted to the baseline by least squares with weights 1/π:
 *
 *   y ≈ a + b cos(2πh/24) + c sin(2πh/24)        used if n_eff (b² + c²)/2s² > 9.21
 *
 * Two numbers instead of 24 hourly means, which are noise at the counts we have. The baseline must cover whole days.
 *
 * @returns an unused cycle where the hours cannot tell cosine from sine (fewer than three different ones)
 * @throws RangeError for a grade outside [0, 1] or a π outside (0, 1]
 * Source: docs/statistics.md, "The daily cycle"
 */
export function fitDailyCycle(rows: readonly HourlyRow[]): DailyCycle {
  let W = 0;
  let W2 = 0;
  let [cBar, sBar, yBar] = [0, 0, 0];
  for (const { hour, y, pi } of rows) {
    requireUnit("y", y);
    requireProbability("pi", pi);
    const w = 1 / pi;
    W += w;
    W2 += w * w;
    cBar += w * Math.cos(angle(hour));
    sBar += w * Math.sin(angle(hour));
    yBar += w * y;
  }
  if (W === 0) return { b: 0, c: 0, cBar: 0, sBar: 0, s2: 0, statistic: 0, used: false };
  cBar /= W;
  sBar /= W;
  yBar /= W;

  let [cc, ss, cs, cy, sy, yy] = [0, 0, 0, 0, 0, 0];
  for (const { hour, y, pi } of rows) {
    const share = 1 / pi / W;
    const cos = Math.cos(angle(hour)) - cBar;
    const sin = Math.sin(angle(hour)) - sBar;
    cc += share * cos * cos;
    ss += share * sin * sin;
    cs += share * cos * sin;
    cy += share * cos * (y - yBar);
    sy += share * sin * (y - yBar);
    yy += share * (y - yBar) ** 2;
  }
  const determinant = cc * ss - cs * cs;
  if (determinant < 1e-12) return { b: 0, c: 0, cBar, sBar, s2: yy, statistic: 0, used: false };
  const b = (cy * ss - sy * cs) / determinant;
  const c = (sy * cc - cy * cs) / determinant;
  const s2 = rows.reduce((sum, { hour, y, pi }) => {
    const fitted = yBar + b * (Math.cos(angle(hour)) - cBar) + c * (Math.sin(angle(hour)) - sBar);
    return sum + (1 / pi / W) * (y - fitted) ** 2;
  }, 0);
  const size = b * b + c * c;
  // Grades that are all alike leave rounding in both: no cycle, not an infinitely clear one. A perfect fit stays finite (JSON).
  const statistic = size < 1e-18 ? 0 : ((W * W) / W2) * (size / (2 * Math.max(s2, 1e-15)));
  return { b, c, cBar, sBar, s2, statistic, used: statistic > clear };
}

/** By how much the reference moves at an hour of the day (UTC, fractional); 0 where the cycle is not clear. */
export function seasonalTerm({ b, c, cBar, sBar, used }: DailyCycle, hour: number): number {
  return used ? b * (Math.cos(angle(hour)) - cBar) + c * (Math.sin(angle(hour)) - sBar) : 0;
}

function angle(hour: number): number {
  return (2 * Math.PI * hour) / 24;
}
