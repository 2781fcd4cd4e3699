import { z95 } from "./normal.ts";
import { requirePositive, requireUnit } from "./preconditions.ts";
import { thresholdOf } from "./thresholds.ts";

export type PlanInput = {
  /** What may be spent on judging in a day and what one judgement costs, in the same unit; the share of calls that fail. */
  budgetPerDay: number;
  costPerJudgement: number;
  failShare: number;
  /** Variance of grades (μ₀(1 - μ₀) for pass/fail), their correlation with the prediction (0: none), n/n_eff of the sampling. */
  sigma2: number;
  rho: number;
  deff: number;
  /** Judged records of the baseline; largest harmless change. */
  n0: number;
  tolerance: number;
  /** Declared false alarms in the horizon, over all rules. */
  falseAlarms: number;
  horizonDays: number;
  windowsPerDay: number;
  rules: number;
  /** The drop to find, and how far a failing answer's grade falls (1 pass/fail, about 0.5 graded). */
  drop: number;
  fall: number;
};

export type Plan = {
  judgedPerDay: number;
  /** Half width of a day's 95 % interval. */
  halfWidthDay: number;
  /** What must be exceeded before anything can be found. */
  margin: number;
  lnA: number;
  /** Median; `null` where the drop is within the margin: no budget finds it, a larger baseline or a smaller tolerance may. */
  judgedToDetect: number | null;
  daysToDetect: number | null;
  /** The smallest drop that a day's judgements find in the median; `null` where they find none. */
  dropFoundInOneDay: number | null;
};

/**
 * What a budget buys: how many answers are judged, how wide the interval is, how soon a drop is found. With s² = σ²(1 - ρ²):
 *
 *   judgedPerDay = budget / (cost (1 + failShare))        halfWidthDay = z √(s² deff/judgedPerDay)
 *   margin = max(tol, z₀ √(s²/n₀))
 *   n = 1.6 lnA deff (s² + d (fall - d) + D²)/D²,  D = d - margin        days = n/judgedPerDay + half a window
 *
 * 1.6 was fitted to simulations, where the rule was cautious more often than hopeful: a guide for choosing, not a promise.
 *
 * @throws RangeError where an input is out of its range
 * Source: docs/statistics.md, "Planning"
 */
export function plan(input: PlanInput): Plan {
  requirePositive("the budget per day", input.budgetPerDay);
  requirePositive("the cost of a judgement", input.costPerJudgement);
  requirePositive("the judged records of the baseline", input.n0);
  requirePositive("windows per day", input.windowsPerDay);
  requireUnit("the share of failed calls", input.failShare);
  requireUnit("the tolerance", input.tolerance);
  const { lnA, z0 } = thresholdOf(input.falseAlarms, input.horizonDays * input.windowsPerDay, input.rules);
  const judgedPerDay = input.budgetPerDay / (input.costPerJudgement * (1 + input.failShare));
  const s2 = input.sigma2 * (1 - input.rho ** 2);
  const margin = Math.max(input.tolerance, z0 * Math.sqrt(s2 / input.n0));

  const judgedFor = (d: number): number => {
    const D = d - margin;
    return D <= 0 ? Infinity : (1.6 * lnA * input.deff * (s2 + d * (input.fall - d) + D * D)) / (D * D);
  };
  const n = judgedFor(input.drop);
  const found = n < Infinity;
  return {
    judgedPerDay,
    halfWidthDay: z95 * Math.sqrt((s2 * input.deff) / judgedPerDay),
    margin,
    lnA,
    judgedToDetect: found ? n : null,
    daysToDetect: found ? n / judgedPerDay + 0.5 / input.windowsPerDay : null,
    dropFoundInOneDay: smallestDrop(judgedFor, judgedPerDay, margin),
  };
}

/** 80 bisections over (margin, 1]. */
function smallestDrop(judgedFor: (d: number) => number, judgedPerDay: number, margin: number): number | null {
  if (judgedFor(1) > judgedPerDay) return null;
  let [low, high] = [margin, 1];
  for (let i = 0; i < 80; i++) {
    const d = (low + high) / 2;
    if (judgedFor(d) <= judgedPerDay) high = d;
    else low = d;
  }
  return high;
}
