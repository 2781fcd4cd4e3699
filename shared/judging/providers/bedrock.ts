import * as z from "zod";
import { gradesSchema } from "../rubric.ts";
import { type End, mostTokens, type Provider, parameters, parseJson } from "./provider.ts";

const tokens = z.int().min(0).max(mostTokens);
const converse = z.object({
  output: z.object({ message: z.object({ content: z.array(z.looseObject({ text: z.string().optional() })) }) }),
  stopReason: z.string().nullish(),
  usage: z.object({ inputTokens: tokens, outputTokens: tokens }).nullish().catch(null),
});

/** Source: Amazon Bedrock API reference, Converse, `stopReason`. */
const ends: Record<string, End> = {
  end_turn: "complete",
  stop_sequence: "complete",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  guardrail_intervened: "filtered",
  content_filtered: "filtered",
};

/**
 * Amazon Bedrock's Converse, which all its chat models share. The body is the operation's input without `modelId`, which stands in the
 * path, and the schema says nothing of limits, which Bedrock's subset of JSON schema does not know: the reply is checked either way.
 */
export const bedrock: Provider = {
  requestBody: ({ system, user }, { rubric, maxTokens }) =>
    JSON.stringify({
      system: [{ text: system }],
      messages: [{ role: "user", content: [{ text: user }] }],
      inferenceConfig: { ...parameters, maxTokens },
      outputConfig: {
        textFormat: {
          type: "json_schema",
          structure: { jsonSchema: { name: "grades", schema: JSON.stringify(gradesSchema(rubric, false)) } },
        },
      },
    }),
  readReply(body) {
    const parsed = converse.safeParse(parseJson(body));
    if (!parsed.success) return null;
    const { output, stopReason, usage } = parsed.data;
    // A model that thinks has blocks of thought beside its text.
    const texts = output.message.content.flatMap(({ text }) => text ?? []);
    return {
      text: texts.length === 1 ? texts[0]! || null : null,
      end: Object.hasOwn(ends, stopReason ?? "") ? ends[stopReason!]! : "unknown",
      usage: usage ?? null,
      model: null,
    };
  },
  answers: "an answer of Converse",
};
