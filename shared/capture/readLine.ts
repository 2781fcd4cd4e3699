import type { EndpointSettings } from "../config/assay.ts";
import { scoreAll } from "../scoring/registry.ts";
import type { Conversation } from "./adapters/adapter.ts";
import { adapt, unclaimed } from "./adapters/registry.ts";
import { attributesOf, conversationOf, segmentOf } from "./attributes.ts";
import { decodePayload } from "./decode.ts";
import { type CaptureRecord, readEnvelope } from "./envelope.ts";
import { UnreadableRecord } from "./errors.ts";
import type { Inference, Outcome, Reading, Source } from "./inference.ts";
import type { Line } from "./lines.ts";
import { estimateTokens } from "./tokens.ts";

/** The object a line stands in, and whose traffic it is. `bucket` is empty for a file on disk. */
export type CaptureOrigin = { bucket: string; key: string; endpoint: string; variant: string };

/**
 * Everything that one line of a capture object holds, decoded, normalised and scored, or quarantined with a reason. The whole way
 * from bytes to scores, for Lambda and command line alike.
 * @returns at least one reading; never throws for what was captured
 */
export function readLine(line: Line, origin: CaptureOrigin, settings: Pick<EndpointSettings, "segment">): Reading[] {
  const { bucket, key } = origin;
  const source: Source = { bucket, key, offset: line.offset, length: line.length };
  let time: string | null = null;
  try {
    const record = readEnvelope(line.bytes, source);
    time = record.time;
    const inference = readInference(record, origin, settings, source);
    return [{ ...inference, scores: scoreAll(inference) }];
  } catch (error) {
    if (!(error instanceof UnreadableRecord)) throw error;
    return [{ outcome: "quarantined", reason: { code: error.code, message: error.message }, time, source }];
  }
}

function readInference(
  record: CaptureRecord,
  { endpoint, variant }: CaptureOrigin,
  settings: Pick<EndpointSettings, "segment">,
  source: Source,
): Inference {
  if (record.input === null && record.output === null) {
    const remedy = "Which sides are captured is set by CaptureOptions of the endpoint's DataCaptureConfig.";
    throw new UnreadableRecord("empty_record", "neither side was captured", source, remedy);
  }
  const request = record.input === null ? undefined : decodePayload(record.input, "endpointInput", source);
  const response = record.output === null ? undefined : decodePayload(record.output, "endpointOutput", source);
  const conversation = adapt({ request, response });
  if (conversation === null) {
    const remedy = "Assay reads OpenAI chat, TGI and LMI; other models have no answer to grade.";
    throw new UnreadableRecord("no_adapter", unclaimed({ request, response }), source, remedy);
  }
  const { adapter, messages, answer, model } = conversation;
  const attributes = attributesOf(record.attributes);
  const conversationId = conversationOf(attributes);
  return {
    eventId: record.eventId,
    ...(record.inferenceId === null ? {} : { inferenceId: record.inferenceId }),
    endpoint,
    variant,
    time: record.time,
    adapter,
    outcome: outcomeOf(record, conversation),
    prompt: messages.findLast(({ role }) => role === "user")?.content ?? "",
    messages,
    completion: answer?.completion ?? "",
    finishReason: answer?.finishReason ?? "unknown",
    ...tokensOf(conversation),
    ...(model === null ? {} : { model }),
    segment: segmentOf(settings.segment, { attributes, request }),
    ...(conversationId === null ? {} : { conversation: conversationId }),
    attributes: record.attributes,
    source,
  };
}

function outcomeOf({ input }: CaptureRecord, { answer }: Conversation): Outcome {
  if (answer === null) return "input_only";
  if (answer.finishReason === "error") return "model_error";
  return input === null ? "output_only" : "answered";
}

function tokensOf({ messages, answer }: Conversation): Pick<Inference, "promptTokens" | "completionTokens" | "tokensEstimated"> {
  const promptTokens = answer?.promptTokens ?? null;
  const completionTokens = answer?.completionTokens ?? null;
  return {
    promptTokens: promptTokens ?? messages.reduce((sum, { content }) => sum + estimateTokens(content), 0),
    completionTokens: completionTokens ?? estimateTokens(answer?.completion ?? ""),
    tokensEstimated: promptTokens === null || completionTokens === null,
  };
}
