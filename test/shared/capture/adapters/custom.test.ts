import { expect, test } from "@jest/globals";
import { adapt } from "../../../../shared/capture/adapters/registry.ts";
import { DocumentStream, PlainText } from "../../../../shared/capture/body.ts";

const custom = {
  prompt: "request.question",
  completion: "response.answer || response[].piece",
  finishReason: "response.ended || response[].ended",
  promptTokens: "response.tokens.asked",
  completionTokens: "response.tokens.said",
  model: "response.model",
  error: "response.failure",
};
const request = { question: "Refund?" };
const messages = [{ role: "user", content: "Refund?" }];
const said = { completion: "Within 30 days.", finishReason: "unknown", promptTokens: null, completionTokens: null };
const failed = { ...said, completion: "", finishReason: "error" };
const one = (answer: object | null, rest: object = {}) => ({
  adapter: "custom",
  conversations: [{ messages, answer, model: null, ...rest }],
  isBatch: false,
  choices: 1,
});

test.each([
  {
    it: "an answer with all that is said about it",
    exchange: { request, response: { answer: "Within 30 days.", ended: "stop", tokens: { asked: 3, said: 5 }, model: "own-1" } },
    reads: one({ ...said, finishReason: "stop", promptTokens: 3, completionTokens: 5 }, { model: "own-1" }),
  },
  {
    it: "an answer alone",
    exchange: { request: undefined, response: { answer: "Within 30 days." } },
    reads: one(said, { messages: [] }),
  },
  { it: "a question alone", exchange: { request, response: undefined }, reads: one(null) },
  { it: "a failure", exchange: { request, response: { failure: { code: 7 } } }, reads: one(failed) },
  { it: "a failure in words that all servers use", exchange: { request, response: { error: "overloaded" } }, reads: one(failed) },
  {
    it: "a stream",
    exchange: { request, response: new DocumentStream([{ piece: "Within" }, { piece: " 30 days.", ended: "length" }]) },
    reads: one({ ...said, finishReason: "length" }),
  },
  {
    it: "a prompt with a template inside",
    exchange: { request: { question: "[INST] Refund? [/INST]" }, response: { answer: "Within 30 days." } },
    reads: one(said),
  },
  {
    it: "a batch",
    exchange: { request: { question: ["Refund?", "Red ones?"] }, response: { answer: ["Within 30 days.", "No."] } },
    reads: {
      adapter: "custom",
      conversations: [
        { messages, answer: said, model: null },
        { messages: [{ role: "user", content: "Red ones?" }], answer: { ...said, completion: "No." }, model: null },
      ],
      isBatch: true,
      choices: 1,
    },
  },
])("reads $it where assay.yml says", ({ exchange, reads }) => expect(adapt(exchange, custom)).toEqual(reads));

test("text that is no JSON is read where an expression takes the whole of it", () => {
  const response = new PlainText("Within 30 days.", false);
  const whole = {
    ...custom,
    completion: "response",
    finishReason: null,
    promptTokens: null,
    completionTokens: null,
    model: null,
    error: null,
  };
  expect(adapt({ request, response }, whole)).toEqual(one(said));
});

test("turns of a chat are found as turns", () => {
  const asked = { dialogue: [{ role: "system", content: "Be kind." }, ...messages] };
  const found = adapt({ request: asked, response: { answer: "Within 30 days." } }, { ...custom, prompt: "request.dialogue" });
  expect(found?.conversations).toMatchObject([{ messages: asked.dialogue }]);
});

test.each([
  {
    it: "finds no prompt",
    exchange: { request: { messages }, response: { choices: [{ message: { content: "Yes." } }] } },
    adapter: "openai-chat",
  },
  {
    it: "finds fewer answers than prompts",
    exchange: { request: { question: ["a", "b"] }, response: { answer: ["c"] } },
    adapter: undefined,
  },
  {
    it: "meets data that its functions do not take",
    exchange: { request: { question: 7 }, response: { answer: 8 } },
    adapter: undefined,
  },
])("leaves it to the known families where it $it", ({ exchange, adapter }) => {
  expect(adapt(exchange, { ...custom, prompt: "request.question" })?.adapter).toBe(adapter);
});
