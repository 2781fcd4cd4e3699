import type { Scorer } from "./scorer.ts";

/**
 * Measures how many words the answer shares with the reference, each as often as both have it: the harmonic mean of precision and
 * recall.
 * Range: 0 = no word in common … 1 = the same words; `null` without a reference (a golden set's, or the attribute `reference` of a
 * captured call), or where it has no words.
 * Cost: linear, on the shared words.
 * Cannot see: order and meaning. "It is not allowed" and "not, it is allowed" are the same to it.
 * Source: the F1 of SQuAD, Rajpurkar et al. 2016, arXiv:1606.05250, without its list of articles, which is English
 */
export const similarity: Scorer = {
  name: "similarity",
  unit: "score",
  score({ completion, reference }) {
    if (reference === null || reference.words.count === 0) return null;
    const left = new Map<number, number>();
    for (const word of reference.words.hash) left.set(word, (left.get(word) ?? 0) + 1);
    let common = 0;
    for (const word of completion.words.hash) {
      const times = left.get(word) ?? 0;
      if (times === 0) continue;
      left.set(word, times - 1);
      common++;
    }
    return (2 * common) / (reference.words.count + completion.words.count);
  },
};
