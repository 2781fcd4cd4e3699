import { lazily } from "../../lazily.ts";
import * as z from "../../schema.ts";
import type { Adapter, Answer } from "./adapter.ts";
import { contentText, toolCallsOf } from "./chatMessage.ts";
import { finishReasonOf } from "./finishReason.ts";
import { countIn, isObject, type JsonObject, textIn } from "./json.ts";
import { choicesIn, finishIn } from "./openaiChoices.ts";
import { chatRequest } from "./request.ts";

const content = () => z.nullish(z.union([z.string(), z.array(z.unknown())]));
const chatCompletion = () =>
  z.object({ choices: z.array(z.object({ message: z.object({ content: content() }) })).check(z.minLength(1)) });

/**
 * OpenAI chat completions, as vLLM, SGLang, LMI, TGI and SageMaker's own `/openai/v1/chat/completions` speak them, whole or streamed.
 * Each of several choices is an answer; only the tokens of all of them are known. `content` is null in a tool call and where a model
 * only reasoned: then the completion is empty. Reasoning is never part of it: the user did not ask to read it.
 * Source: https://platform.openai.com/docs/api-reference/chat; vLLM, vllm/entrypoints/openai/chat_completion/protocol.py
 */
export const openaiChat: Adapter = {
  name: "openai-chat",
  asks: ["messages"],
  expects: lazily(() => ({ request: chatRequest(), response: chatCompletion() })),
  read(response, request) {
    if (request?.isBatch) return null;
    const found = choicesIn(response);
    if (!found?.choices.every((pieces) => pieces.every(isOfChat))) return null;
    const { choices, model, usage } = found;
    const promptTokens = countIn(usage.prompt_tokens);
    const completionTokens = choices.length === 1 ? countIn(usage.completion_tokens) : null;
    const answers = choices.map((pieces): Answer => ({ ...answerOf(pieces), promptTokens, completionTokens }));
    return { answers, choices: choices.length, model };
  },
};

function answerOf(pieces: readonly JsonObject[]): Omit<Answer, "promptTokens" | "completionTokens"> {
  const messages = pieces.map(messageIn);
  const joined = (said: (message: JsonObject) => string | null) => messages.map((message) => said(message) ?? "").join("");
  const calls = messages.flatMap(toolCallsOf);
  const reasoning = joined(({ reasoning, reasoning_content }) => textIn(reasoning) ?? textIn(reasoning_content));
  const aside = reasoning + calls.map(({ name, arguments: given }) => name + given).join("");
  const finishReason = finishReasonOf(finishIn(pieces));
  // A tool that the caller prescribed ends in "stop" on some servers. A call cut off by length stays cut off.
  const calledTool = calls.length > 0 && (finishReason === "stop" || finishReason === "unknown");
  return {
    completion: joined(({ content }) => contentText(content)) || joined(({ refusal }) => textIn(refusal)),
    finishReason: calledTool ? "tool" : finishReason,
    ...(aside === "" ? {} : { aside }),
  };
}

/** A whole message, or the piece of one that a stream sends. */
function messageIn({ message, delta }: JsonObject): JsonObject {
  return isObject(message) ? message : isObject(delta) ? delta : {};
}

function isOfChat(choice: JsonObject): boolean {
  const { content } = messageIn(choice);
  const isContent = content === undefined || content === null || typeof content === "string" || Array.isArray(content);
  return (isObject(choice.message) || isObject(choice.delta)) && isContent;
}
