import { isDeepStrictEqual } from "node:util";
import { l as rougeL } from "js-rouge";
import type { Scores } from "../capture/inference.ts";

/** ROUGE-L fills a table of words by words; beyond this, seconds. `null` there, and for BLEU, rather than of a part of the text. */
const mostWords = 3_000;

/**
 * Compares an answer with its reference.
 * @returns `exact`: alike but for space at the ends; `rouge_l`: F1 of the longest common subsequence of words; `bleu`: of one sentence, with 1 added
 *   to the counts of 2 to 4 words, so that one missing phrase is not 0; `token_f1`: F1 of words, whatever their order and case; `json_equal`: equal as
 *   JSON values, `null` where the reference is none
 * Source: Lin 2004 (ROUGE); Papineni et al. 2002 (BLEU), smoothed as Lin & Och 2004; Rajpurkar et al. 2016 (token F1)
 */
export function compareWithReference(completion: string, reference: string): Scores {
  const [answer, wanted] = [words(completion), words(reference)];
  const isShort = Math.max(answer.length, wanted.length) <= mostWords;
  const isComparable = isShort && answer.length > 0 && wanted.length > 0;
  const expected = jsonIn(reference);
  const given = jsonIn(completion);
  return {
    exact: completion.trim() === reference.trim() ? 1 : 0,
    rouge_l: isComparable ? rougeL(answer.join(" "), wanted.join(" "), wordsOnly) : isShort ? 0 : null,
    bleu: isShort ? bleu(answer, wanted) : null,
    token_f1: tokenF1(answer, wanted),
    json_equal: expected === undefined ? null : given !== undefined && isDeepStrictEqual(given.value, expected.value) ? 1 : 0,
  };
}

/** The whole text is one sentence, split as we split it: the library's own would know English only. */
const wordsOnly = { segmenter: (text: string) => [text], tokenizer: (text: string) => text.split(" ") };

/** Words and numbers of any script, in lower case. */
function words(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];
}

function tokenF1(answer: readonly string[], wanted: readonly string[]): number {
  if (answer.length === 0 || wanted.length === 0) return answer.length === wanted.length ? 1 : 0;
  const shared = overlap(countsOf(answer), countsOf(wanted));
  return (2 * shared) / (answer.length + wanted.length);
}

/** Our own: the one library for it has no smoothing, so that an answer of three words is 0 even where it is the reference. */
function bleu(answer: readonly string[], wanted: readonly string[]): number {
  if (answer.length === 0) return 0;
  let lnPrecision = 0;
  for (const n of [1, 2, 3, 4]) {
    const [of, among] = [countsOf(gramsOf(answer, n)), countsOf(gramsOf(wanted, n))];
    const smooth = n === 1 ? 0 : 1;
    const total = Math.max(0, answer.length - n + 1);
    lnPrecision += Math.log((overlap(of, among) + smooth) / (total + smooth)) / 4;
  }
  return Math.exp(Math.min(0, 1 - wanted.length / answer.length) + lnPrecision);
}

const gramsOf = (all: readonly string[], n: number) => all.slice(n - 1).map((_, i) => all.slice(i, i + n).join(" "));

function countsOf(all: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const one of all) counts.set(one, (counts.get(one) ?? 0) + 1);
  return counts;
}

function overlap(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  let shared = 0;
  for (const [one, count] of a) shared += Math.min(count, b.get(one) ?? 0);
  return shared;
}

/** Of an object or array: a number alone is text to most. */
function jsonIn(text: string): { value: object } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { value } : undefined;
  } catch {
    return undefined;
  }
}
