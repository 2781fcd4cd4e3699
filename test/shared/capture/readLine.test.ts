import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { unreadableCodes } from "../../../shared/capture/inference.ts";
import { splitLines } from "../../../shared/capture/lines.ts";
import { readLine } from "../../../shared/capture/readLine.ts";
import { asBase64, asJson, lineOf, origin, record } from "./records.ts";

const settings = { segment: "attributes.segment" };
const question = "May I return the blue running shoes after two weeks?";
const reply = "Yes, you may return the running shoes within 30 days.";
const chat = {
  messages: [
    { role: "user", content: "Hello" },
    { role: "assistant", content: "How can I help?" },
    { role: "user", content: question },
  ],
};
const completion = {
  model: "support-7b",
  choices: [{ index: 0, message: { role: "assistant", content: reply }, finish_reason: "stop" }],
  usage: { prompt_tokens: 31, completion_tokens: 13 },
};
const read = (value: unknown) => readLine(lineOf(JSON.stringify(value)), origin, settings);

test("a chat becomes an inference with everything that was said about it", () => {
  const metadata = { inferenceId: "order-17", customAttributes: ['{"segment":"returns","sessionId":"s-9"}'] };
  const line = lineOf(JSON.stringify(record({ input: asJson(chat), output: asBase64(completion) }, metadata)));
  expect(readLine(line, origin, settings)).toEqual([
    {
      eventId: "b1c2d3e4-0001-4000-8000-000000000001",
      inferenceId: "order-17",
      endpoint: "support-chat",
      variant: "stable",
      time: "2026-03-02T09:41:07Z",
      adapter: "openai-chat",
      outcome: "answered",
      prompt: question,
      messages: chat.messages,
      completion: reply,
      finishReason: "stop",
      promptTokens: 31,
      completionTokens: 13,
      tokensEstimated: false,
      model: "support-7b",
      segment: "returns",
      conversation: "s-9",
      attributes: metadata.customAttributes,
      source: { bucket: "acme-captures", key: origin.key, offset: 18204, length: line.length },
      scores: { empty: 1, truncated: 1, refusal: 1, repetition: 1, relevance: 0.5 },
    },
  ]);
});

test.each([
  {
    it: "an answer without counts has estimated ones",
    value: record({ input: asJson({ inputs: question }), output: asJson({ generated_text: reply }) }),
    reads: { outcome: "answered", promptTokens: 13, completionTokens: 14, tokensEstimated: true, segment: "all" },
  },
  {
    it: "one count is not two",
    value: record({
      input: asJson({ inputs: question }),
      output: asJson({ generated_text: reply, details: { generated_tokens: 11 } }),
    }),
    reads: { completionTokens: 11, promptTokens: 13, tokensEstimated: true },
  },
  {
    it: "a question alone is not scored",
    value: record({ input: asJson(chat) }),
    reads: { outcome: "input_only", prompt: question, completion: "", finishReason: "unknown", completionTokens: 0, scores: {} },
  },
  {
    it: "an answer alone is not scored",
    value: record({ output: asJson(completion) }),
    reads: { outcome: "output_only", prompt: "", messages: [], completion: reply, scores: {} },
  },
  {
    it: "the model's error is no answer",
    value: record({ input: asJson(chat), output: asJson({ error: { message: "CUDA out of memory" } }) }),
    reads: { outcome: "model_error", prompt: question, completion: "", finishReason: "error", scores: {} },
  },
  {
    it: "the model's error is one without its question too",
    value: record({ output: asJson({ error: { message: "CUDA out of memory" } }) }),
    reads: { outcome: "model_error", scores: {} },
  },
  {
    it: "a conversation without a user has no prompt",
    value: record({ input: asJson({ messages: [{ role: "system", content: "Be kind." }] }), output: asJson(completion) }),
    reads: { outcome: "answered", prompt: "", scores: { relevance: null } },
  },
])("$it", ({ value, reads }) => expect(read(value)).toMatchObject([reads]));

test.each([
  { it: "a line that was cut off", line: '{"captureData":{', code: "not_json", time: null },
  { it: "a log line", line: '{"level":"info"}', code: "bad_envelope", time: null },
  { it: "an envelope around nothing", line: JSON.stringify(record({})), code: "empty_record", time: "2026-03-02T09:41:07Z" },
  {
    it: "CSV",
    line: JSON.stringify(record({ input: { data: "1,2", encoding: "CSV" } })),
    code: "unknown_encoding",
    time: "2026-03-02T09:41:07Z",
  },
  {
    it: "broken base64",
    line: JSON.stringify(record({ output: { data: "e30", encoding: "BASE64" } })),
    code: "bad_encoding",
    time: "2026-03-02T09:41:07Z",
  },
  {
    it: "a model that does not talk",
    line: JSON.stringify(record({ input: asJson({ instances: [1] }), output: asJson({ predictions: [2] }) })),
    code: "no_adapter",
    time: "2026-03-02T09:41:07Z",
  },
])("quarantines $it, with its time where it has one", ({ line, code, time }) => {
  const place = { bucket: "acme-captures", key: origin.key, offset: 18204, length: line.length };
  expect(readLine(lineOf(line), origin, settings)).toEqual([
    { outcome: "quarantined", reason: { code, message: expect.stringContaining("byte 18204") }, time, source: place },
  ]);
});

