import { unitHash } from "../sampling/poisson.ts";
import type { Comparison } from "../statistics/compare.ts";
import { compareSampledPairs, type SampledPair } from "../statistics/sampledPairs.ts";

/** A captured answer that was chosen for judging. `time`: ISO. */
export type ChosenAnswer = { inferenceId: string; eventId: string; time: string; window: string; pi: number; tokens: number };

/** The answers of a variant and of its shadow to one request, both chosen. `pi`: the probability that both were. */
export type ChosenPair = { a: ChosenAnswer; b: ChosenAnswer; pi: number };

/** Such a pair with what it is compared by: grades of quality, and tokens of question and answer together. */
export type ShadowPair = SampledPair & { tokensA: number; tokensB: number };

/** The pairs of a span that were graded, and how many were not, or not both of their answers. */
export type ShadowPairs = { pairs: ShadowPair[]; ungraded: number };

/** What a shadow is beside the variant that it mirrors, by their answers to the same requests. */
export type ShadowDifference = Comparison & {
  /** The shadow's tokens over the other's; `null` where there are none. */
  tokens: number | null;
  /** Pairs that were chosen and are left out: the judge gave one of the answers no grade, or not yet. */
  ungraded: number;
};

/**
 * The pairs among the chosen answers of a variant and of its shadow. Both were drawn by the same number, so that the one with the
 * smaller π is chosen only where the other is. Of more than `most` pairs, some are drawn at random, which their π says.
 */
export function pairChosen(variant: readonly ChosenAnswer[], shadow: readonly ChosenAnswer[], most: number): ChosenPair[] {
  const [ofVariant, ofShadow] = [byRequest(variant), byRequest(shadow)];
  const pairs = [...ofVariant].flatMap(([inferenceId, a]): ChosenPair[] => {
    const b = ofShadow.get(inferenceId);
    return a && b ? [{ a, b, pi: Math.min(a.pi, b.pi) }] : [];
  });
  const share = Math.min(1, most / pairs.length);
  return pairs
    .filter(({ a }) => unitHash("assay:shadow:v1", a.inferenceId) < share)
    .map((pair) => ({ ...pair, pi: pair.pi * share }));
}

/** Answers by the id of their request; `null` where it is that of several, so that nobody can tell which is which. */
function byRequest(answers: readonly ChosenAnswer[]): Map<string, ChosenAnswer | null> {
  const found = new Map<string, ChosenAnswer | null>();
  for (const answer of answers) found.set(answer.inferenceId, found.has(answer.inferenceId) ? null : answer);
  return found;
}

/** @returns of a day so far; `null` where no pair was graded */
export function shadowDifference({ pairs, ungraded }: ShadowPairs, tolerance: number, error: number): ShadowDifference | null {
  const compared = compareSampledPairs(pairs, tolerance, error);
  if (compared === null) return null;
  const mean = (of: (pair: ShadowPair) => number) => pairs.reduce((sum, pair) => sum + of(pair) / pair.pi, 0);
  const [a, b] = [mean(({ tokensA }) => tokensA), mean(({ tokensB }) => tokensB)];
  return { ...compared, tokens: a === 0 ? null : b / a, ungraded };
}
