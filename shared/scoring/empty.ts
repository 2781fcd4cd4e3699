import type { Scorer } from "./scorer.ts";

/** 0 where the answer has no visible character, else 1. `null` for a tool call, whose answer is the call. */
export const empty: Scorer = {
  name: "empty",
  unit: "score",
  score({ completion, finishReason }) {
    if (completion.trim() !== "") return 1;
    return finishReason === "tool" ? null : 0;
  },
};
