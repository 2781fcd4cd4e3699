import { expect, test } from "@jest/globals";
import type { Answer } from "../../../../shared/capture/adapters/adapter.ts";
import { adapt, adapters, unclaimed } from "../../../../shared/capture/adapters/registry.ts";

const question = "May I return the blue shoes?";
const reply = "Yes, within 30 days.";
const chat = { model: "support-7b", messages: [{ role: "user", content: question }] };
const text = { inputs: question, parameters: { max_new_tokens: 256 } };
const turns = [{ role: "user", content: question }];

const completion = (message: object, finish_reason: string | null = "stop", rest: object = {}) => ({
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1772444467,
  model: "support-7b-0301",
  choices: [{ index: 0, message: { role: "assistant", ...message }, logprobs: null, finish_reason }],
  usage: { prompt_tokens: 12, total_tokens: 20, completion_tokens: 8 },
  ...rest,
});
const said = (answer: Partial<Answer>) => ({
  completion: reply,
  finishReason: "unknown",
  promptTokens: null,
  completionTokens: null,
  ...answer,
});
const counted = (answer: Partial<Answer>) => said({ finishReason: "stop", promptTokens: 12, completionTokens: 8, ...answer });
const failed = said({ completion: "", finishReason: "error" });

const read = [
  {
    it: "an OpenAI answer",
    adapter: "openai-chat",
    request: chat,
    response: completion({ content: reply }),
    messages: turns,
    answer: counted({}),
    model: "support-7b-0301",
  },
  {
    it: "an OpenAI answer cut off",
    adapter: "openai-chat",
    request: chat,
    response: completion({ content: reply }, "length"),
    messages: turns,
    answer: counted({ finishReason: "length" }),
    model: "support-7b-0301",
  },
  {
    it: "a chat on LMI, which names the end as its text schema does",
    adapter: "openai-chat",
    request: chat,
    response: completion({ content: reply }, "eos_token"),
    messages: turns,
    answer: counted({}),
    model: "support-7b-0301",
  },
  {
    it: "an answer stopped by a filter",
    adapter: "openai-chat",
    request: chat,
    response: completion({ content: "" }, "content_filter"),
    messages: turns,
    answer: counted({ completion: "", finishReason: "filter" }),
    model: "support-7b-0301",
  },
  {
    it: "a tool call",
    adapter: "openai-chat",
    request: chat,
    response: completion({ content: null, tool_calls: [{ id: "t1" }] }, "tool_calls"),
    messages: turns,
    answer: counted({ completion: "", finishReason: "tool" }),
    model: "support-7b-0301",
  },
  {
    it: "a prescribed tool call, which ends in stop",
    adapter: "openai-chat",
    request: chat,
    response: completion({ content: null, tool_calls: [{ id: "t1" }] }),
    messages: turns,
    answer: counted({ completion: "", finishReason: "tool" }),
    model: "support-7b-0301",
  },
  {
    it: "a tool call cut off",
    adapter: "openai-chat",
    request: chat,
    response: completion({ content: null, tool_calls: [{ id: "t1" }] }, "length"),
    messages: turns,
    answer: counted({ completion: "", finishReason: "length" }),
    model: "support-7b-0301",
  },
  {
    it: "a refusal in its own field",
    adapter: "openai-chat",
    request: chat,
    response: completion({ content: null, refusal: "I can't help with that." }),
    messages: turns,
    answer: counted({ completion: "I can't help with that." }),
    model: "support-7b-0301",
  },
  {
    it: "an answer that does not say how it ended, by a server that counts nothing",
    adapter: "openai-chat",
    request: { messages: chat.messages },
    response: { choices: [{ message: { content: reply } }] },
    messages: turns,
    answer: said({}),
    model: null,
  },
  {
    it: "an answer with counts in a form we do not know",
    adapter: "openai-chat",
    request: chat,
    response: completion({ content: reply }, "stop", { usage: { prompt_tokens: -1, completion_tokens: "8" } }),
    messages: turns,
    answer: said({ finishReason: "stop" }),
    model: "support-7b-0301",
  },
  {
    it: "an answer beside an error of null",
    adapter: "openai-chat",
    request: chat,
    response: completion({ content: reply }, "stop", { error: null }),
    messages: turns,
    answer: counted({}),
    model: "support-7b-0301",
  },
  {
    it: "many turns, parts and roles",
    adapter: "openai-chat",
    request: {
      messages: [
        { role: "developer", content: "Be kind." },
        {
          role: "user",
          content: [
            { type: "text", text: question },
            { type: "image_url", image_url: { url: "data:…" } },
          ],
        },
        { role: "assistant", content: null, tool_calls: [{ id: "t1" }] },
        { role: "tool", content: "policy: 30 days", tool_call_id: "t1" },
        { role: "customer", content: "And the red ones?" },
      ],
    },
    response: completion({ content: reply }),
    messages: [
      { role: "system", content: "Be kind." },
      { role: "user", content: `${question}\n[image_url]` },
      { role: "assistant", content: "" },
      { role: "tool", content: "policy: 30 days" },
      { role: "user", content: "And the red ones?" },
    ],
    answer: counted({}),
    model: "support-7b-0301",
  },
  {
    it: "an OpenAI question alone",
    adapter: "openai-chat",
    request: chat,
    response: undefined,
    messages: turns,
    answer: null,
    model: "support-7b",
  },
  {
    it: "an OpenAI answer alone",
    adapter: "openai-chat",
    request: undefined,
    response: completion({ content: reply }),
    messages: [],
    answer: counted({}),
    model: "support-7b-0301",
  },
  {
    it: "an OpenAI error",
    adapter: "openai-chat",
    request: chat,
    response: { error: { message: "CUDA out of memory", type: "server_error", param: null, code: 500 } },
    messages: turns,
    answer: failed,
    model: "support-7b",
  },
  {
    it: "an error of an older vLLM, alone",
    adapter: "openai-chat",
    request: undefined,
    response: { object: "error", message: "too long", type: "BadRequestError", code: 400 },
    messages: [],
    answer: failed,
    model: null,
  },
  {
    it: "a chat that TGI could not answer",
    adapter: "openai-chat",
    request: chat,
    response: { error: "overloaded", error_type: "overloaded" },
    messages: turns,
    answer: failed,
    model: "support-7b",
  },
  {
    it: "a chat that LMI could not answer",
    adapter: "openai-chat",
    request: chat,
    response: { code: 424, message: "invoke handler failure" },
    messages: turns,
    answer: failed,
    model: "support-7b",
  },
  {
    it: "a choice that ended in an error",
    adapter: "openai-chat",
    request: chat,
    response: completion({ content: "" }, "error"),
    messages: turns,
    answer: counted({ completion: "", finishReason: "error" }),
    model: "support-7b-0301",
  },

  {
    it: "a TGI answer",
    adapter: "tgi",
    request: text,
    response: [{ generated_text: reply }],
    messages: turns,
    answer: said({}),
    model: null,
  },
  {
    it: "a TGI answer with details",
    adapter: "tgi",
    request: text,
    response: [
      {
        generated_text: reply,
        details: {
          finish_reason: "length",
          generated_tokens: 8,
          seed: 42,
          prefill: [],
          tokens: [{ id: 1, text: "Yes", logprob: -0.1, special: false }],
        },
      },
    ],
    messages: turns,
    answer: said({ finishReason: "length", completionTokens: 8 }),
    model: null,
  },
  {
    it: "a TGI answer that lists the prompt's tokens",
    adapter: "tgi",
    request: text,
    response: [
      {
        generated_text: reply,
        details: {
          finish_reason: "eos_token",
          generated_tokens: 8,
          prefill: [
            { id: 1, text: "May", logprob: null },
            { id: 2, text: " I", logprob: -1 },
          ],
        },
      },
    ],
    messages: turns,
    answer: said({ finishReason: "stop", completionTokens: 8, promptTokens: 2 }),
    model: null,
  },
  {
    it: "a pipeline that repeats the prompt",
    adapter: "tgi",
    request: { inputs: question, parameters: { return_full_text: true } },
    response: [{ generated_text: `${question}${reply}` }],
    messages: turns,
    answer: said({}),
    model: null,
  },
  {
    it: "a TGI answer alone",
    adapter: "tgi",
    request: undefined,
    response: [{ generated_text: reply }],
    messages: [],
    answer: said({}),
    model: null,
  },
  {
    it: "a TGI error",
    adapter: "tgi",
    request: text,
    response: { error: "Request failed during generation", error_type: "generation" },
    messages: turns,
    answer: failed,
    model: null,
  },

  {
    it: "an LMI answer",
    adapter: "lmi",
    request: text,
    response: { generated_text: reply },
    messages: turns,
    answer: said({}),
    model: null,
  },
  {
    it: "an LMI answer with details",
    adapter: "lmi",
    request: text,
    response: {
      generated_text: reply,
      details: {
        finish_reason: "eos_token",
        generated_tokens: 8,
        inputs: question,
        tokens: [{ id: 1, text: "Yes", log_prob: -0.1 }],
      },
    },
    messages: turns,
    answer: said({ finishReason: "stop", completionTokens: 8 }),
    model: null,
  },
  {
    it: "an LMI answer with a space in its details",
    adapter: "lmi",
    request: text,
    response: { generated_text: reply, details: { "finish reason": "length", generated_tokens: 8 } },
    messages: turns,
    answer: said({ finishReason: "length", completionTokens: 8 }),
    model: null,
  },
  {
    it: "an LMI answer that its stop sequence ended",
    adapter: "lmi",
    request: text,
    response: { generated_text: reply, details: { finish_reason: "stop_sequence" } },
    messages: turns,
    answer: said({ finishReason: "stop" }),
    model: null,
  },
  {
    it: "an LMI generation that failed",
    adapter: "lmi",
    request: text,
    response: { generated_text: "", details: { finish_reason: "error", generated_tokens: null } },
    messages: turns,
    answer: failed,
    model: null,
  },
  {
    it: "an LMI question alone, which TGI could have been asked too",
    adapter: "lmi",
    request: text,
    response: undefined,
    messages: turns,
    answer: null,
    model: null,
  },
  {
    it: "an LMI answer alone",
    adapter: "lmi",
    request: undefined,
    response: { generated_text: reply },
    messages: [],
    answer: said({}),
    model: null,
  },
  {
    it: "an LMI request that was refused",
    adapter: "lmi",
    request: text,
    response: { error: "max_new_tokens is too large", code: 424 },
    messages: turns,
    answer: failed,
    model: null,
  },
  {
    it: "a failed LMI handler",
    adapter: "lmi",
    request: text,
    response: { code: 424, message: "invoke handler failure", error: "RuntimeError" },
    messages: turns,
    answer: failed,
    model: null,
  },
  {
    it: "a text request whose server words errors as OpenAI does",
    adapter: "lmi",
    request: text,
    response: { error: { message: "not found" } },
    messages: turns,
    answer: failed,
    model: null,
  },
  {
    it: "an error alone",
    adapter: "lmi",
    request: undefined,
    response: { error: "prediction failure" },
    messages: [],
    answer: failed,
    model: null,
  },
] as const;

