import { Distinct } from "./distinct.ts";
import type { Scorer } from "./scorer.ts";
import type { Text } from "./text.ts";

const fewestContentWords = 3;
const wanted = new Distinct();
const taken = new Distinct();

/**
 * Measures how close the answer stays to the words of the prompt: the share of the prompt's distinct content words (of 4 letters and
 * more, compared by their first 5) that the answer takes up.
 * Range: 0 = none of them … 1 = all; `null` where the prompt has fewer than 3 or the answer has no text.
 * Cost: linear, on the shared words.
 * Cannot see: meaning. A good answer in other words scores low, and so does a short one to a long prompt. It is there to notice
 * answers that have stopped being about the questions, as a share of all. On recorded answers `npm run bench -- scorers` prints in
 * which share of pairs it tells an answer from another question's, and how little it goes with a judge's grade.
 */
export const relevance: Scorer = {
  name: "relevance",
  unit: "score",
  score: ({ prompt, completion }) => takenUp(prompt, completion),
};

/** The share of the prompt's content words that are in the answer, as `relevance` has it. */
export function takenUp(prompt: Text, completion: Text): number | null {
  const asked = prompt.words;
  wanted.begin(asked.count);
  for (let i = 0; i < asked.count; i++) if (asked.stem[i] !== 0) wanted.add(asked.stem[i]!);
  if (wanted.size < fewestContentWords || completion.isBlank) return null;
  const answered = completion.words;
  taken.begin(wanted.size);
  for (let i = 0; i < answered.count && taken.size < wanted.size; i++) {
    const stem = answered.stem[i]!;
    if (stem !== 0 && wanted.has(stem)) taken.add(stem);
  }
  return taken.size / wanted.size;
}
