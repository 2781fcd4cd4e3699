import { adapt, unclaimed } from "../capture/adapters/registry.ts";
import { type FinishReason, type Inference, lastQuestion, type Scores } from "../capture/inference.ts";
import { tokensOf } from "../capture/tokens.ts";
import type { ScorerSettings } from "../config/assay.ts";
import { scoreAll } from "../scoring/registry.ts";
import { compareWithReference } from "./referenceMetrics.ts";

/** What a variant said to one item. Only `answered` has a text: a failure is counted, and never scored or graded. */
export type Answer =
  | {
      outcome: "answered";
      completion: string;
      /** What the payload calls the model that answered, if it does. */
      model?: string;
      finishReason: FinishReason;
      promptTokens: number;
      completionTokens: number;
      /** True where either count is ours because the payload did not say. */
      tokensEstimated: boolean;
      scores: Scores;
      latencyMs: LatencyMs;
    }
  | { outcome: "model_error"; status: number; latencyMs: LatencyMs }
  | { outcome: "unreadable"; reason: string; latencyMs: LatencyMs }
  /** An item for which this target brought no answer along. */
  | { outcome: "missing"; latencyMs: null };
/** From sending to having it all; `null` where nobody was asked. */
type LatencyMs = number | null;

/** What SageMaker brought back: a body, or the status with which the model's container refused. */
export type Reply = { body: string } | { status: number };

/**
 * Reads and scores what came back, by the adapters and scorers that read captures.
 * @param asked the body of the request, as `requestBody` made it
 * @param reference an answer to the item that is known to be good
 */
export function readAnswer(
  asked: Record<string, unknown>,
  reply: Reply,
  { eventId, endpoint, variant, time }: Pick<Inference, "eventId" | "endpoint" | "variant" | "time">,
  { reference, scorers }: { reference: string | null; scorers: ScorerSettings },
  latencyMs: LatencyMs,
): Answer {
  if ("status" in reply) return { outcome: "model_error", status: reply.status, latencyMs };
  const exchange = { request: asked, response: parseJson(reply.body) };
  // An evaluation asks in the shape that it asks every variant in: payloads of their own are not part of it.
  const adapted = adapt(exchange, null);
  const conversation = adapted?.conversations[0];
  if (!adapted || !conversation?.answer) return { outcome: "unreadable", reason: unclaimed(exchange), latencyMs };
  const { messages, answer } = conversation;
  if (answer.finishReason === "error") return { outcome: "model_error", status: 200, latencyMs };
  const { completion, finishReason } = answer;
  const tokens = tokensOf(conversation);
  const inference: Inference = {
    eventId,
    endpoint,
    variant,
    time,
    adapter: adapted.adapter,
    outcome: "answered",
    prompt: lastQuestion(messages),
    messages,
    completion,
    finishReason,
    ...tokens,
    segment: "all",
    attributes: [],
    source: { bucket: "", key: "", offset: 0, length: 0 }, // it was never captured
  };
  const scores = scoreAll(inference, { request: asked, reference }, scorers);
  if (reference !== null) Object.assign(scores, compareWithReference(completion, reference));
  const named = conversation.model === null ? {} : { model: conversation.model };
  return { outcome: "answered", completion, ...named, finishReason, ...tokens, scores, latencyMs };
}

/** The reply of whoever would have given an answer that was brought along. */
export const replyOf = (completion: string): Reply => ({
  body: JSON.stringify({ choices: [{ message: { role: "assistant", content: completion }, finish_reason: null }] }),
});

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
