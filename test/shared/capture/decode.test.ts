import { expect, test } from "@jest/globals";
import { decodePayload } from "../../../shared/capture/decode.ts";

const source = { bucket: "", key: "captures.jsonl", offset: 0, length: 300 };
const base64 = (text: string | Uint8Array) => Buffer.from(text).toString("base64");

test.each([
  { it: "a JSON body", data: '{"inputs":"Refund?"}', encoding: "JSON", value: { inputs: "Refund?" } },
  { it: "a body with line breaks", data: '{\n  "a": 1\n}\n', encoding: "JSON", value: { a: 1 } },
  { it: "a body that is null", data: "null", encoding: "JSON", value: null },
  { it: "base64", data: base64('{"inputs":"Größe?"}'), encoding: "BASE64", value: { inputs: "Größe?" } },
  { it: "base64 of text with a byte order mark", data: base64("\ufeff[1]"), encoding: "BASE64", value: [1] },
])("decodes $it", ({ data, encoding, value }) =>
  expect(decodePayload({ data, encoding }, "endpointInput", source)).toEqual(value),
);

test.each([
  { it: "CSV", data: "132,10,182.9", encoding: "CSV", code: "unknown_encoding" },
  { it: "an encoding nobody documents", data: "x", encoding: "NONE", code: "unknown_encoding" },
  { it: "base64 with foreign characters", data: "eyJ!!pbnB1dHMi", encoding: "BASE64", code: "bad_encoding" },
  { it: "base64 that was cut off", data: base64('{"a":12}').slice(0, -1), encoding: "BASE64", code: "bad_encoding" },
  { it: "base64 of bytes that are no text", data: base64(Uint8Array.of(0xff, 0xfe, 0x00)), encoding: "BASE64", code: "not_utf8" },
  { it: "plain text", data: "Internal Server Error", encoding: "JSON", code: "not_json" },
  { it: "several JSON documents", data: '{"features":[28]}\n{"features":[43]}', encoding: "JSON", code: "not_json" },
  { it: "an empty body", data: " \n", encoding: "JSON", code: "empty_record" },
])("refuses $it without quoting it", ({ data, encoding, code }) => {
  const decode = () => decodePayload({ data, encoding }, "endpointOutput", source);
  expect(decode).toThrow(expect.objectContaining({ code, message: expect.stringMatching(/^endpointOutput\.(data|encoding)/) }));
  expect(decode).toThrow("(captures.jsonl, byte 0)");
  if (data.trim() !== "") expect(decode).not.toThrow(data);
});
