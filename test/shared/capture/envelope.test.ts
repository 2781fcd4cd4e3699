import { expect, test } from "@jest/globals";
import { readEnvelope } from "../../../shared/capture/envelope.ts";

const source = { bucket: "acme-captures", key: "chat/stable/2026/03/02/09/41-07-118-5f0c.jsonl", offset: 18204, length: 300 };
const meta = `"eventMetadata":{"eventId":"b1c2","inferenceTime":"2026-03-02T09:41:07Z"},"eventVersion":"0"`;
const asked = `"endpointInput":{"observedContentType":"application/json","mode":"INPUT","data":"{\\"inputs\\":\\"Refund?\\"}","encoding":"JSON"}`;
const read = (line: string | Uint8Array) => readEnvelope(typeof line === "string" ? Buffer.from(line) : line, source);

test.each([
  {
    it: "reads a half record: only the question was captured",
    line: `{"captureData":{${asked}},${meta}}`,
    reads: {
      eventId: "b1c2",
      inferenceId: null,
      time: "2026-03-02T09:41:07Z",
      attributes: [],
      input: { data: '{"inputs":"Refund?"}', encoding: "JSON" },
      output: null,
    },
  },
  {
    it: "takes fields that SageMaker may add",
    line: `{"captureData":{${asked}},${meta},"new":{"a":1}}`,
    reads: { eventId: "b1c2" },
  },
  {
    it: "takes a content type of null, which says nothing",
    line: `{"captureData":{"endpointOutput":{"observedContentType":null,"mode":"OUTPUT","data":"e30=","encoding":"BASE64"}},${meta}}`,
    reads: { input: null, output: { data: "e30=", encoding: "BASE64" } },
  },
  {
    it: "reads what the caller added",
    line: `{"captureData":{${asked}},"eventMetadata":{"eventId":"b1c2","inferenceTime":"2026-03-02T09:41:07Z","inferenceId":"order-17","customAttributes":["accept_eula=true"]}}`,
    reads: { inferenceId: "order-17", attributes: ["accept_eula=true"] },
  },
  {
    it: "cuts a fraction of a second off",
    line: `{"captureData":{${asked}},"eventMetadata":{"eventId":"b1c2","inferenceTime":"2026-03-02T09:41:07.918Z"}}`,
    reads: { time: "2026-03-02T09:41:07Z" },
  },
])("$it", ({ line, reads }) => expect(read(line)).toMatchObject(reads));

test.each([
  { it: "a line that was cut off", line: `{"captureData":{${asked}`, code: "not_json", says: "bytes" },
  { it: "a line that is not UTF-8", line: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), code: "not_utf8", says: "not UTF-8" },
  { it: "a list", line: "[1]", code: "bad_envelope", says: "not a capture record" },
  { it: "a log line", line: '{"level":"info"}', code: "bad_envelope", says: "captureData" },
  {
    it: "an envelope with no id",
    line: `{"captureData":{},"eventMetadata":{}}`,
    code: "bad_envelope",
    says: "eventMetadata.eventId",
  },
  {
    it: "a time without its zone",
    line: `{"captureData":{},"eventMetadata":{"eventId":"b1c2","inferenceTime":"2026-03-02 09:41:07"}}`,
    code: "bad_envelope",
    says: "eventMetadata.inferenceTime",
  },
  {
    it: "data that is not text",
    line: `{"captureData":{"endpointInput":{"data":{"inputs":"Refund?"},"encoding":"JSON"}},${meta}}`,
    code: "bad_envelope",
    says: "captureData.endpointInput.data",
  },
])("says what, where and what to do about $it", ({ line, code, says }) => {
  const place = "(s3://acme-captures/chat/stable/2026/03/02/09/41-07-118-5f0c.jsonl, byte 18204)";
  expect(() => read(line)).toThrow(expect.objectContaining({ code, source, message: expect.stringContaining(says) }));
  expect(() => read(line)).toThrow(place);
  expect(() => read(line)).not.toThrow("Refund");
});
