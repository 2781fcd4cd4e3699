import * as z from "zod";
import type { Prompt } from "../prompt.ts";
import { gradesSchema } from "../rubric.ts";
import { type Asked, type End, mostTokens, parameters, parseJson, type Reply } from "./provider.ts";

const tokens = z.int().min(0).max(mostTokens);
const chatCompletion = z.object({
  model: z.string().nullish(),
  choices: z
    .array(
      z.object({
        message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }),
        finish_reason: z.string().nullish(),
      }),
    )
    .min(1),
  usage: z.object({ prompt_tokens: tokens, completion_tokens: tokens }).nullish().catch(null),
});

/** How servers say how a reply ended: OpenAI's words, and LMI's two for a whole one. */
const ends: Record<string, End> = {
  stop: "complete",
  eos_token: "complete",
  stop_sequence: "complete",
  length: "length",
  content_filter: "filtered",
};

/** The body of a chat completion, as OpenAI's API has it and servers such as vLLM, TGI and LMI copy it. */
export function chatRequest({ system, user }: Prompt, { rubric, maxTokens }: Asked): object {
  return {
    messages: [
      { role: "system", content: system },
      { role: "user", content: user },
    ],
    ...parameters,
    max_tokens: maxTokens,
    response_format: { type: "json_schema", json_schema: { name: "grades", strict: true, schema: gradesSchema(rubric, true) } },
  };
}

/** A chat completion as a reply; `null` for anything else. */
export function readChatReply(body: string): Reply | null {
  const parsed = chatCompletion.safeParse(parseJson(body));
  if (!parsed.success) return null;
  const { choices, usage, model } = parsed.data;
  const { message, finish_reason } = choices[0]!; // the schema wants one
  const end = Object.hasOwn(ends, finish_reason ?? "") ? ends[finish_reason!]! : "unknown";
  return {
    text: message.content || null,
    end: message.refusal ? "declined" : end,
    usage: usage ? { inputTokens: usage.prompt_tokens, outputTokens: usage.completion_tokens } : null,
    model: model ?? null,
  };
}
