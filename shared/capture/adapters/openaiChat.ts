import * as z from "zod";
import type { Turn } from "../inference.ts";
import type { Adapter, Answer } from "./adapter.ts";
import { finishReasonOf } from "./finishReason.ts";
import { errorStyle, modelError } from "./modelError.ts";
import { optionalCount, optionalList, optionalText } from "./optional.ts";

const part = z.union([z.string(), z.object({ type: z.string(), text: z.string().optional() })]);
const content = z.union([z.string(), z.array(part)]).nullish();
const chatRequest = z.object({
  model: optionalText,
  messages: z.array(z.object({ role: z.string(), content })),
});
const chatCompletion = z.object({
  model: optionalText,
  choices: z
    .array(
      z.object({
        message: z.object({ content, refusal: optionalText, tool_calls: optionalList }),
        finish_reason: optionalText,
      }),
    )
    .min(1),
  usage: z.object({ prompt_tokens: optionalCount, completion_tokens: optionalCount }).nullish().catch(null),
});
type ChatCompletion = z.infer<typeof chatCompletion>;

/**
 * OpenAI chat completions, as vLLM, SGLang, LMI, TGI and SageMaker's own `/openai/v1/chat/completions` speak them. Of several
 * choices the first is read. `content` is null in a tool call and where a model only reasoned: then the completion is empty.
 * Source: https://platform.openai.com/docs/api-reference/chat; vLLM, vllm/entrypoints/openai/chat_completion/protocol.py
 */
export const openaiChat: Adapter = {
  name: "openai-chat",
  expects: { request: chatRequest, response: chatCompletion },
  read({ request, response }) {
    const asked = chatRequest.safeParse(request);
    if (request !== undefined && !asked.success) return null;
    const messages = asked.success ? asked.data.messages.map(turnOf) : [];
    const askedModel = asked.data?.model ?? null;
    if (response === undefined) return { messages, answer: null, model: askedModel };
    const completion = chatCompletion.safeParse(response);
    if (completion.success) {
      return { messages, answer: answerOf(completion.data), model: completion.data.model ?? askedModel };
    }
    // Whoever was asked in this family, its errors may be worded in another.
    const style = errorStyle(response);
    const isOurs = asked.success ? style !== null : style === "openai";
    return isOurs ? { messages, answer: modelError, model: askedModel } : null;
  },
};

function answerOf({ choices, usage }: ChatCompletion): Answer {
  const { message, finish_reason } = choices[0]!; // the schema wants one
  const finishReason = finishReasonOf(finish_reason);
  // A tool that the caller prescribed ends in "stop" on some servers. A call cut off by length stays cut off.
  const calledTool = (message.tool_calls ?? []).length > 0 && (finishReason === "stop" || finishReason === "unknown");
  return {
    completion: textOf(message.content ?? message.refusal),
    finishReason: calledTool ? "tool" : finishReason,
    promptTokens: usage?.prompt_tokens ?? null,
    completionTokens: usage?.completion_tokens ?? null,
  };
}

function turnOf({ role, content }: z.infer<typeof chatRequest>["messages"][number]): Turn {
  return { role: roleOf(role), content: textOf(content) };
}

function roleOf(role: string): Turn["role"] {
  switch (role) {
    case "system":
    case "developer":
      return "system";
    case "assistant":
      return "assistant";
    case "tool":
    case "function":
      return "tool";
    default:
      return "user"; // a chat template may name them as it likes: who is none of the above speaks to the model
  }
}

/** Parts as text; what is not text leaves its kind in brackets, so that a judge knows that there was an image. */
function textOf(content: z.infer<typeof part>[] | string | null | undefined): string {
  if (!Array.isArray(content)) return content ?? "";
  return content.map((part) => (typeof part === "string" ? part : (part.text ?? `[${part.type}]`))).join("\n");
}
