import type { Scorer } from "./scorer.ts";

/**
 * Share of a completion's 4-grams that are distinct: 1 = nothing repeats, near 0 = the model is looping.
 * `null` under 8 words, where one polite formula would look like a loop; so also for scripts without spaces. Looks at the first
 * 100,000 characters: longer than any answer that a person reads, and the memory for an answer of 25 MB stays small.
 * Source: distinct-n of Li et al. 2016, arXiv:1510.03055, with n = 4.
 */
export const repetition: Scorer = {
  name: "repetition",
  unit: "score",
  score({ completion }) {
    const words = completion.slice(0, 100_000).toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length < 8) return null;
    const grams = words.slice(3).map((_, i) => words.slice(i, i + 4).join(" "));
    return new Set(grams).size / grams.length;
  },
};
