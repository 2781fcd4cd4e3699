import type { FinishReason } from "../inference.ts";

/** What a container calls the end of an answer, in our words. Not said, or said in words we do not know, is `unknown`. */
export function finishReasonOf(said: unknown): FinishReason {
  switch (said) {
    case "stop":
    case "eos_token":
    case "stop_sequence":
    case "end_turn":
      return "stop";
    case "length":
    case "max_tokens":
      return "length";
    case "tool_calls":
    case "function_call":
    case "tool_use":
      return "tool";
    case "content_filter":
      return "filter";
    case "error":
      return "error";
    default:
      return "unknown";
  }
}
