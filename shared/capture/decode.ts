import type { Payload } from "./envelope.ts";
import { UnreadableRecord } from "./errors.ts";
import type { Source } from "./inference.ts";
import { jsonValue, utf8Text } from "./text.ts";

/**
 * The JSON value of one captured side.
 * @param side names the side in errors
 * @returns any JSON value, `null` included; never `undefined`
 * @throws UnreadableRecord, which the caller quarantines
 */
export function decodePayload(payload: Payload, side: "endpointInput" | "endpointOutput", source: Source): unknown {
  const text = textOf(payload, side, source);
  if (text.trim() === "") {
    throw new UnreadableRecord("empty_record", `${side}.data is empty`, source, "The endpoint took or sent no body.");
  }
  const json = jsonValue(text);
  if (json === undefined) {
    const remedy = "Assay reads bodies that are one JSON document; streams and plain text are not that.";
    throw new UnreadableRecord("not_json", `${side}.data is not one JSON document: ${text.length} characters`, source, remedy);
  }
  return json;
}

function textOf({ data, encoding }: Payload, side: string, source: Source): string {
  if (encoding === "JSON") return data;
  if (encoding !== "BASE64") {
    const what = `${side}.encoding is ${encoding === "CSV" ? "CSV" : "unknown"}`;
    throw new UnreadableRecord("unknown_encoding", what, source, "Assay reads JSON and BASE64: chats are not tables.");
  }
  const bytes = Buffer.from(data, "base64");
  // Node skips what is not base64 without a word; only the way back shows it.
  if (bytes.toString("base64") !== data) {
    const remedy = "List this endpoint's content type under JsonContentTypes of its DataCaptureConfig, and it arrives as JSON.";
    throw new UnreadableRecord("bad_encoding", `${side}.data is not base64: ${data.length} characters`, source, remedy);
  }
  const text = utf8Text(bytes);
  if (text === null) {
    const what = `${side}.data is base64 of ${bytes.length} bytes that are not UTF-8`;
    throw new UnreadableRecord("not_utf8", what, source, "Does this endpoint answer with text?");
  }
  return text;
}
