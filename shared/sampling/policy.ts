/** An answer is risky where a cheap score says so, else quiet (see riskBand.ts). */
export type Band = "quiet" | "risky";

/** π of the two bands of a segment, each in (0, 1]. */
export type BandRates = Record<Band, number>;

/** How a window's answers are chosen for judging. Frozen before the window begins, so that a repeat meets the same π. */
export type SamplingPolicy = {
  /** The segments that were known when the policy was made. */
  segments: Record<string, BandRates>;
  /** Every other segment. */
  others: BandRates;
  /** The smallest π that the policy can assign: the detectors weigh by it. */
  piRef: number;
};

/** Every answer alike. */
export function uniformPolicy(rate: number): SamplingPolicy {
  return { segments: {}, others: { quiet: rate, risky: rate }, piRef: rate };
}

/** π of an answer. A segment may be called "constructor", which every object inherits. */
export function piOf({ segments, others }: SamplingPolicy, segment: string, band: Band): number {
  return (Object.hasOwn(segments, segment) ? segments[segment]! : others)[band];
}
