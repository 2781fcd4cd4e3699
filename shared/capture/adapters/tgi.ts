import * as z from "zod";
import type { Adapter } from "./adapter.ts";
import { answerOf, generation, textRequest, turnsOf } from "./generatedText.ts";
import { errorStyle, modelError } from "./modelError.ts";

const generations = z.array(generation).min(1);

/**
 * Text Generation Inference, LMI with `OPTION_TGI_COMPAT` and Hugging Face pipelines: the answer is a list, of which the first is
 * read. A request without its answer looks like LMI's and is left to that adapter.
 * Source: https://github.com/huggingface/text-generation-inference, docs/openapi.json
 */
export const tgi: Adapter = {
  name: "tgi",
  expects: { request: textRequest, response: generations },
  read({ request, response }) {
    const asked = textRequest.safeParse(request);
    if (request !== undefined && !asked.success) return null;
    const messages = turnsOf(asked.data);
    const generated = generations.safeParse(response);
    if (generated.success) return { messages, answer: answerOf(generated.data[0]!, asked.data), model: null };
    return errorStyle(response) === "tgi" ? { messages, answer: modelError, model: null } : null;
  },
};
