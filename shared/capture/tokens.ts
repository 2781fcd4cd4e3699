import type { Conversation } from "./adapters/adapter.ts";
import type { Inference } from "./inference.ts";

type Tokens = Pick<Inference, "promptTokens" | "completionTokens" | "tokensEstimated">;

/** What the payload says, and an estimate of what it does not say. */
export function tokensOf({ messages, answer }: Pick<Conversation, "messages" | "answer">): Tokens {
  const promptTokens = answer?.promptTokens ?? null;
  const completionTokens = answer?.completionTokens ?? null;
  return {
    promptTokens: promptTokens ?? messages.reduce((sum, { content }) => sum + estimateTokens(content), 0),
    completionTokens: completionTokens ?? estimateTokens(answer?.completion ?? "") + estimateTokens(answer?.aside ?? ""),
    tokensEstimated: promptTokens === null || completionTokens === null,
  };
}

/**
 * Tokens of a text where the payload does not say: a quarter of its UTF-8 bytes, which is 4 characters a token in English and 0.75
 * of a token a character in Chinese. Rough, and of the right size for trends of one endpoint. Not a tokenizer's count: each family of
 * models has its own, of megabytes, which is exact for no other, and captures do not say which one counted.
 */
export function estimateTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 4);
}
