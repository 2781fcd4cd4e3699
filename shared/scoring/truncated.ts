import type { Scorer } from "./scorer.ts";

/**
 * Measures whether the model came to its end.
 * Range: 0 where the token limit cut the answer off, 1 where the model ended it; `null` where the payload did not say, or where
 * something else ended it.
 * Cost: constant; reads no text.
 * Cannot see: an answer that stops in the middle with a finish reason of "stop". A text alone does not show whether it is whole.
 */
export const truncated: Scorer = {
  name: "truncated",
  unit: "score",
  score({ inference }) {
    switch (inference.finishReason) {
      case "length":
        return 0;
      case "stop":
      case "tool":
        return 1;
      case "filter":
      case "error":
      case "unknown":
        return null;
    }
  },
};
