import { lazily } from "../../lazily.ts";
import * as z from "../../schema.ts";
import type { Adapter, Answer } from "./adapter.ts";
import { finishReasonOf } from "./finishReason.ts";
import { withoutPrompt } from "./generatedText.ts";
import { countIn, type JsonObject } from "./json.ts";
import { choicesIn, finishIn } from "./openaiChoices.ts";
import { promptRequest } from "./request.ts";

/**
 * OpenAI's older text completions, whole or streamed. Several prompts are answered by as many choices, or by n for each, prompt after
 * prompt; their tokens are counted together, so each has an estimate.
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
    const found = choicesIn(response);
    if (!found?.choices.every((pieces) => pieces.every(isOfCompletion))) return null;
    const { choices, model, usage } = found;
    const prompts = request?.prompts ?? [null];
    const perPrompt = choices.length / prompts.length;
    const promptTokens = prompts.length === 1 ? countIn(usage.prompt_tokens) : null;
    const completionTokens = choices.length === 1 ? countIn(usage.completion_tokens) : null;
    const answers = choices.map((pieces, i): Answer => {
      const text = pieces.map(({ text }) => text).join("");
      const prompt = prompts[Math.floor(i / perPrompt)] ?? null;
      const completion = request?.wantsPromptBack ? withoutPrompt(text, prompt) : text;
      return { completion, finishReason: finishReasonOf(finishIn(pieces)), promptTokens, completionTokens };
    });
    return Number.isInteger(perPrompt) ? { answers, choices: perPrompt, model } : null;
  },
};

function isOfCompletion({ text, message, delta }: JsonObject): boolean {
  return typeof text === "string" && message === undefined && delta === undefined;
}
