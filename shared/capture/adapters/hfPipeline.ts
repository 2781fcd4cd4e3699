import { lazily } from "../../lazily.ts";
import * as z from "../../schema.ts";
import type { Adapter, Answer } from "./adapter.ts";
import { contentText } from "./chatMessage.ts";
import { answerOf, type Generation, generation, isGeneration, repeatsPrompt, withoutPrompt } from "./generatedText.ts";
import { isObject, type JsonObject, textIn } from "./json.ts";
import { inputsRequest, type Request } from "./request.ts";

/**
 * Text generation by Hugging Face pipelines: the text begins with the prompt, which is taken off; a chat is answered by all of its
 * turns, the new one last; several prompts by a list of lists. A prompt has as many answers as `num_return_sequences` says.
 * Source: https://huggingface.co/docs/transformers/main_classes/pipelines, TextGenerationPipeline
 */
export const hfPipeline: Adapter = {
  name: "hf-pipeline",
  asks: ["turns"],
  expects: lazily(() => ({
    request: inputsRequest(),
    response: z.array(z.union([generation(), z.object({ generated_text: z.array(z.unknown()) })])).check(z.minLength(1)),
  })),
  read(response, request) {
    const lists = isListOfLists(response) ? response : null;
    if (request !== null && request.isBatch !== (lists !== null)) return null;
    const items = lists?.flat() ?? (Array.isArray(response) ? response : [response]);
    const choices = items.length / (lists?.length ?? 1);
    if (!items.every(isAnswer) || lists?.some(({ length }) => length !== choices)) return null;
    const [first] = items;
    if (first === undefined || (lists === null && !isChat(first) && !echoes(response, request))) return null;
    return { answers: items.map((item, i) => pipelineAnswer(item, request, Math.floor(i / choices))), choices, model: null };
  },
};

/**
 * Whether this is a generation that repeats the prompt though nobody asked for details, which is how pipelines answer. Where the caller
 * did not say so, a prompt must be long enough to be no word of greeting that a chat model may well answer by the same.
 */
export function echoes(response: unknown, request: Request | null): boolean {
  if (request === null || request.isBatch || request.wantsPromptBack === false) return false;
  const first = Array.isArray(response) ? response[0] : response;
  if (!isGeneration(first) || isObject(first.details) || !repeatsPrompt(first.generated_text, request.prompts[0])) return false;
  return request.wantsPromptBack === true || request.prompts[0].sent.length >= shortestEcho;
}

const shortestEcho = 24;

type Chat = JsonObject & { generated_text: JsonObject[] };

function isChat(value: unknown): value is Chat {
  if (!isObject(value) || !Array.isArray(value.generated_text)) return false;
  return value.generated_text.length > 0 && value.generated_text.every(isObject);
}

const isAnswer = (value: unknown): value is Generation | Chat => isGeneration(value) || isChat(value);

function isListOfLists(value: unknown): value is unknown[][] {
  return Array.isArray(value) && value.length > 0 && value.every(Array.isArray);
}

function pipelineAnswer(answer: Generation | Chat, request: Request | null, i: number): Answer {
  if (isGeneration(answer)) {
    const prompt = request?.prompts[i] ?? null;
    const read = answerOf(answer, request, prompt);
    return request?.wantsPromptBack === false ? read : { ...read, completion: withoutPrompt(answer.generated_text, prompt) };
  }
  const { role, content } = answer.generated_text.at(-1)!; // isChat wants one
  const completion = textIn(role) === "user" ? "" : contentText(content);
  return { completion, finishReason: "unknown", promptTokens: null, completionTokens: null };
}
