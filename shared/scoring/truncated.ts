import type { Scorer } from "./scorer.ts";

/**
 * 0 where the token limit cut the answer off, 1 where the model ended it. `null` where the payload did not say, or where something
 * else ended it: a text alone does not show whether it is whole.
 */
export const truncated: Scorer = {
  name: "truncated",
  unit: "score",
  score({ finishReason }) {
    switch (finishReason) {
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
