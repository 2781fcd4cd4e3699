import { expect, test } from "@jest/globals";
import { readLine } from "../../../shared/capture/readLine.ts";
import { asBase64, asJson, lineOf, origin, record } from "./records.ts";

const settings = {
  segment: "attributes.segment",
  conversation: null,
  custom: null,
  scorers: { off: [], rules: {}, plugIns: {} },
};
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
      scores: expect.objectContaining({ empty: 1, truncated: 1, refusal: 1, repetition: 1, relevance: 0.5 }),
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
    it: "a table",
    line: JSON.stringify(record({ input: { data: "1,2", encoding: "CSV" } })),
    code: "no_adapter",
    time: "2026-03-02T09:41:07Z",
  },
  {
    it: "an encoding that nobody documents",
    line: JSON.stringify(record({ input: { data: "1,2", encoding: "ZIP" } })),
    code: "unknown_encoding",
    time: "2026-03-02T09:41:07Z",
  },
  {
    it: "an answer that was cut off",
    line: JSON.stringify(record({ input: asJson(chat), output: { data: '{"choices":[{"mess', encoding: "JSON" } })),
    code: "not_json",
    time: "2026-03-02T09:41:07Z",
  },
  {
    it: "a batch with an answer too few",
    line: JSON.stringify(record({ input: asJson({ inputs: ["a", "b"] }), output: asJson([{ generated_text: "c" }]) })),
    code: "no_adapter",
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

test("a batch becomes one inference per prompt, each with an id of its own and its own outcome", () => {
  const value = record(
    {
      input: asJson({ inputs: [question, "And the red ones?"] }),
      output: asJson([{ generated_text: reply }, { code: 424, message: "too long" }]),
    },
    { inferenceId: "order-17" },
  );
  const id = "b1c2d3e4-0001-4000-8000-000000000001";
  expect(read(value)).toMatchObject([
    { eventId: `${id}#0`, inferenceId: "order-17#0", outcome: "answered", prompt: question, completion: reply },
    { eventId: `${id}#1`, inferenceId: "order-17#1", outcome: "model_error", prompt: "And the red ones?", scores: {} },
  ]);
});

test("several answers to one question are inferences of one conversation, each with its own tokens and scores", () => {
  const choices = [reply, "I cannot help with that."].map((content, index) => ({ index, message: { content } }));
  const value = record({ input: asJson(chat), output: asJson({ choices, usage: { prompt_tokens: 12, completion_tokens: 30 } }) });
  const id = "b1c2d3e4-0001-4000-8000-000000000001";
  const shared = { prompt: question, conversation: id, promptTokens: 12, tokensEstimated: true };
  expect(read(value)).toMatchObject([
    { eventId: `${id}#0`, completion: reply, completionTokens: 14, scores: { refusal: 1 }, ...shared },
    { eventId: `${id}#1`, completion: "I cannot help with that.", completionTokens: 6, scores: { refusal: 0 }, ...shared },
  ]);
});

test("reasoning is no answer, and is counted among its tokens where the payload does not say", () => {
  const thought = { choices: [{ message: { content: reply, reasoning: reply } }] };
  expect(read(record({ input: asJson(chat), output: asJson(thought) }))).toMatchObject([
    { completion: reply, completionTokens: 28, tokensEstimated: true },
  ]);
});

test("a stream in base64 is read like an answer that came at once", () => {
  const events = [
    { choices: [{ delta: { content: "Yes, you may return the running shoes" } }] },
    { choices: [{ delta: { content: " within 30 days." }, finish_reason: "stop" }] },
  ];
  const data = Buffer.from(`${events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("")}data: [DONE]\n\n`).toString(
    "base64",
  );
  expect(read(record({ input: asJson(chat), output: { data, encoding: "BASE64" } }))).toMatchObject([
    { adapter: "openai-chat", outcome: "answered", completion: reply, finishReason: "stop", scores: { empty: 1 } },
  ]);
});

test("what is said of a line in gzip leads back to it", () => {
  const line = { ...lineOf(JSON.stringify(record({ input: asJson(chat) }))), isGzip: true };
  expect(readLine(line, origin, settings)).toMatchObject([{ source: { offset: 18204, gzip: true } }]);
});

test.each([
  { flaw: "too_long", code: "too_long" },
  { flaw: "damaged_gzip", code: "bad_encoding" },
] as const)("quarantines a line with the flaw $flaw", ({ flaw, code }) =>
  expect(readLine({ ...lineOf(""), flaw }, origin, settings)).toMatchObject([
    { outcome: "quarantined", reason: { code }, time: null },
  ]),
);

const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
const many = (n: number, text: string) => Array.from({ length: n }, () => text).join(",");
const chatText = JSON.stringify(chat);
const answered = JSON.stringify(completion);
test.each([
  { it: "turns nested deep", request: `{"messages":${nested(150_000)}}`, response: answered, outcome: "quarantined" },
  { it: "a list nested deep", request: nested(150_000), response: nested(150_000), outcome: "quarantined" },
  { it: "an answer nested deep", request: chatText, response: `{"choices":${nested(150_000)}}`, outcome: "quarantined" },
  {
    it: "an aside nested deep",
    request: `${chatText.slice(0, -1)},"response_format":${nested(150_000)}}`,
    response: answered,
    outcome: "answered",
  },
  { it: "an endless batch", request: `{"inputs":[${many(150_000, '""')}]}`, response: "{}", outcome: "quarantined" },
  {
    it: "a batch of endless answers",
    request: '{"inputs":["a"]}',
    response: `{"outputs":[${many(150_000, '""')}]}`,
    outcome: "quarantined",
  },
  {
    it: "endless choices",
    request: chatText,
    response: `{"choices":[${many(150_000, '{"message":{"content":"a"}}')}]}`,
    outcome: "quarantined",
  },
  {
    it: "endless choices of no family",
    request: chatText,
    response: `{"choices":[${many(150_000, "0")}]}`,
    outcome: "quarantined",
  },
  {
    it: "endless turns of nobody",
    request: `{"messages":[${many(150_000, "{}")}],"inputs":[[${many(150_000, "{}")}]],"prompt":[${many(150_000, "{}")}]}`,
    response: `[${many(150_000, '{"generated_text":0,"generation":0}')}]`,
    outcome: "quarantined",
  },
  {
    it: "an endless stream",
    request: '{"inputs":"a"}',
    response: many(150_000, '{"outputs":["a"]}').replaceAll("},", "}\n"),
    outcome: "answered",
  },
])("$it is $outcome like any other", ({ request, response, outcome }) => {
  const line = lineOf(
    JSON.stringify(record({ input: { data: request, encoding: "JSON" }, output: { data: response, encoding: "JSON" } })),
  );
  const outcomes = ["attributes.segment", "request.messages[]"].map(
    (segment) => readLine(line, origin, { ...settings, segment })[0]?.outcome,
  );
  expect(outcomes).toEqual([outcome, outcome]);
});