test("JSON nested a million deep is read or quarantined like any other", () => {
  const deep = `{"messages":${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}}`;
  const outcomes = [{ segment: "attributes.segment" }, { segment: "request.messages[]" }].map(
    (settings) =>
      readLine(lineOf(JSON.stringify(record({ input: { data: deep, encoding: "JSON" } }))), origin, settings)[0]?.outcome,
  );
  expect(outcomes).toEqual(["quarantined", "quarantined"]);
});

const anyJson = fc.oneof(
  fc.json(),
  fc.json().map((json) => JSON.stringify({ messages: [{ role: "user", content: json }], choices: json })),
);
const side = fc.option(
  fc.record({
    data: fc.oneof(
      fc.string(),
      anyJson,
      anyJson.map((json) => Buffer.from(json).toString("base64")),
    ),
    encoding: fc.constantFrom("JSON", "BASE64", "CSV", ""),
  }),
  { nil: undefined },
);
const wholeRecords = [
  record({ input: asJson(chat), output: asBase64(completion) }),
  record({ input: asJson({ inputs: question }), output: asJson([{ generated_text: reply }]) }),
];
const mutation = fc.record({
  at: fc.nat(),
  length: fc.nat(12),
  text: fc.oneof(fc.string({ maxLength: 8, unit: "binary" }), fc.constantFrom('"', "\\", "{", "}", "null", "[]", "-1")),
});
const hostileBytes = fc.oneof(
  // a real line with a few wounds
  fc.tuple(fc.constantFrom(...wholeRecords), fc.array(mutation, { minLength: 1, maxLength: 4 })).map(([whole, mutations]) =>
    Buffer.from(
      mutations.reduce((line, { at, length, text }) => {
        const from = at % line.length || 0;
        return line.slice(0, from) + text + line.slice(from + length);
      }, JSON.stringify(whole)),
    ),
  ),
  // a whole envelope around any two sides
  fc
    .tuple(side, side)
    .map(([input, output]) =>
      Buffer.from(JSON.stringify(record({ ...(input ? { input } : {}), ...(output ? { output } : {}) }))),
    ),
  fc.uint8Array({ maxLength: 60 }),
);

test("whatever stands in a line, it ends as an inference or in quarantine, and never throws", () => {
  fc.assert(
    fc.property(hostileBytes, (bytes) => {
      const readings = readLine({ bytes, offset: 0, length: bytes.length, number: 1 }, origin, settings);
      expect(readings.length).toBeGreaterThan(0);
      for (const reading of readings) {
        if (reading.outcome === "quarantined") expect(unreadableCodes).toContain(reading.reason.code);
        else for (const score of Object.values(reading.scores)) expect(score === null || (score >= 0 && score <= 1)).toBe(true);
        expect(JSON.parse(JSON.stringify(reading))).toEqual(reading);
      }
    }),
    { numRuns: 2_000 },
  );
});

// Third-party data that is not ours to ship; a folder of captures as SageMaker wrote them.
const realData = process.env.ASSAY_REAL_DATA;
(realData ? test : test.skip)(
  `real captures are read or quarantined (${realData ?? "NOT RUN: ASSAY_REAL_DATA is not set"})`,
  async () => {
    const folder = join(realData!, "captures");
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".jsonl"));
    const outcomes: Record<string, string[]> = {};
    for (const file of files) {
      const chunks = (async function* () {
        yield readFileSync(join(folder, file));
      })();
      const kind = file.split("/")[0]!;
      for await (const line of splitLines(chunks)) {
        const readings = readLine(line, { ...origin, bucket: "", key: file }, settings);
        outcomes[kind] = [
          ...(outcomes[kind] ?? []),
          ...readings.map((reading) =>
            reading.outcome === "quarantined" ? reading.reason.code : `${reading.adapter} ${reading.outcome}`,
          ),
        ];
      }
    }
    expect(outcomes).toEqual({
      "llm-jumpstart": ["lmi answered", "lmi answered", "lmi answered"],
      "tabular-csv": ["unknown_encoding", "unknown_encoding", "unknown_encoding"],
      "tabular-json": ["no_adapter", "no_adapter"],
      "tabular-jsonlines": ["no_adapter", "not_json"],
      "tensorflow-json": ["no_adapter", "no_adapter"],
    });
  },
);
