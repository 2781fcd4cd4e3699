import type { Scorer } from "./scorer.ts";

/**
 * Measures whether there is an answer at all.
 * Range: 0 without a visible character, else 1; `null` for a tool call, whose answer is the call.
 * Cost: constant; reads up to the first visible character.
 * Cannot see: an answer that says nothing in many words.
 */
export const empty: Scorer = {
  name: "empty",
  unit: "score",
  score({ inference, completion }) {
    if (!completion.isBlank) return 1;
    return inference.finishReason === "tool" ? null : 0;
  },
};
