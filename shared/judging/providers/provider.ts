import type { JudgeSettings } from "../../config/assay.ts";
import type { Usage } from "../cost.ts";
import type { Prompt } from "../prompt.ts";

/** How a reply ended: whole, cut off at `maxTokens`, stopped by a filter, declined by the judge, or in no way that says it is whole. */
export type End = "complete" | "length" | "filtered" | "declined" | "unknown";

/** A judge's reply, in no provider's words. `null` means that it does not say. */
export type Reply = { text: string | null; end: End; usage: Usage | null; model: string | null };

/** What a request says of a judge. */
export type Asked = Pick<JudgeSettings, "model" | "rubric" | "maxTokens">;

/** One provider's requests and replies, as JSON texts. Pure: who sends them is in shared/aws. */
export type Provider = {
  /** The request's body. Every byte that is paid for is in it: its length bounds the cost. */
  requestBody(prompt: Prompt, judge: Asked): string;
  /** @returns `null` where the text is no reply of this provider's */
  readReply(body: string): Reply | null;
  /** What the provider's answers are, for an error's sentence. */
  answers: string;
};

/** Greedy decoding, so that the same answer gets the same grade as far as the judge's server can. */
export const parameters = { temperature: 0 };

/** With more tokens than any model takes, a count is no count, and its product with a price no exact integer. */
export const mostTokens = 1_000_000;

/** @returns `undefined` for what is no JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