const unread = [
  {
    it: "TensorFlow",
    request: { instances: [1.0, 2.0, 5.0] },
    response: { predictions: [3.5, 4.0, 5.5] },
    says: "request is an object with instances, the response is an object with predictions",
  },
  {
    it: "a tabular model",
    request: { features: [28, 2] },
    response: { predicted_label: 1, score: 0.99 },
    says: "response is an object with predicted_label, score",
  },
  {
    it: "a table that a container failed on",
    request: { instances: [1] },
    response: { error: "bad shape" },
    says: "response is an object with error",
  },
  {
    it: "numbers",
    request: [[1, 2]],
    response: 0.5,
    says: "request is a list of 1, whose first is a list of 2, whose first is a number, the response is a number",
  },
  { it: "an embedding", request: text, response: [[0.1, 0.2]], says: "request is an object with inputs" },
  {
    it: "a batch of prompts",
    request: { inputs: [question, "And the red ones?"] },
    response: [{ generated_text: reply }, { generated_text: reply }],
    says: "a batch of 2 prompts",
  },
  {
    it: "legacy completions",
    request: { prompt: question },
    response: { choices: [{ text: reply, finish_reason: "stop" }] },
    says: "request is an object with prompt, the response is an object with choices",
  },
  { it: "an answer without a choice", request: chat, response: { choices: [] }, says: "with choices" },
  {
    it: "a good answer that TGI gives to a chat",
    request: chat,
    response: [{ generated_text: reply }],
    says: "is a list of 1, whose first is an object with generated_text",
  },
  {
    it: "a Llama 2 dialogue",
    request: { inputs: [[{ role: "user", content: question }]] },
    response: [{ generation: { role: "assistant", content: reply } }],
    says: "with generation",
  },
  { it: "null", request: null, response: null, says: "request is null, the response is null" },
  { it: "strings", request: "hello", response: undefined, says: "request is a string, the response was not captured" },
  {
    it: "a code that is no failure",
    request: undefined,
    response: { code: 200, message: "fine" },
    says: "object of another kind",
  },
];

test.each(read)("reads $it", ({ adapter, request, response, messages, answer, model }) => {
  expect(adapt({ request, response })).toEqual({ adapter, messages, answer, model });
});

test.each(unread)("leaves $it alone and says what it saw, not what was said", ({ request, response, says }) => {
  expect(adapt({ request, response })).toBeNull();
  expect(unclaimed({ request, response })).toContain(says);
  expect(unclaimed({ request, response })).not.toContain(question);
});

test("no payload is claimed by two adapters", () => {
  const sides = [...read, ...unread].map(({ request, response }) => ({ request, response }));
  const everyPair = sides.flatMap(({ request }) => sides.map(({ response }) => ({ request, response })));
  const claimants = everyPair
    .filter(({ request, response }) => request !== undefined || response !== undefined)
    .map((exchange) => adapters.filter(({ read }) => read(exchange) !== null).map(({ name }) => name));
  expect(claimants.filter((names) => names.length > 1)).toEqual([]);
  expect(claimants.filter((names) => names.length === 1).length).toBeGreaterThan(read.length);
});
