import type { Scorer } from "./scorer.ts";

const fewestContentWords = 3;

/**
 * Measures how close the answer stays to the words of the prompt: the share of the prompt's distinct content words (of 4 letters and
 * more, compared by their first 5) that the answer takes up.
 * Range: 0 = none of them … 1 = all; `null` where the prompt has fewer than 3 or the answer has no text.
 * Cost: linear, on the shared words.
 * Cannot see: meaning. A good answer in other words scores low, and so does a short one to a long prompt. It is there to notice
 * answers that have stopped being about the questions, as a share of all. Measured on the 805 instructions of AlpacaEval
 * (gpt-3.5-turbo-0301): it tells an answer from another question's in 96 % of pairs, and says nothing about a judge's grade.
 */
export const relevance: Scorer = {
  name: "relevance",
  unit: "score",
  score({ prompt, completion }) {
    const asked = new Set<number>();
    const { stem } = prompt.words;
    for (let i = 0; i < stem.length; i++) if (stem[i] !== 0) asked.add(stem[i]!);
    if (asked.size < fewestContentWords || completion.isBlank) return null;
    const size = asked.size;
    const answered = completion.words.stem;
    for (let i = 0; i < answered.length && asked.size > 0; i++) asked.delete(answered[i]!);
    return (size - asked.size) / size;
  },
};
