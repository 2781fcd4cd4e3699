import { lazily } from "../../lazily.ts";
import * as z from "../../schema.ts";
import type { Adapter, Answer } from "./adapter.ts";
import { contentText } from "./chatMessage.ts";
import { finishReasonOf } from "./finishReason.ts";
import { withoutPrompt } from "./generatedText.ts";
import { countIn, isObject, type JsonObject } from "./json.ts";
import { dialoguesRequest } from "./request.ts";

const generated = () => z.object({ generation: z.union([z.string(), z.object({ content: z.string() })]) });

/**
 * JumpStart's Llama 2: a list of dialogues is answered by a list of turns, and text by text. Later releases answer with one object,
 * which counts tokens.
 * Source: the data loader of aws/amazon-sagemaker-examples, sm-model_monitor_byoc_llm_monitor
 */
export const jumpstartLlama2: Adapter = {
  name: "jumpstart-llama2",
  asks: ["dialogues"],
  expects: lazily(() => ({
    request: dialoguesRequest(),
    response: z.union([z.array(generated()).check(z.minLength(1)), generated()]),
  })),
  read(response, request) {
    const items = Array.isArray(response) ? response : [response];
    if (items.length === 0 || !items.every(isGenerated)) return null;
    const answers = items.map((item): Answer => {
      const { generation, stop_reason, prompt_token_count, generation_token_count } = item;
      return {
        completion:
          typeof generation === "string"
            ? withoutPrompt(generation, request?.wantsPromptBack ? request.prompts[0] : null)
            : contentText(generation.content),
        finishReason: finishReasonOf(stop_reason),
        promptTokens: countIn(prompt_token_count),
        completionTokens: countIn(generation_token_count),
      };
    });
    return { answers, choices: request !== null && !request.isBatch ? items.length : 1, model: null };
  },
};

function isGenerated(value: unknown): value is JsonObject & { generation: string | JsonObject } {
  return (
    isObject(value) && (typeof value.generation === "string" || (isObject(value.generation) && "content" in value.generation))
  );
}
