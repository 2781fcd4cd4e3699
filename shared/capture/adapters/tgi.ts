import { lazily } from "../../lazily.ts";
import * as z from "../../schema.ts";
import type { Adapter } from "./adapter.ts";
import { answerOf, generation, generationOf, isGeneration, tokensIn, writerOf } from "./generatedText.ts";
import { echoes } from "./hfPipeline.ts";
import { inputsRequest } from "./request.ts";

/**
 * Text Generation Inference, and LMI with `OPTION_TGI_COMPAT`: the answer is a list, one object with TGI's
 * details, or a stream of its tokens.
 * Source: https://github.com/huggingface/text-generation-inference, docs/openapi.json
 */
export const tgi: Adapter = {
  name: "tgi",
  asks: [], // what it is asked looks like LMI's
  expects: lazily(() => ({
    request: inputsRequest(),
    response: z.union([z.array(generation()).check(z.minLength(1)), generation()]),
  })),
  read(response, request) {
    if (request?.isBatch) return null;
    const prompt = request?.prompts[0] ?? null;
    const tokens = tokensIn(response);
    if (tokens) {
      const isOurs = writerOf(tokens[0]) === "tgi";
      return isOurs ? { answers: [answerOf(generationOf(tokens), request, prompt)], model: null } : null;
    }
    if (echoes(response, request)) return null;
    // A list of several without its request is a batch of LMI's, as far as one can tell.
    const isList = Array.isArray(response) && (request !== null ? response.length > 0 : response.length === 1);
    const generated: unknown[] = isList ? response : [response];
    if (!generated.every(isGeneration) || (!isList && writerOf(generated[0]!) !== "tgi")) return null; // there is one
    return { answers: generated.map((it) => answerOf(it, request, prompt)), choices: generated.length, model: null };
  },
};
