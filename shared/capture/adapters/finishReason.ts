import type { FinishReason } from "../inference.ts";

/** What a container calls the end of an answer, in our words. Not said, or said in words we do not know, is `unknown`. */
export function finishReasonOf(said: string | null | undefined): FinishReason {
  switch (said) {
    case "stop":
    case "eos_token":
    case "stop_sequence":
      return "stop";
    case "length":
      return "length";
    case "tool_calls":
    case "function_call":
      return "tool";
    case "content_filter":
      return "filter";
    case "error":
      return "error";
    default:
      return "unknown";
  }
}
