import { adapt, unclaimed } from "../capture/adapters/registry.ts";
import type { FinishReason, Inference, Scores } from "../capture/inference.ts";
import { estimateTokens } from "../capture/tokens.ts";
import { scoreAll } from "../scoring/registry.ts";

/** What a variant said to one item. Only `answered` has a text: a failure is counted, and never scored or graded. */
export type Answer =
  | {
      outcome: "answered";
      completion: string;
      finishReason: FinishReason;
      promptTokens: number;
      completionTokens: number;
      /** True where either count is ours because the payload did not say. */
      tokensEstimated: boolean;
      scores: Scores;
      latencyMs: number;
    }
  | { outcome: "model_error"; status: number; latencyMs: number }
  | { outcome: "unreadable"; reason: string; latencyMs: number };

/** What SageMaker brought back: a body, or the status with which the model's container refused. */
export type Reply = { body: string } | { status: number };

/**
 * Reads and scores what came back, by the adapters and scorers that read captures.
 * @param asked the body of the request, as `requestBody` made it
 * @param latencyMs from sending to having it all
 */
export function readAnswer(
  asked: Record<string, unknown>,
  reply: Reply,
  { eventId, endpoint, variant, time }: Pick<Inference, "eventId" | "endpoint" | "variant" | "time">,
  latencyMs: number,
): Answer {
  if ("status" in reply) return { outcome: "model_error", status: reply.status, latencyMs };
  const exchange = { request: asked, response: parseJson(reply.body) };
  const conversation = adapt(exchange);
  if (!conversation?.answer) return { outcome: "unreadable", reason: unclaimed(exchange), latencyMs };
  const { adapter, messages, answer } = conversation;
  if (answer.finishReason === "error") return { outcome: "model_error", status: 200, latencyMs };
  const { completion, finishReason } = answer;
  const tokens = {
    promptTokens: answer.promptTokens ?? messages.reduce((sum, { content }) => sum + estimateTokens(content), 0),
    completionTokens: answer.completionTokens ?? estimateTokens(completion),
    tokensEstimated: answer.promptTokens === null || answer.completionTokens === null,
  };
  const scores = scoreAll({
    eventId,
    endpoint,
    variant,
    time,
    adapter,
    outcome: "answered",
    prompt: messages.findLast(({ role }) => role === "user")?.content ?? "",
    messages,
    completion,
    finishReason,
    ...tokens,
    segment: "all",
    attributes: [],
    source: { bucket: "", key: "", offset: 0, length: 0 }, // it was never captured
  });
  return { outcome: "answered", completion, finishReason, ...tokens, scores, latencyMs };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
