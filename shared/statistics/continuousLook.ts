import { requirePositive, requireProbability } from "./preconditions.ts";

/**
 * The multiplier that makes an interval hold at every look at once, where 1.96 holds at one look only:
 *
 *   z(N) = √( (1 + η) ln( (1 + η)/(η α²) ) )        η = (N_star/N) / ( -2 ln α + ln(-2 ln α) + 1 )
 *
 * Asymptotic: show such a figure from about 50 judged records on.
 *
 * @param N     records pooled so far, over 0
 * @param NStar the number of records at which the interval shall be tightest, fixed in advance
 * @param alpha probability of ever missing the truth, in (0, 1)
 * Source: Waudby-Smith et al. 2024, Time-uniform central limit theory; docs/statistics.md, "Looking all the time"
 */
export function continuousZ(N: number, NStar: number, alpha: number): number {
  requirePositive("N", N);
  requirePositive("NStar", NStar);
  requireProbability("alpha", alpha);
  const nats = -2 * Math.log(alpha);
  const eta = NStar / N / (nats + Math.log(nats) + 1);
  return Math.sqrt((1 + eta) * Math.log((1 + eta) / (eta * alpha * alpha)));
}
