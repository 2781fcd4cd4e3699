import { gzipSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import { DocumentStream, PlainText } from "../../../shared/capture/body.ts";
import { decodePayload } from "../../../shared/capture/decode.ts";

const source = { bucket: "", key: "captures.jsonl", offset: 0, length: 300 };
const base64 = (text: string | Uint8Array) => Buffer.from(text).toString("base64");

test.each([
  { it: "a JSON body", data: '{"inputs":"Refund?"}', encoding: "JSON", value: { inputs: "Refund?" } },
  { it: "a body with line breaks", data: '{\n  "a": 1\n}\n', encoding: "JSON", value: { a: 1 } },
  { it: "a body that is null", data: "null", encoding: "JSON", value: null },
  { it: "base64", data: base64('{"inputs":"Größe?"}'), encoding: "BASE64", value: { inputs: "Größe?" } },
  { it: "a body after a byte order mark", data: "\ufeff[1]", encoding: "JSON", value: [1] },
  { it: "base64 of gzip", data: base64(gzipSync('{"inputs":"Größe?"}')), encoding: "BASE64", value: { inputs: "Größe?" } },
  { it: "a body of no announced encoding", data: '{"a":1}', encoding: "NONE", value: { a: 1 } },
  { it: "JSON that was announced as CSV", data: ' {"a":1}', encoding: "CSV", value: { a: 1 } },
  { it: "a table", data: "132,10,182.9", encoding: "CSV", value: new PlainText("132,10,182.9", true) },
  { it: "a table of one cell", data: "0.5\n", encoding: "CSV", value: new PlainText("0.5\n", true) },
  { it: "plain text", data: "Internal Server Error", encoding: "JSON", value: new PlainText("Internal Server Error", false) },
  { it: "plain text in base64", data: base64("Yes."), encoding: "BASE64", value: new PlainText("Yes.", false) },
  {
    it: "JSON that was cut off",
    data: '{"generated_text":"Ye',
    encoding: "JSON",
    value: new PlainText('{"generated_text":"Ye', false),
  },
  { it: "JSON lines", data: '{"a":1}\r\n\n{"a":2}\n', encoding: "JSON", value: new DocumentStream([{ a: 1 }, { a: 2 }]) },
  {
    it: "JSON lines whose last was cut off",
    data: '{"a":1}\n{"a":2}\n{"a',
    encoding: "JSON",
    value: new DocumentStream([{ a: 1 }, { a: 2 }]),
  },
  {
    it: "JSON with a torn line in its middle",
    data: '{"a":1}\n{"a\n{"a":3}',
    encoding: "JSON",
    value: new PlainText('{"a":1}\n{"a\n{"a":3}', false),
  },
  {
    it: "server-sent events",
    data: 'data: {"a":1}\n\ndata: {"a":2}\n\ndata: [DONE]\n\n',
    encoding: "JSON",
    value: new DocumentStream([{ a: 1 }, { a: 2 }]),
  },
  { it: "one event", data: 'data:{"a":1}', encoding: "JSON", value: new DocumentStream([{ a: 1 }]) },
  {
    it: "events with names, comments, CRLF and data of two lines",
    data: ': hello\r\nevent: message\r\nid: 7\r\ndata: {"a":\r\ndata: 1}\r\n\r\n',
    encoding: "JSON",
    value: new DocumentStream([{ a: 1 }]),
  },
  {
    it: "events that end in CR alone",
    data: 'data: {"a":1}\r\rdata: {"a":2}\r\r',
    encoding: "JSON",
    value: new DocumentStream([{ a: 1 }, { a: 2 }]),
  },
  {
    it: "events without an empty line between them",
    data: 'data: {"a":1}\ndata: {"a":2}\ndata: [DONE]\n',
    encoding: "JSON",
    value: new DocumentStream([{ a: 1 }, { a: 2 }]),
  },
  { it: "events in base64", data: base64('data: {"a":"é"}\n\n'), encoding: "BASE64", value: new DocumentStream([{ a: "é" }]) },
  {
    it: "events of which the last was cut off",
    data: 'data: {"a":1}\n\ndata: {"a',
    encoding: "JSON",
    value: new DocumentStream([{ a: 1 }]),
  },
  { it: "base64 of text with a byte order mark", data: base64("\ufeff[1]"), encoding: "BASE64", value: [1] },
])("decodes $it", ({ data, encoding, value }) =>
  expect(decodePayload({ data, encoding }, "endpointInput", source)).toEqual(value),
);

test.each([
  { it: "an encoding nobody documents", data: "x", encoding: "ZIP", code: "unknown_encoding" },
  { it: "base64 with foreign characters", data: "eyJ!!pbnB1dHMi", encoding: "BASE64", code: "bad_encoding" },
  { it: "base64 that was cut off", data: base64('{"a":12}').slice(0, -1), encoding: "BASE64", code: "bad_encoding" },
  { it: "base64 of bytes that are no text", data: base64(Uint8Array.of(0xff, 0xfe, 0x00)), encoding: "BASE64", code: "not_utf8" },
  { it: "base64 with its end in the middle", data: "YQ==YQ==", encoding: "BASE64", code: "bad_encoding" },
  { it: "gzip that was cut off", data: base64(gzipSync('{"a":1}').subarray(0, -9)), encoding: "BASE64", code: "bad_encoding" },
  {
    it: "gzip that grows to more than anybody sent",
    data: base64(gzipSync(Buffer.alloc(65 * 1024 * 1024))),
    encoding: "BASE64",
    code: "bad_encoding",
  },
  { it: "an empty body", data: " \n", encoding: "JSON", code: "empty_record" },
])("refuses $it without quoting it", ({ data, encoding, code }) => {
  const decode = () => decodePayload({ data, encoding }, "endpointOutput", source);
  expect(decode).toThrow(expect.objectContaining({ code, message: expect.stringMatching(/^endpointOutput\.(data|encoding)/) }));
  expect(decode).toThrow("(captures.jsonl, byte 0)");
  if (data.trim() !== "") expect(decode).not.toThrow(data);
});
