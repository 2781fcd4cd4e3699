import { lazily } from "../../lazily.ts";
import * as z from "../../schema.ts";
import type { Adapter, Answer } from "./adapter.ts";
import { finishReasonOf } from "./finishReason.ts";
import { withoutPrompt } from "./generatedText.ts";
import { countIn, type JsonObject } from "./json.ts";
import { byIndex, choicesIn, finishIn } from "./openaiChoices.ts";
import { promptRequest } from "./request.ts";

/**
 * OpenAI's older text completions, whole or streamed. Several prompts are answered by as many choices, or by n for each, of which the
 * first is read; their tokens are counted together, so each has an estimate.
 * Source: https://platform.openai.com/docs/api-reference/completions
 */
export const openaiCompletions: Adapter = {
  name: "openai-completions",
  asks: ["prompt"],
  expects: lazily(() => ({
    request: promptRequest(),
    response: z.object({ choices: z.array(z.object({ text: z.string() })).check(z.minLength(1)) }),
  })),
  read(response, request) {
    const choices = choicesIn(response);
    if (!choices?.pieces.every(isOfCompletion)) return null;
    const whole = byIndex(choices.pieces);
    const prompts = request?.prompts ?? [null];
    const perPrompt = request?.isBatch ? whole.length / prompts.length : whole.length;
    if (!Number.isInteger(perPrompt)) return null;
    const usage = prompts.length === 1 ? choices.usage : {};
    const answers = prompts.map((prompt, i): Answer => {
      const pieces = whole[i * perPrompt]!; // perPrompt × prompts is the number of choices
      const text = pieces.map(({ text }) => text).join("");
      return {
        completion: request?.wantsPromptBack ? withoutPrompt(text, prompt) : text,
        finishReason: finishReasonOf(finishIn(pieces)),
        promptTokens: countIn(usage.prompt_tokens),
        completionTokens: countIn(usage.completion_tokens),
      };
    });
    return { answers, model: choices.model };
  },
};

function isOfCompletion({ text, message, delta }: JsonObject): boolean {
  return typeof text === "string" && message === undefined && delta === undefined;
}
