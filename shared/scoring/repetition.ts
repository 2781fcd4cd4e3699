import { Distinct } from "./distinct.ts";
import { ngram } from "./ngrams.ts";
import type { Scorer } from "./scorer.ts";
import type { Text } from "./text.ts";

const gramWords = 4;
/** Under it one polite formula would look like a loop. */
const fewestWords = 8;
/** Shorter lines repeat in every program and every table. */
const shortestLine = 20;
const fewestLines = 8;
const gramCharacters = 8;
/** Under it an underline or "hahaha" would look like a loop. */
const fewestCharacters = 64;
const seen = new Distinct();

/**
 * Measures whether the model goes round in circles: the smallest of the shares of distinct 4-grams of words, of distinct lines (where
 * there are 8 of 20 characters and more) and, for a text of fewer than 8 words, of distinct runs of 8 characters.
 * Range: near 0 = a loop … 1 = nothing repeats; `null` for short texts.
 * Cost: linear, on the shared words; reads 100,000 characters.
 * Cannot see: saying the same in other words. A song's refrain and a long table cost points, but stay far above a loop.
 * Source: distinct-n of Li et al. 2016, arXiv:1510.03055, with n = 4.
 */
export const repetition: Scorer = {
  name: "repetition",
  unit: "score",
  score({ completion }) {
    if (completion.words.count < fewestWords) return distinctCharacters(completion);
    return Math.min(distinctWords(completion), distinctLines(completion));
  },
};

function distinctWords({ words: { count, hash } }: Text): number {
  const grams = count - gramWords + 1;
  seen.begin(grams);
  for (let i = 0; i < grams; i++) seen.add(ngram(hash, i, gramWords));
  return seen.size / grams;
}

function distinctLines({ lower, words }: Text): number {
  if (lower.length < fewestLines * shortestLine) return 1;
  let lines = 0;
  let word = 0;
  seen.begin(words.count);
  for (let start = 0; start < lower.length; ) {
    const newline = lower.indexOf("\n", start);
    const end = newline === -1 ? lower.length : newline;
    const first = word;
    while (word < words.count && words.start[word]! < end) word++;
    if (end - start >= shortestLine && word > first) {
      lines++;
      seen.add(ngram(words.hash, first, word - first));
    }
    start = end + 1;
  }
  return lines < fewestLines ? 1 : seen.size / lines;
}

function distinctCharacters({ raw }: Text): number | null {
  if (raw.trim().length < fewestCharacters) return null;
  const units = Int32Array.from({ length: raw.length }, (_, i) => raw.charCodeAt(i));
  const grams = raw.length - gramCharacters + 1;
  seen.begin(grams);
  for (let i = 0; i < grams; i++) seen.add(ngram(units, i, gramCharacters));
  return seen.size / grams;
}
