import type * as z from "../../schema.ts";
import type { FinishReason, Turn } from "../inference.ts";
import type { Request, RequestForm } from "./request.ts";

/**
 * The two bodies of one exchange, decoded: JSON values, a DocumentStream or PlainText; `undefined` where SageMaker did not capture that
 * side. Never both.
 */
export type Exchange = { request: unknown; response: unknown };

/** What came back. `null` counts mean that the payload did not say; `finishReason: "error"` means that the model failed. */
export type Answer = {
  completion: string;
  finishReason: FinishReason;
  promptTokens: number | null;
  completionTokens: number | null;
  /** What the model wrote beside its answer, such as reasoning and the arguments of tools: nobody grades it, but it is tokens. */
  aside?: string;
};

export type Answered = {
  /** In the order of the prompts, and of each prompt in the order of its choices. */
  answers: Answer[];
  /** How many answers each prompt has; 1 where left out. */
  choices?: number;
  model: string | null;
};

export type Conversation = {
  /** What was sent, oldest first; empty when the request was not captured. */
  messages: Turn[];
  /** `null` when the response was not captured. */
  answer: Answer | null;
  model: string | null;
};

/** What an adapter made of an exchange. */
export type Adapted = {
  adapter: string;
  /** Of one answer each: one, unless the request is a batch or wanted several answers. */
  conversations: Conversation[];
  /** True where there are several, and where several prompts could have been in the request, even if there was one. */
  isBatch: boolean;
  /** How many of them are answers to one and the same prompt. */
  choices: number;
};

/**
 * Reads one family of payloads. A good answer belongs to the family whose shape it has, whatever form the question had; what has no
 * answer (it was not captured, or is an error) belongs to the family that is asked in that form.
 */
export type Adapter = {
  name: string;
  /** Forms of requests that are this family's where no good answer tells. Each form is of one family. */
  asks: readonly RequestForm[];
  /**
   * The answers in a captured response, `null` where it has not the shape of this family.
   * @param request `null`: it was not captured
   */
  read(response: unknown, request: Request | null): Answered | null;
  /** What it wants each side to be, for whoever asks why it did not read one: see objection.ts. Nothing is read by it. */
  expects?: () => { request: z.ZodMiniType; response: z.ZodMiniType };
};
