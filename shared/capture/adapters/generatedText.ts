import * as z from "../../schema.ts";
import { DocumentStream } from "../body.ts";
import type { Answer } from "./adapter.ts";
import { finishReasonOf } from "./finishReason.ts";
import { countIn, isObject, type JsonObject, listIn, objectIn, textIn } from "./json.ts";
import type { Prompt, Request } from "./request.ts";

/** `{"generated_text": "…", "details"?: {…}}`, which TGI, LMI and Hugging Face pipelines share. */
export type Generation = JsonObject & { generated_text: string };

/** What they read, for explanations. */
export const generation = () => z.object({ generated_text: z.string() });

export function isGeneration(value: unknown): value is Generation {
  return isObject(value) && typeof value.generated_text === "string";
}

export function answerOf({ generated_text, details }: Generation, request: Request | null, prompt: Prompt | null): Answer {
  const said = objectIn(details);
  return {
    completion: request?.wantsPromptBack === true ? withoutPrompt(generated_text, prompt) : generated_text,
    // LMI's documentation prints the key with a space.
    finishReason: finishReasonOf(said.finish_reason ?? said["finish reason"]),
    promptTokens: promptTokensIn(said),
    completionTokens: countIn(said.generated_tokens),
  };
}

/** `input_length` in streams; else the list of the prompt's tokens, where `decoder_input_details` asked for it, and empty otherwise. */
function promptTokensIn({ input_length, prefill }: JsonObject): number | null {
  return countIn(input_length) ?? (listIn(prefill).length || null);
}

export function repeatsPrompt(text: string, prompt: Prompt | null): prompt is Prompt & { sent: string } {
  return prompt !== null && prompt.sent !== null && prompt.sent !== "" && text.startsWith(prompt.sent);
}

export function withoutPrompt(text: string, prompt: Prompt | null): string {
  return repeatsPrompt(text, prompt) ? text.slice(prompt.sent.length) : text;
}

/** Which of the two servers wrote this, by the spelling of a token's probability and by what only TGI says; in doubt it is LMI. */
export function writerOf({ token, details, index }: JsonObject): "tgi" | "lmi" {
  const said = objectIn(details);
  for (const shown of [token, listIn(said.tokens)[0], listIn(said.prefill)[0]]) {
    if (!isObject(shown)) continue;
    if (shown.log_prob !== undefined) return "lmi";
    if (shown.logprob !== undefined) return "tgi";
  }
  return said.seed !== undefined || index !== undefined ? "tgi" : "lmi";
}

/** The tokens of a streamed generation, oldest first; `null` where these are no tokens. A stream of one comes as one document. */
export function tokensIn(response: unknown): [JsonObject, ...JsonObject[]] | null {
  const documents = response instanceof DocumentStream ? response.documents : [response];
  const [first, ...others] = documents.filter(isObject);
  return first !== undefined && isObject(first.token) && others.length === documents.length - 1 ? [first, ...others] : null;
}

/** A stream as the server would have answered without one. */
export function generationOf(tokens: readonly JsonObject[]): Generation {
  const last = tokens.findLast(({ details }) => isObject(details));
  const written = tokens.flatMap(({ token }) => (isObject(token) ? [token] : []));
  const spoken = written.filter(({ special, special_token }) => special !== true && special_token !== true);
  const text = textIn(tokens.findLast(({ generated_text }) => typeof generated_text === "string")?.generated_text);
  return {
    generated_text: text ?? spoken.map(({ text }) => textIn(text) ?? "").join(""),
    details: { generated_tokens: written.length, ...objectIn(last?.details) },
  };
}
