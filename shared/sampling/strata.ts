import type { Band, BandRates, SamplingPolicy } from "./policy.ts";

/**
 * How much likelier a risky answer is chosen than a quiet one of its segment, as long as π is under 1. The mean is known best where π
 * goes with the spread that predictions leave in a band (Neyman 1934): 1.0 to 1.9 times as large among risky answers of the traffic of
 * `bench estimates`. With 2 they are read twice as often, and the interval is at most 2 % wider than with the best ratio; 4 cost up to 12 %.
 */
export const oversampling = 2;
/** Judged answers that a segment gets in a day, however rare it is: an estimate is shown from 30 on (docs/statistics.md, "Estimates"). */
const judgedPerSegment = 30;
/** The most of the budget that rare segments may take together: the mean of all traffic must not suffer from them. */
const rareShare = 0.5;
/** A segment that nobody knew yet is taken for one of this share of the traffic. A new name for everything must not spend the day's budget. */
const newShare = 0.01;
/** What nobody is spared, also when the budget is spent: with π = 0 nothing could be said of an answer, not even that it was left out. */
const smallestRate = 0.001;
/** So many answers' weight has the mean share of risky answers, where a segment has few of its own. */
const shrinkage = 10;

export type StrataCounts = Readonly<Record<string, Record<Band, number>>>;

/**
 * Rates for the strata, segment × risk band, that choose the share `meanRate` of all answers.
 *
 *   Σ_s q_s max(r, φ_s) = meanRate     φ_s = min(1, m / (q_s day))     m = min(30, meanRate day / 2S)
 *   quiet = r_s / (1 + ρ_s), risky = 2 quiet;       where that passes 1: risky = 1, quiet = (r_s - ρ_s) / (1 - ρ_s)
 *
 * with q_s the segment's share of the answers and ρ_s the share of risky ones within it. Common segments share one rate r. A rare
 * segment gets the rate that lets m of its answers be judged in a day, at most half of the budget going to such floors.
 *
 * @param counts   answers lately, per segment and band
 * @param perDay   answers that a day is expected to have, all segments together
 * @param meanRate share of the answers that can be judged, from 0
 */
export function stratify(counts: StrataCounts, perDay: number, meanRate: number): SamplingPolicy {
  const known = Object.entries(counts).filter(([, { quiet, risky }]) => quiet + risky > 0);
  const all = known.reduce((sum, [, { quiet, risky }]) => sum + quiet + risky, 0);
  const allRisky = known.reduce((sum, [, { risky }]) => sum + risky, 0) / Math.max(all, 1);
  const perSegment = Math.min(judgedPerSegment, (rareShare * Math.min(meanRate, 1) * perDay) / Math.max(known.length, 1));
  const floorOf = (share: number) => Math.min(1, perSegment / Math.max(share * perDay, 1e-9));
  const segments = known.map(([name, { quiet, risky }]) => ({
    name,
    share: (quiet + risky) / all,
    riskyShare: (risky + shrinkage * allRisky) / (quiet + risky + shrinkage),
  }));
  const common = commonRate(
    segments.map(({ share }) => ({ share, floor: floorOf(share) })),
    meanRate,
  );
  const rates = segments.map(
    ({ name, share, riskyShare }) => [name, bandRates(Math.max(common, floorOf(share)), riskyShare)] as const,
  );
  const others = bandRates(Math.max(common, floorOf(newShare)), allRisky);
  const piRef = Math.min(others.quiet, ...rates.map(([, { quiet }]) => quiet));
  return { segments: Object.fromEntries(rates), others, piRef };
}

/** r of Σ q max(r, φ) = meanRate, by bisection: the left side grows with r. */
function commonRate(segments: readonly { share: number; floor: number }[], meanRate: number): number {
  let [low, high] = [0, 1];
  for (let halving = 0; halving < 50; halving++) {
    const r = (low + high) / 2;
    const judged = segments.reduce((sum, { share, floor }) => sum + share * Math.max(r, floor), 0);
    if (judged < meanRate) low = r;
    else high = r;
  }
  return high;
}

function bandRates(rate: number, riskyShare: number): BandRates {
  const quiet = rate / (1 + (oversampling - 1) * riskyShare);
  const rates =
    oversampling * quiet <= 1
      ? { quiet, risky: oversampling * quiet }
      : { quiet: riskyShare < 1 ? (rate - riskyShare) / (1 - riskyShare) : 1, risky: 1 };
  return { quiet: bounded(rates.quiet), risky: bounded(rates.risky) };
}

const bounded = (rate: number) => Math.min(1, Math.max(smallestRate, rate));
