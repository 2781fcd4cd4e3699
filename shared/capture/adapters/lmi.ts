import type { Adapter } from "./adapter.ts";
import { answerOf, generation, textRequest, turnsOf } from "./generatedText.ts";
import { errorStyle, modelError } from "./modelError.ts";

/**
 * Large Model Inference (DJL) and the JumpStart models on it: the answer is one object. Also takes the requests and errors that
 * could be TGI's as well, so that each has exactly one reader.
 * Source: https://github.com/deepjavalibrary/djl-serving, serving/docs/lmi/user_guides/lmi_input_output_schema.md
 */
export const lmi: Adapter = {
  name: "lmi",
  expects: { request: textRequest, response: generation },
  read({ request, response }) {
    const asked = textRequest.safeParse(request);
    if (request !== undefined && !asked.success) return null;
    const messages = turnsOf(asked.data);
    if (response === undefined) return { messages, answer: null, model: null };
    const generated = generation.safeParse(response);
    if (generated.success) return { messages, answer: answerOf(generated.data, asked.data), model: null };
    const style = errorStyle(response);
    const isOurs = style === "lmi" || (style === "openai" && asked.success);
    return isOurs ? { messages, answer: modelError, model: null } : null;
  },
};
