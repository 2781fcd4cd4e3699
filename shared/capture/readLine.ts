import type { EndpointSettings } from "../config/assay.ts";
import { scoreAll } from "../scoring/registry.ts";
import type { Conversation, Exchange } from "./adapters/adapter.ts";
import { adapt, unclaimed } from "./adapters/registry.ts";
import { attributesOf, referenceIn } from "./attributes.ts";
import { PlainText, searchable } from "./body.ts";
import { decodePayload } from "./decode.ts";
import { type CaptureRecord, readEnvelope } from "./envelope.ts";
import { UnreadableRecord } from "./errors.ts";
import { type Inference, lastQuestion, type Outcome, type Reading, type ScoredInference, type Source } from "./inference.ts";
import { type Line, longestLine } from "./lines.ts";
import { conversationOf, segmentOf } from "./segment.ts";
import { tokensOf } from "./tokens.ts";

/** The object a line stands in, and whose traffic it is. `bucket` is empty for a file on disk. */
export type CaptureOrigin = { bucket: string; key: string; endpoint: string; variant: string };

/** What an endpoint's settings say about reading its captures. */
export type ReadingSettings = Pick<EndpointSettings, "segment" | "conversation" | "custom" | "scorers">;

/**
 * Everything that one line of a capture object holds, decoded, normalised and scored, or quarantined with a reason. The whole way
 * from bytes to scores, for Lambda and command line alike.
 * @returns at least one reading, and one per prompt of a batch; never throws for what was captured
 */
export function readLine(line: Line, origin: CaptureOrigin, settings: ReadingSettings): Reading[] {
  const { bucket, key } = origin;
  const { offset, length } = line;
  const source: Source = line.isGzip ? { bucket, key, offset, length, gzip: true } : { bucket, key, offset, length };
  let time: string | null = null;
  try {
    refuseFlawed(line, source);
    const record = readEnvelope(line.bytes, source);
    time = record.time;
    return readInferences(record, origin, settings, source);
  } catch (error) {
    if (!(error instanceof UnreadableRecord)) throw error;
    return [{ outcome: "quarantined", reason: { code: error.code, message: error.message }, time, source }];
  }
}

function refuseFlawed({ flaw, length }: Line, source: Source): void {
  if (flaw === "too_long") {
    const remedy = "SageMaker's are 25 MB at most. Is this object data capture?";
    throw new UnreadableRecord("too_long", `the line has ${length} bytes, over ${longestLine}`, source, remedy);
  }
  if (flaw === "damaged_gzip") {
    const remedy = "What came before was read; upload the object again to have the rest.";
    throw new UnreadableRecord("bad_encoding", "the object is gzip that is damaged or cut off from here on", source, remedy);
  }
}

function readInferences(
  record: CaptureRecord,
  { endpoint, variant }: CaptureOrigin,
  settings: ReadingSettings,
  source: Source,
): ScoredInference[] {
  if (record.input === null && record.output === null) {
    const remedy = "Which sides are captured is set by CaptureOptions of the endpoint's DataCaptureConfig.";
    throw new UnreadableRecord("empty_record", "neither side was captured", source, remedy);
  }
  const request = record.input === null ? undefined : decodePayload(record.input, "endpointInput", source);
  const response = record.output === null ? undefined : decodePayload(record.output, "endpointOutput", source);
  const adapted = adapt({ request, response }, settings.custom);
  if (adapted === null) throw unreadable({ request, response }, source);

  const attributes = attributesOf(record.attributes);
  const searched = { attributes, request: searchable(request) };
  // Several answers to one question are no more independent than the turns of a conversation.
  const conversationId = conversationOf(settings.conversation, searched) ?? (adapted.choices > 1 ? record.eventId : null);
  // One reference cannot be the good answer to several questions.
  const reference = adapted.conversations.length === adapted.choices ? referenceIn(attributes) : null;
  const beside = { request: searched.request, reference };
  return adapted.conversations.map((conversation, i) => {
    const { messages, answer, model } = conversation;
    // The answers of a batch are inferences of their own, which the judge and people's labels tell apart.
    const numbered = (id: string) => (adapted.isBatch ? `${id}#${i}` : id);
    const prompt = lastQuestion(messages);
    const inference: Inference = {
      eventId: numbered(record.eventId),
      ...(record.inferenceId === null ? {} : { inferenceId: numbered(record.inferenceId) }),
      endpoint,
      variant,
      time: record.time,
      adapter: adapted.adapter,
      outcome: outcomeOf(record, conversation),
      prompt,
      messages,
      completion: answer?.completion ?? "",
      finishReason: answer?.finishReason ?? "unknown",
      ...tokensOf(conversation),
      ...(model === null ? {} : { model }),
      segment: segmentOf(settings.segment, searched, prompt, model),
      ...(conversationId === null ? {} : { conversation: conversationId }),
      attributes: record.attributes,
      source,
    };
    return { ...inference, scores: scoreAll(inference, beside, settings.scorers) };
  });
}

function unreadable(exchange: Exchange, source: Source): UnreadableRecord {
  const what = unclaimed(exchange);
  if ([exchange.request, exchange.response].some((body) => body instanceof PlainText && !body.isTable)) {
    return new UnreadableRecord(
      "not_json",
      what,
      source,
      "Was the body cut off? Text of its own is read where assay.yml describes it (custom).",
    );
  }
  const remedy = "Assay reads language models only; a container with payloads of its own is described in assay.yml (custom).";
  return new UnreadableRecord("no_adapter", what, source, remedy);
}

function outcomeOf({ input }: CaptureRecord, { answer }: Conversation): Outcome {
  if (answer === null) return "input_only";
  if (answer.finishReason === "error") return "model_error";
  return input === null ? "output_only" : "answered";
}
