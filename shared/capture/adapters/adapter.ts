import type * as z from "zod";
import type { FinishReason, Turn } from "../inference.ts";

/** The two bodies of one exchange, as JSON values; `undefined` where SageMaker did not capture that side. Never both. */
export type Exchange = { request: unknown; response: unknown };

/** What came back. `null` counts mean that the payload did not say; `finishReason: "error"` means that the model failed. */
export type Answer = {
  completion: string;
  finishReason: FinishReason;
  promptTokens: number | null;
  completionTokens: number | null;
};

export type Conversation = {
  /** What was sent, oldest first; empty when the request was not captured. */
  messages: Turn[];
  /** `null` when the response was not captured. */
  answer: Answer | null;
  model: string | null;
};

/** Reads one family of payloads. */
export type Adapter = {
  name: string;
  /** `null`: these bodies are not of this family. Decided by their shape alone, and by at most one adapter. */
  read(exchange: Exchange): Conversation | null;
  /** What it wants each side to be, for whoever asks why it did not read one: see objection.ts. Nothing is read by it. */
  expects?: { request: z.ZodType; response: z.ZodType };
};
