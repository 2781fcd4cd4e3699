import { continuousZ } from "../statistics/continuousLook.ts";
import { costPerGoodOfMeans, costRatio } from "../statistics/costPerGood.ts";
import { type Verdict, verdictOf } from "../statistics/pairedDifference.ts";
import type { SpanEstimate } from "./estimates.ts";
import type { ShadowDifference } from "./shadow.ts";

/** What is known of one variant of an endpoint on one day (UTC), so far. `null`: not known, which is not 0. */
type LiveVariant = {
  variant: string;
  /** Whether it gets a copy of another one's requests, and nobody its answers. */
  shadow: boolean;
  answers: number;
  modelErrors: number;
  quality: SpanEstimate["quality"];
  /** Of the model, as SageMaker measures it. */
  latencyMs: { p50: number; p95: number } | null;
  /** Per answer. */
  tokens: { prompt: number; completion: number } | null;
  /** Of its instances, idle hours and all. */
  servingMicroUsd: number | null;
  /** What a thousand good answers cost, with its 95 % interval. */
  costPerThousandGood: { usd: number; lower: number; upper: number } | null;
};

/** What a variant is beside the one with the most answers. Ratios are its figure over that one's. */
type LiveDifference = {
  variant: string;
  quality: { verdict: Verdict; difference: number; lower: number; upper: number } | null;
  latency: { p50: number; p95: number } | null;
  tokens: number | null;
  cost: { ratio: number; lower: number; upper: number } | null;
  /** Of a shadow: the same by their answers to the same requests, which tells the most. `null` where no pair was judged. */
  paired: ShadowDifference | null;
};

/** The live variants of an endpoint side by side on one day. They are asked different questions; only a shadow is asked the same. */
export type LiveComparison = {
  version: 1;
  endpoint: string;
  /** UTC. */
  date: string;
  /** Until when it counts, ISO. */
  asOf: string;
  tolerance: number;
  /** The variant with the most answers that somebody gets, beside which the others stand. */
  beside: string;
  variants: LiveVariant[];
  differences: LiveDifference[];
};

/** What was measured of a variant; the cost of a good answer follows. */
export type LiveFigures = Omit<LiveVariant, "costPerThousandGood">;

export const errorOfLiveComparison = 0.05;
/** Judged answers at which the interval for looking all day is tightest. */
const nStar = 200;

/**
 * Compares the live variants of an endpoint. It is looked at with every window of the day, so the interval of a difference of means holds at all
 * looks together:
 *
 *   (θ_b - θ_a) ± z(n) √(se_a² + se_b²),   1/n = 1/nEff_a + 1/nEff_b
 *
 * @param figures at least two variants, not all of them shadows
 * @param paired shadow → what it is by its pairs with the first variant
 * Source: docs/statistics.md, "Live variants"
 */
export function compareLive(
  { endpoint, date, asOf, tolerance }: Pick<LiveComparison, "endpoint" | "date" | "asOf" | "tolerance">,
  figures: readonly LiveFigures[],
  paired: Readonly<Record<string, ShadowDifference | null>>,
): LiveComparison {
  const variants = figures
    .map((of): LiveVariant => ({ ...of, costPerThousandGood: costOf(of) }))
    .sort((a, b) => Number(a.shadow) - Number(b.shadow) || b.answers - a.answers || (a.variant < b.variant ? -1 : 1));
  const [most, ...others] = variants;
  return {
    ...{ version: 1, endpoint, date, asOf, tolerance, beside: most!.variant, variants }, // there are two
    differences: others.map((other) => ({
      ...differenceOf(most!, other, tolerance),
      paired: other.shadow ? (paired[other.variant] ?? null) : null,
    })),
  };
}

function differenceOf(a: LiveVariant, b: LiveVariant, tolerance: number): Omit<LiveDifference, "paired"> {
  const perAnswer = ({ tokens }: LiveVariant) => (tokens === null ? null : tokens.prompt + tokens.completion);
  const [costA, costB] = [ratioOf(a), ratioOf(b)];
  const cost = costA && costB && costRatio(costA, costB);
  return {
    variant: b.variant,
    quality: qualityDifference(a.quality, b.quality, tolerance),
    latency:
      a.latencyMs && b.latencyMs && a.latencyMs.p50 > 0
        ? { p50: b.latencyMs.p50 / a.latencyMs.p50, p95: b.latencyMs.p95 / a.latencyMs.p95 }
        : null,
    tokens: over(perAnswer(b), perAnswer(a)),
    cost: cost && { ratio: cost.ratio, lower: cost.low, upper: cost.high },
  };
}

function qualityDifference(a: SpanEstimate["quality"], b: SpanEstimate["quality"], tolerance: number): LiveDifference["quality"] {
  if (a === null || b === null) return null;
  const difference = b.mean - a.mean;
  const half =
    continuousZ(1 / (1 / a.nEff + 1 / b.nEff), nStar, errorOfLiveComparison) * Math.hypot(a.standardError, b.standardError);
  const [low, high] = [difference - half, difference + half];
  return { verdict: verdictOf({ low, high }, tolerance), difference, lower: low, upper: high };
}

/** Serving is counted, not sampled: what is unsure is the quality. */
function ratioOf({ servingMicroUsd, answers, quality }: LiveFigures) {
  if (servingMicroUsd === null || quality === null || answers === 0) return null;
  return costPerGoodOfMeans(
    { mean: servingMicroUsd / answers, standardError: 0 },
    { ...quality, mean: Math.max(0, quality.mean) },
  );
}

function costOf(of: LiveFigures): LiveVariant["costPerThousandGood"] {
  const cost = ratioOf(of);
  return cost && { usd: cost.ratio / 1_000, lower: cost.low / 1_000, upper: cost.high / 1_000 };
}

const over = (b: number | null, a: number | null) => (a === null || b === null || a === 0 ? null : b / a);
