import { Distinct } from "./distinct.ts";
import { ngram } from "./ngrams.ts";
import type { Scorer } from "./scorer.ts";

const gramWords = 5;
/** A shorter prompt is a phrase that a good answer may well repeat. */
const fewestPromptWords = 8;
const asked = new Distinct();

/**
 * Measures how much of the answer is the prompt said back: 1 minus the share of the answer's 5-grams of words that stand in the prompt.
 * Range: 0 = every word is the prompt's … 1 = none; `null` where the prompt has under 8 words or the answer under 5.
 * Cost: linear, on the shared words.
 * Cannot see: whether saying it back was the task. Proof-reading and quoting score low and are right, so watch its share move.
 */
export const promptEcho: Scorer = {
  name: "prompt_echo",
  unit: "score",
  score({ prompt, completion }) {
    const { words } = completion;
    const grams = words.count - gramWords + 1;
    if (prompt.words.count < fewestPromptWords || grams < 1) return null;
    asked.begin(prompt.words.count);
    for (let i = 0; i + gramWords <= prompt.words.count; i++) asked.add(ngram(prompt.words.hash, i, gramWords));
    let echoed = 0;
    for (let i = 0; i < grams; i++) if (asked.has(ngram(words.hash, i, gramWords))) echoed++;
    return 1 - echoed / grams;
  },
};
