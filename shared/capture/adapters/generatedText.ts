import * as z from "zod";
import type { Turn } from "../inference.ts";
import type { Answer } from "./adapter.ts";
import { finishReasonOf } from "./finishReason.ts";
import { optionalCount, optionalFlag, optionalList, optionalText } from "./optional.ts";

/** `{"inputs": "…", "parameters": {…}}`: what TGI and LMI are asked alike. */
export const textRequest = z.object({
  inputs: z.string(),
  parameters: z.object({ return_full_text: optionalFlag }).nullish().catch(null),
});
export type TextRequest = z.infer<typeof textRequest>;

/** One generation: TGI wraps it in a list, LMI does not. LMI's documentation prints a key `finish reason`, so we read that too. */
export const generation = z.object({
  generated_text: z.string(),
  details: z
    .object({
      finish_reason: optionalText,
      "finish reason": optionalText,
      generated_tokens: optionalCount,
      prefill: optionalList,
    })
    .nullish()
    .catch(null),
});

export function turnsOf(request: TextRequest | undefined): Turn[] {
  return request === undefined ? [] : [{ role: "user", content: request.inputs }];
}

export function answerOf({ generated_text, details }: z.infer<typeof generation>, request: TextRequest | undefined): Answer {
  // With `return_full_text` the container repeats the prompt before the answer.
  const echoed = request?.parameters?.return_full_text === true && generated_text.startsWith(request.inputs);
  return {
    completion: echoed ? generated_text.slice(request.inputs.length) : generated_text,
    finishReason: finishReasonOf(details?.finish_reason ?? details?.["finish reason"]),
    // `prefill` lists the prompt's tokens where `decoder_input_details` asked for them, and is empty otherwise.
    promptTokens: details?.prefill?.length || null,
    completionTokens: details?.generated_tokens ?? null,
  };
}
