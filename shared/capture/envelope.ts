import * as z from "../schema.ts";
import { UnreadableRecord } from "./errors.ts";
import type { Source } from "./inference.ts";
import { jsonValue, utf8Text } from "./text.ts";

/** One side as SageMaker wrote it: `data` is always a string, whatever `encoding` says about what is in it. */
export type Payload = { data: string; encoding: string };

export type CaptureRecord = {
  eventId: string;
  inferenceId: string | null;
  /** ISO, UTC, second precision. */
  time: string;
  attributes: string[];
  /** `null`: this side was not captured. */
  input: Payload | null;
  output: Payload | null;
};

// Unknown keys are dropped, not refused: SageMaker may add some. The content type is not read, because it proves nothing: a
// container may answer well and send none, and then SageMaker captures null.
const side = z.nullish(z.object({ data: z.string(), encoding: z.nullish(z.string()) }));
const envelope = z.object({
  captureData: z.object({ endpointInput: side, endpointOutput: side }),
  eventMetadata: z.object({
    eventId: z.string().check(z.minLength(1)),
    inferenceTime: z.iso.datetime(),
    inferenceId: z.nullish(z.string()),
    customAttributes: z.optional(z.unknown()),
  }),
});

/**
 * Reads the envelope of one line of a capture object.
 * @throws UnreadableRecord, which the caller quarantines
 * Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html
 */
export function readEnvelope(line: Uint8Array, source: Source): CaptureRecord {
  const text = utf8Text(line);
  if (text === null) {
    throw new UnreadableRecord("not_utf8", "the line is not UTF-8", source, "Is this object data capture, and whole?");
  }
  const json = jsonValue(text);
  if (json === undefined) {
    const remedy = "Was the line cut off, or is this object not data capture?";
    throw new UnreadableRecord("not_json", `the line is not JSON: ${line.length} bytes`, source, remedy);
  }
  const parsed = envelope.safeParse(json);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!; // a failed parse has at least one
    const what = path.length === 0 ? `not a capture record: ${message}` : `${path.join(".")}: ${message}`;
    throw new UnreadableRecord("bad_envelope", what, source, "Is this prefix data capture of a real-time endpoint?");
  }
  const { captureData, eventMetadata } = parsed.data;
  return {
    eventId: eventMetadata.eventId,
    inferenceId: eventMetadata.inferenceId ?? null,
    time: `${new Date(eventMetadata.inferenceTime).toISOString().slice(0, 19)}Z`,
    attributes: textsIn(eventMetadata.customAttributes),
    input: payloadIn(captureData.endpointInput),
    output: payloadIn(captureData.endpointOutput),
  };
}

function payloadIn(captured: z.infer<typeof side>): Payload | null {
  return captured ? { data: captured.data, encoding: captured.encoding ?? "NONE" } : null;
}

/** SageMaker writes the header as one text in a list. What callers add to a record never costs the record. */
function textsIn(customAttributes: unknown): string[] {
  return [customAttributes].flat().filter((text) => typeof text === "string");
}
