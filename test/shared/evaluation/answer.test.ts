import { expect, test } from "@jest/globals";
import { readAnswer } from "../../../shared/evaluation/answer.ts";

const beside = { reference: null, scorers: { off: [], rules: {}, plugIns: {} } };
const about = { eventId: "e-1", endpoint: "chat", variant: "stable", time: "2026-03-02T10:00:00Z" };
const chat = { messages: [{ role: "user", content: "Refund?" }] };
const completion = (content: string, more: object = {}) => ({
  choices: [{ message: { content }, finish_reason: "stop" }],
  ...more,
});
const read = (asked: Record<string, unknown>, body: unknown) =>
  readAnswer(asked, { body: typeof body === "string" ? body : JSON.stringify(body) }, about, beside, 250);

test.each([
  {
    it: "a chat completion, with the server's counts",
    asked: chat,
    body: completion("In 30 days.", { usage: { prompt_tokens: 9, completion_tokens: 4 } }),
    reads: {
      outcome: "answered",
      completion: "In 30 days.",
      finishReason: "stop",
      promptTokens: 9,
      completionTokens: 4,
      tokensEstimated: false,
    },
  },
  {
    it: "a chat completion without counts",
    asked: chat,
    body: completion("In 30 days."),
    reads: { outcome: "answered", promptTokens: 2, completionTokens: 3, tokensEstimated: true },
  },
  {
    it: "TGI's list",
    asked: { inputs: "Refund?", parameters: {} },
    body: [{ generated_text: "In 30 days." }],
    reads: { outcome: "answered", completion: "In 30 days." },
  },
  { it: "an empty answer as an answer", asked: chat, body: completion(""), reads: { outcome: "answered", scores: { empty: 0 } } },
  {
    it: "an error in a body as the model's",
    asked: chat,
    body: { error: { message: "classified" } },
    reads: { outcome: "model_error", status: 200 },
  },
  {
    it: "another kind of body as unreadable",
    asked: chat,
    body: { predictions: ["classified"] },
    reads: { outcome: "unreadable" },
  },
  { it: "what is not JSON as unreadable", asked: chat, body: "classified", reads: { outcome: "unreadable" } },
])("reads $it", ({ asked, body, reads }) => {
  const answer = read(asked, body);
  expect(answer).toMatchObject({ ...reads, latencyMs: 250 });
  expect(JSON.stringify(answer)).not.toContain("classified");
});

test("a container that refuses is a model error, with its status and nothing that it said", () =>
  expect(readAnswer(chat, { status: 500 }, about, beside, 3)).toEqual({ outcome: "model_error", status: 500, latencyMs: 3 }));
