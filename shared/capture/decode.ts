import { PlainText } from "./body.ts";
import { documentStreamIn } from "./documentStream.ts";
import type { Payload } from "./envelope.ts";
import { UnreadableRecord } from "./errors.ts";
import { isGzip, unzip } from "./gzip.ts";
import type { Source } from "./inference.ts";
import { jsonValue, utf8Text } from "./text.ts";

type Side = "endpointInput" | "endpointOutput";

/**
 * The body of one captured side: a JSON value (`null` included), a DocumentStream, or PlainText for what is neither. `encoding` tells
 * how the text was written down and no more: what a container announces and what it sends are two things.
 * @param side names the side in errors
 * @returns never `undefined`
 * @throws UnreadableRecord, which the caller quarantines
 */
export function decodePayload(payload: Payload, side: Side, source: Source): unknown {
  const text = textOf(payload, side, source);
  const begins = /\S/.exec(text)?.[0];
  if (begins === undefined) {
    throw new UnreadableRecord("empty_record", `${side}.data is empty`, source, "The endpoint took or sent no body.");
  }
  const isCsv = payload.encoding === "CSV";
  // A number alone is a table of one cell.
  if (isCsv && begins !== "{" && begins !== "[") return new PlainText(text, true);
  const json = jsonValue(text);
  return json === undefined ? (documentStreamIn(text) ?? new PlainText(text, isCsv)) : json;
}

function textOf({ data, encoding }: Payload, side: Side, source: Source): string {
  switch (encoding) {
    case "JSON":
    case "CSV":
    case "NONE":
      return data.startsWith("\ufeff") ? data.slice(1) : data;
    case "BASE64":
      return base64Text(data, side, source);
    default:
      throw new UnreadableRecord(
        "unknown_encoding",
        `${side}.encoding is unknown`,
        source,
        "Assay reads JSON, CSV, BASE64 and NONE.",
      );
  }
}

function base64Text(data: string, side: Side, source: Source): string {
  const stored = Buffer.from(data, "base64");
  // Node skips what is not base64 without a word: then there are fewer bytes than the length of the text says.
  const padding = data.endsWith("==") ? 2 : data.endsWith("=") ? 1 : 0;
  if (data.length % 4 !== 0 || stored.length !== (data.length / 4) * 3 - padding) {
    const remedy = "List this endpoint's content type under JsonContentTypes of its DataCaptureConfig, and it arrives as JSON.";
    throw new UnreadableRecord("bad_encoding", `${side}.data is not base64: ${data.length} characters`, source, remedy);
  }
  const bytes = isGzip(stored) ? unzip(stored) : stored;
  if (bytes === null) {
    const what = `${side}.data is gzip of ${stored.length} bytes that is damaged or unreasonably large`;
    throw new UnreadableRecord("bad_encoding", what, source, "Does the client cut its bodies off?");
  }
  const text = utf8Text(bytes);
  if (text === null) {
    const what = `${side}.data is base64 of ${bytes.length} bytes that are not UTF-8`;
    throw new UnreadableRecord("not_utf8", what, source, "Does this endpoint answer with text?");
  }
  return text;
}
