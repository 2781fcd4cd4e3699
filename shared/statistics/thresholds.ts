import { logSumExp } from "./logSpace.ts";
import { normalQuantile } from "./normal.ts";
import { requirePositive } from "./preconditions.ts";

export type Threshold = {
  /** Natural logarithm of the evidence at which one rule alarms. */
  lnA: number;
  /** How unlucky a baseline may have been, and the normal quantile of it. */
  alpha0: number;
  z0: number;
};

/**
 * The threshold of each of M alarm rules, from what the whole fleet may cost in false alarms:
 *
 *   A = 2 H_w M / B        α₀ = min(0.05, B/2M)        z₀ = Φ⁻¹(1 - α₀)
 *
 * Half of the budget B pays for chance in the stream, half for baselines that were measured by luck too high. It holds
 * for any dependence between rules and however often one looks; how much traffic there is appears nowhere.
 *
 * @param B  false alarms that are allowed in the horizon, over 0
 * @param Hw folds of this rule in the horizon (90 days of 15-minute windows: 8640)
 * @param M  alarm rules in the fleet, a whole number from 1
 * @throws RangeError where a number is not over 0, or B allows an alarm in nearly every fold
 * Source: Shin, Ramdas & Rinaldo 2024, E-detectors; docs/statistics.md, "From a budget to a threshold"
 */
export function thresholdOf(B: number, Hw: number, M: number): Threshold {
  requirePositive("the budget of false alarms", B);
  requirePositive("the number of folds in the horizon", Hw);
  if (!(Number.isInteger(M) && M > 0))
    throw new RangeError(`the number of alarm rules is ${M}, and must be a whole number from 1.`);
  const lnA = Math.log((2 * Hw * M) / B);
  if (!(lnA > 0))
    throw new RangeError(
      `${B} false alarms in ${Hw} folds is an alarm in nearly every fold. Allow fewer, or use a longer horizon.`,
    );
  const alpha0 = Math.min(0.05, B / (2 * M));
  return { lnA, alpha0, z0: normalQuantile(1 - alpha0) };
}

/**
 * The evidence of all rules together, `ln G = ln Σ R_m/A_m`: any rule's alarm implies ln G ≥ 0, so alarming there spends no
 * further budget and catches a weak change that many rules share. It names no cause.
 * @param rules ln R (-Infinity before any data) and ln A of each
 * Source: docs/statistics.md, "From a budget to a threshold"
 */
export function fleetStatistic(rules: readonly { lnR: number; lnA: number }[]): number {
  return logSumExp(rules.map(({ lnR, lnA }) => lnR - lnA));
}
