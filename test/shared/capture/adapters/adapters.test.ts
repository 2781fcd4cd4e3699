import { expect, test } from "@jest/globals";
import type { Answer } from "../../../../shared/capture/adapters/adapter.ts";
import { adapt, adapters, claimsOn, unclaimed } from "../../../../shared/capture/adapters/registry.ts";
import { readRequest } from "../../../../shared/capture/adapters/request.ts";
import { DocumentStream, PlainText } from "../../../../shared/capture/body.ts";

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

const known = [
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
        { role: "assistant", content: null, tool_calls: [{ id: "t1", function: { name: "lookup", arguments: "{}" } }] },
        { role: "tool", content: "policy: 30 days", tool_call_id: "t1" },
        { role: "customer", content: "And the red ones?" },
      ],
    },
    response: completion({ content: reply }),
    messages: [
      { role: "system", content: "Be kind." },
      { role: "user", content: `${question}\n[image_url]` },
      { role: "assistant", content: "[tool call lookup]" },
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
    adapter: "hf-pipeline",
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
];

const chunk = (delta: object, finish_reason: string | null = null, rest: object = {}) => ({
  id: "chatcmpl-1",
  object: "chat.completion.chunk",
  model: "support-7b-0301",
  choices: [{ index: 0, delta, logprobs: null, finish_reason }],
  ...rest,
});
const streamed = [
  {
    it: "an OpenAI stream with usage",
    adapter: "openai-chat",
    request: { ...chat, stream: true },
    response: new DocumentStream([
      chunk({ role: "assistant", content: "" }),
      chunk({ content: "Yes, within" }),
      chunk({ content: " 30 days." }, "stop"),
      {
        object: "chat.completion.chunk",
        model: "support-7b-0301",
        choices: [],
        usage: { prompt_tokens: 12, completion_tokens: 8 },
      },
    ]),
    messages: turns,
    answer: counted({}),
    model: "support-7b-0301",
  },
  {
    it: "a stream that broke off: it does not say how it ended",
    adapter: "openai-chat",
    request: chat,
    response: new DocumentStream([chunk({ content: "Yes, within" })]),
    messages: turns,
    answer: said({ completion: "Yes, within" }),
    model: "support-7b-0301",
  },
  {
    it: "a stream that ended in an error",
    adapter: "openai-chat",
    request: chat,
    response: new DocumentStream([chunk({ content: "Yes," }), { error: { message: "CUDA out of memory", code: 500 } }]),
    messages: turns,
    answer: failed,
    model: "support-7b",
  },
  {
    it: "a streamed call of a tool",
    adapter: "openai-chat",
    request: chat,
    response: new DocumentStream([
      chunk({ tool_calls: [{ index: 0, function: { name: "lookup", arguments: "" } }] }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: "{}" } }] }, "tool_calls"),
    ]),
    messages: turns,
    answer: said({ completion: "", finishReason: "tool", aside: "lookup{}" }),
    model: "support-7b-0301",
  },
  {
    it: "streamed reasoning, which is no answer",
    adapter: "openai-chat",
    request: chat,
    response: new DocumentStream([
      chunk({ reasoning: "Shoes? " }),
      chunk({ reasoning_content: "30 days." }),
      chunk({ content: reply }, "stop"),
    ]),
    messages: turns,
    answer: said({ finishReason: "stop", aside: "Shoes? 30 days." }),
    model: "support-7b-0301",
  },
  {
    it: "a stream of one document",
    adapter: "openai-chat",
    request: chat,
    response: chunk({ content: reply }, "stop"),
    messages: turns,
    answer: said({ finishReason: "stop" }),
    model: "support-7b-0301",
  },
  {
    it: "a TGI stream, whose special tokens nobody saw",
    adapter: "tgi",
    request: text,
    response: new DocumentStream([
      { index: 1, token: { id: 1, text: "Yes, within", logprob: -0.1, special: false }, generated_text: null, details: null },
      { index: 2, token: { id: 2, text: " 30 days.", logprob: -0.1, special: false }, generated_text: null, details: null },
      {
        index: 3,
        token: { id: 3, text: "</s>", logprob: -0.1, special: true },
        generated_text: null,
        details: { finish_reason: "eos_token", generated_tokens: 3, input_length: 9 },
      },
    ]),
    messages: turns,
    answer: said({ finishReason: "stop", promptTokens: 9, completionTokens: 3 }),
    model: null,
  },
  {
    it: "a TGI stream that failed",
    adapter: "tgi",
    request: text,
    response: new DocumentStream([
      { index: 1, token: { id: 1, text: "Yes", logprob: -0.1 } },
      { error: "out of memory", error_type: "generation" },
    ]),
    messages: turns,
    answer: failed,
    model: null,
  },
  {
    it: "an LMI stream",
    adapter: "lmi",
    request: text,
    response: new DocumentStream([
      { token: { id: 1, text: "Yes, within", log_prob: -0.1 } },
      {
        token: { id: 2, text: " 30 days.", log_prob: -0.1 },
        generated_text: reply,
        details: { finish_reason: "length", generated_tokens: 2, inputs: question },
      },
    ]),
    messages: turns,
    answer: said({ finishReason: "length", completionTokens: 2 }),
    model: null,
  },
  {
    it: "an LMI stream that broke off",
    adapter: "lmi",
    request: text,
    response: new DocumentStream([
      { token: { id: 1, text: "Yes,", log_prob: -0.1 } },
      { token: { id: 2, text: " within", log_prob: -0.1 } },
    ]),
    messages: turns,
    answer: said({ completion: "Yes, within", completionTokens: 2 }),
    model: null,
  },
  {
    it: "an LMI stream whose generation failed",
    adapter: "lmi",
    request: text,
    response: {
      token: { id: -1, text: "", log_prob: -1, special_token: true },
      generated_text: "",
      details: { finish_reason: "error", generated_tokens: null },
    },
    messages: turns,
    answer: failed,
    model: null,
  },
  {
    it: "pieces from LMI's dynamic batching",
    adapter: "lmi",
    request: text,
    response: new DocumentStream([{ outputs: ["Yes, within"] }, { outputs: [" 30 days."] }]),
    messages: turns,
    answer: said({ completionTokens: 2 }),
    model: null,
  },
  {
    it: "a stream of text completions",
    adapter: "openai-completions",
    request: { prompt: question, stream: true },
    response: new DocumentStream([
      { object: "text_completion", choices: [{ index: 0, text: "Yes, within", finish_reason: null }] },
      {
        object: "text_completion",
        choices: [{ index: 0, text: " 30 days.", finish_reason: "length" }],
        usage: { prompt_tokens: 9, completion_tokens: 5 },
      },
    ]),
    messages: turns,
    answer: said({ finishReason: "length", promptTokens: 9, completionTokens: 5 }),
    model: null,
  },
];

const others = [
  {
    it: "a question without a turn, which was refused",
    adapter: "openai-chat",
    request: { messages: [] },
    response: { error: { message: "messages must not be empty" } },
    messages: [],
    answer: failed,
    model: null,
  },
  {
    it: "turns without roles, which were refused in LMI's words",
    adapter: "openai-chat",
    request: { messages: [{ content: question }] },
    response: { code: 424, message: "invoke handler failure" },
    messages: [],
    answer: failed,
    model: null,
  },
  {
    it: "inputs of another kind, which TGI refused",
    adapter: "tgi",
    request: { inputs: 7 },
    response: { error: "invalid type", error_type: "validation" },
    messages: [],
    answer: failed,
    model: null,
  },
  {
    it: "a question under a name that its server does not know",
    adapter: "openai-chat",
    request: { question },
    response: { error: { message: "messages: field required", code: 400 } },
    messages: [],
    answer: failed,
    model: null,
  },
  {
    it: "a prompt of another kind, which was refused",
    adapter: "openai-completions",
    request: { prompt: {} },
    response: { detail: [{ type: "json_invalid" }] },
    messages: [],
    answer: failed,
    model: null,
  },
  {
    it: "text that was refused for not being JSON",
    adapter: "lmi",
    request: new PlainText("{'inputs':", false),
    response: { code: 400, message: "bad request" },
    messages: [],
    answer: failed,
    model: null,
  },
  {
    it: "a status and no more",
    adapter: "lmi",
    request: text,
    response: { code: 424 },
    messages: turns,
    answer: failed,
    model: null,
  },
  {
    it: "an error in a list",
    adapter: "lmi",
    request: text,
    response: [{ code: 424, message: "invoke handler failure" }],
    messages: turns,
    answer: failed,
    model: null,
  },
  {
    it: "an error beside the place of an answer",
    adapter: "openai-chat",
    request: chat,
    response: { error: { type: "server_error" }, choices: null },
    messages: turns,
    answer: failed,
    model: "support-7b",
  },
  {
    it: "an answer after reasoning",
    adapter: "openai-chat",
    request: chat,
    response: completion({ reasoning_content: "Shoes: 30 days.", content: reply }),
    messages: turns,
    answer: counted({ aside: "Shoes: 30 days." }),
    model: "support-7b-0301",
  },
  {
    it: "reasoning that left no room for an answer",
    adapter: "openai-chat",
    request: chat,
    response: completion({ reasoning: "Shoes:", content: null }, "length"),
    messages: turns,
    answer: counted({ completion: "", finishReason: "length", aside: "Shoes:" }),
    model: "support-7b-0301",
  },
  {
    it: "an answer in parts",
    adapter: "openai-chat",
    request: chat,
    response: completion({ content: [{ type: "text", text: reply }] }),
    messages: turns,
    answer: counted({}),
    model: "support-7b-0301",
  },
  {
    it: "a chat that the framework refused",
    adapter: "openai-chat",
    request: chat,
    response: { detail: [{ type: "missing", loc: ["body", "model"] }] },
    messages: turns,
    answer: failed,
    model: "support-7b",
  },
  {
    it: "a chat behind a server that broke",
    adapter: "openai-chat",
    request: chat,
    response: new PlainText("Internal Server Error", false),
    messages: turns,
    answer: failed,
    model: "support-7b",
  },
  {
    it: "a text completion",
    adapter: "openai-completions",
    request: { model: "support-7b", prompt: question },
    response: {
      object: "text_completion",
      model: "support-7b-0301",
      choices: [{ index: 0, text: reply, finish_reason: "stop" }],
      usage: { prompt_tokens: 12, completion_tokens: 8 },
    },
    messages: turns,
    answer: counted({}),
    model: "support-7b-0301",
  },
  {
    it: "a text completion that was asked to repeat the prompt",
    adapter: "openai-completions",
    request: { prompt: question, echo: true },
    response: { choices: [{ index: 0, text: question + reply, finish_reason: "stop" }] },
    messages: turns,
    answer: said({ finishReason: "stop" }),
    model: null,
  },
  {
    it: "a completion of tokens",
    adapter: "openai-completions",
    request: { prompt: [1, 2, 3] },
    response: { choices: [{ text: reply }] },
    messages: [{ role: "user", content: "[3 tokens]" }],
    answer: said({}),
    model: null,
  },
  {
    it: "a text completion alone",
    adapter: "openai-completions",
    request: undefined,
    response: { choices: [{ text: reply }] },
    messages: [],
    answer: said({}),
    model: null,
  },
  {
    it: "a prompt alone",
    adapter: "openai-completions",
    request: { prompt: question },
    response: undefined,
    messages: turns,
    answer: null,
    model: null,
  },
  {
    it: "a prompt that failed",
    adapter: "openai-completions",
    request: { prompt: question },
    response: { error: "overloaded", error_type: "overloaded" },
    messages: turns,
    answer: failed,
    model: null,
  },
  {
    it: "a single object with TGI's details",
    adapter: "tgi",
    request: text,
    response: {
      generated_text: reply,
      details: {
        finish_reason: "eos_token",
        generated_tokens: 8,
        seed: null,
        prefill: [],
        tokens: [{ id: 1, text: "Yes", logprob: -0.1 }],
      },
    },
    messages: turns,
    answer: said({ finishReason: "stop", completionTokens: 8 }),
    model: null,
  },
  {
    it: "an answer of TGI to a chat",
    adapter: "tgi",
    request: chat,
    response: [{ generated_text: reply }],
    messages: turns,
    answer: said({}),
    model: "support-7b",
  },
  {
    it: "a pipeline that repeats the prompt unasked",
    adapter: "hf-pipeline",
    request: text,
    response: [{ generated_text: question + reply }],
    messages: turns,
    answer: said({}),
    model: null,
  },
  {
    it: "a greeting answered by the same word, which is no repeated prompt",
    adapter: "tgi",
    request: { inputs: "Hello" },
    response: [{ generated_text: "Hello! How can I help?" }],
    messages: [{ role: "user", content: "Hello" }],
    answer: said({ completion: "Hello! How can I help?" }),
    model: null,
  },
  {
    it: "a model that repeats the question where the prompt was not wanted back",
    adapter: "tgi",
    request: { inputs: question, parameters: { return_full_text: false } },
    response: [{ generated_text: `${question} ${reply}` }],
    messages: turns,
    answer: said({ completion: `${question} ${reply}` }),
    model: null,
  },
  {
    it: "a pipeline that chats",
    adapter: "hf-pipeline",
    request: { inputs: turns },
    response: [{ generated_text: [...turns, { role: "assistant", content: reply }] }],
    messages: turns,
    answer: said({}),
    model: null,
  },
  {
    it: "turns alone",
    adapter: "hf-pipeline",
    request: { inputs: turns },
    response: undefined,
    messages: turns,
    answer: null,
    model: null,
  },
  {
    it: "a Llama 2 dialogue",
    adapter: "jumpstart-llama2",
    request: { inputs: [turns], parameters: {} },
    response: [{ generation: { role: "assistant", content: reply } }],
    messages: turns,
    answer: said({}),
    model: null,
  },
  {
    it: "a Llama 2 text",
    adapter: "jumpstart-llama2",
    request: text,
    response: [{ generation: reply }],
    messages: turns,
    answer: said({}),
    model: null,
  },
  {
    it: "a Llama 2 object that counts tokens",
    adapter: "jumpstart-llama2",
    request: { prompt: question },
    response: { generation: reply, prompt_token_count: 12, generation_token_count: 8, stop_reason: "length" },
    messages: turns,
    answer: counted({ finishReason: "length" }),
    model: null,
  },
  {
    it: "a dialogue that failed",
    adapter: "jumpstart-llama2",
    request: { inputs: [turns] },
    response: { error: "prediction failure" },
    messages: turns,
    answer: failed,
    model: null,
  },
  {
    it: "a Llama 2 answer alone",
    adapter: "jumpstart-llama2",
    request: undefined,
    response: [{ generation: reply }],
    messages: [],
    answer: said({}),
    model: null,
  },
  {
    it: "a prompt with a chat template inside",
    adapter: "lmi",
    request: {
      inputs: `<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\n${question}<|im_end|>\n<|im_start|>assistant\n`,
    },
    response: { generated_text: reply },
    messages: [{ role: "system", content: "Be kind." }, ...turns],
    answer: said({}),
    model: null,
  },
];
const read = [...known, ...streamed, ...others];

const second = "And the red ones?";
const both = { inputs: [question, second] };
const batches = [
  {
    it: "an LMI batch",
    adapter: "lmi",
    request: both,
    response: [{ generated_text: reply }, { generated_text: "No." }],
    questions: [question, second],
    completions: [reply, "No."],
  },
  {
    it: "a batch of one",
    adapter: "lmi",
    request: { inputs: [question] },
    response: [{ generated_text: reply }],
    questions: [question],
    completions: [reply],
  },
  {
    it: "a batch in which one prompt failed",
    adapter: "lmi",
    request: both,
    response: [{ generated_text: reply }, { code: 424, message: "too long" }],
    questions: [question, second],
    completions: [reply, failed],
  },
  {
    it: "a batch of one, answered without a list",
    adapter: "lmi",
    request: { inputs: [question] },
    response: { generated_text: reply },
    questions: [question],
    completions: [reply],
  },
  {
    it: "a batch in which one prompt has no answer",
    adapter: "lmi",
    request: both,
    response: [null, { generated_text: reply }],
    questions: [question, second],
    completions: [failed, reply],
  },
  {
    it: "a batch in which an error stands beside the place of an answer",
    adapter: "lmi",
    request: both,
    response: [{ generated_text: null, error: "too long" }, { generated_text: reply }],
    questions: [question, second],
    completions: [failed, reply],
  },
  {
    it: "a batch in which every prompt failed",
    adapter: "lmi",
    request: both,
    response: [
      { code: 424, message: "too long" },
      { code: 424, message: "too long" },
    ],
    questions: [question, second],
    completions: [failed, failed],
  },
  {
    it: "a batch that failed",
    adapter: "lmi",
    request: both,
    response: { code: 424, message: "invoke handler failure" },
    questions: [question, second],
    completions: [failed, failed],
  },
  {
    it: "a batch without answers",
    adapter: "lmi",
    request: both,
    response: undefined,
    questions: [question, second],
    completions: [undefined, undefined],
  },
  {
    it: "answers of a batch alone",
    adapter: "lmi",
    request: undefined,
    response: [{ generated_text: reply }, { generated_text: "No." }],
    questions: ["", ""],
    completions: [reply, "No."],
  },
  {
    it: "a streamed batch",
    adapter: "lmi",
    request: both,
    response: new DocumentStream([{ outputs: ["Yes, within", "No"] }, { outputs: [" 30 days.", "."] }]),
    questions: [question, second],
    completions: [reply, "No."],
  },
  {
    it: "a batch of a pipeline",
    adapter: "hf-pipeline",
    request: both,
    response: [[{ generated_text: question + reply }], [{ generated_text: `${second} No.` }]],
    questions: [question, second],
    completions: [reply, " No."],
  },
  {
    it: "dialogues",
    adapter: "jumpstart-llama2",
    request: { inputs: [turns, [{ role: "user", content: second }]] },
    response: [{ generation: { content: reply } }, { generation: { content: "No." } }],
    questions: [question, second],
    completions: [reply, "No."],
  },
  {
    it: "text completions of several prompts, two for each",
    adapter: "openai-completions",
    request: { prompt: [question, second], n: 2 },
    response: { choices: ["A", "B", "C", "D"].map((text, index) => ({ text, index })) },
    questions: [question, question, second, second],
    completions: ["A", "B", "C", "D"],
  },
  {
    it: "text completions of one prompt",
    adapter: "openai-completions",
    request: { prompt: question, n: 2 },
    response: { choices: [{ text: reply }, { text: "No." }] },
    questions: [question, question],
    completions: [reply, "No."],
  },
  {
    it: "several choices, in the order of their indices",
    adapter: "openai-chat",
    request: { ...chat, n: 2 },
    response: completion({}, "stop", {
      choices: [
        { index: 1, message: { content: "No." } },
        { index: 0, message: { content: reply } },
      ],
    }),
    questions: [question, question],
    completions: [reply, "No."],
  },
  {
    it: "several choices of a server that numbers all of them 0",
    adapter: "openai-chat",
    request: { ...chat, n: 2 },
    response: completion({}, "stop", {
      choices: [
        { index: 0, message: { content: reply } },
        { index: 0, message: { content: "No." } },
      ],
    }),
    questions: [question, question],
    completions: [reply, "No."],
  },
  {
    it: "a stream of two choices",
    adapter: "openai-chat",
    request: { ...chat, n: 2 },
    response: new DocumentStream([
      { choices: [{ index: 1, delta: { content: "No" } }] },
      { choices: [{ index: 0, delta: { content: reply } }] },
      { choices: [{ index: 1, delta: { content: "." }, finish_reason: "length" }] },
    ]),
    questions: [question, question],
    completions: [reply, "No."],
  },
  {
    it: "several texts of TGI",
    adapter: "tgi",
    request: text,
    response: [{ generated_text: reply }, { generated_text: "No." }],
    questions: [question, question],
    completions: [reply, "No."],
  },
  {
    it: "several texts of a pipeline",
    adapter: "hf-pipeline",
    request: text,
    response: [{ generated_text: question + reply }, { generated_text: `${question} No.` }],
    questions: [question, question],
    completions: [reply, " No."],
  },
  {
    it: "a batch of a pipeline with several texts each",
    adapter: "hf-pipeline",
    request: both,
    response: [
      [{ generated_text: question + reply }, { generated_text: `${question} No.` }],
      [{ generated_text: `${second} A` }, { generated_text: `${second} B` }],
    ],
    questions: [question, question, second, second],
    completions: [reply, " No.", " A", " B"],
  },
  {
    it: "several texts of Llama 2",
    adapter: "jumpstart-llama2",
    request: text,
    response: [{ generation: reply }, { generation: "No." }],
    questions: [question, question],
    completions: [reply, "No."],
  },
];

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
    it: "a table that a container refused",
    request: new PlainText("28,2", true),
    response: { code: 400, message: "bad shape" },
    says: "the request is a table (CSV)",
  },
  {
    it: "an answer of its own beside an error that is none",
    request: undefined,
    response: { text: reply, error: "" },
    says: "with error",
  },
  {
    it: "numbers",
    request: [[1, 2]],
    response: 0.5,
    says: "request is a list of 1, whose first is a list of 2, whose first is a number, the response is a number",
  },
  { it: "an embedding", request: text, response: [[0.1, 0.2]], says: "request is an object with inputs" },
  {
    it: "a batch with too few answers",
    request: { inputs: [question, question] },
    response: [{ generated_text: reply }],
    says: "2 prompts cannot be told to have 1 answers",
  },
  { it: "an empty batch", request: { inputs: [] }, response: [], says: "the response is a list of 0" },
  {
    it: "a page of text",
    request: chat,
    response: new PlainText(`<html>${question}`, false),
    says: "the response is text that is not JSON",
  },
  {
    it: "a table",
    request: new PlainText("28,2", true),
    response: new PlainText("0.5", true),
    says: "the request is a table (CSV), the response is a table (CSV)",
  },
  {
    it: "rows",
    request: new DocumentStream([{ features: [28] }, { features: [43] }]),
    response: new DocumentStream([{ score: 0.9 }, { score: 0.5 }]),
    says: "is a stream of 2 documents, whose first is an object with features",
  },
  { it: "an answer without a choice", request: chat, response: { choices: [] }, says: "with choices" },
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
  expect(adapt({ request, response }, null)).toEqual({
    adapter,
    conversations: [{ messages, answer, model }],
    isBatch: false,
    choices: 1,
  });
});

test.each(batches)("reads $it one by one", ({ adapter, request, response, questions, completions }) => {
  const adapted = adapt({ request, response }, null);
  expect(adapted).toMatchObject({ adapter, isBatch: true });
  expect(adapted?.conversations.map(({ messages }) => messages.map(({ content }) => content).join())).toEqual(questions);
  const said = adapted?.conversations.map(({ answer }) => (answer?.finishReason === "error" ? failed : answer?.completion));
  expect(said).toEqual(completions);
});

test.each(unread)("leaves $it alone and says what it saw, not what was said", ({ request, response, says }) => {
  expect(adapt({ request, response }, null)).toBeNull();
  expect(unclaimed({ request, response })).toContain(says);
  expect(unclaimed({ request, response })).not.toContain(question);
});

const everyRequest = [...read, ...batches, ...unread].map(({ request }) => request);
const everyResponse = [...read, ...batches, ...unread].map(({ response }) => response);

test("no payload is claimed by two adapters, whatever is asked and answered", () => {
  const everyPair = everyRequest.flatMap((request) => everyResponse.map((response) => ({ request, response })));
  const claims = everyPair
    .filter(({ request, response }) => request !== undefined || response !== undefined)
    .map((exchange) => [...claimsOn(exchange)].map(({ adapter }) => adapter));
  expect(claims.filter((names) => names.length > 1)).toEqual([]);
  expect(new Set(claims.flat())).toEqual(new Set(adapters.map(({ name }) => name)));
});

test("no answer is taken by two adapters by its shape alone", () => {
  const requests = [null, ...everyRequest.flatMap((request) => readRequest(request) ?? [])];
  const readers = everyResponse.flatMap((response) =>
    requests.map((request) => adapters.filter(({ read }) => read(response, request) !== null).map(({ name }) => name)),
  );
  expect(readers.filter((names) => names.length > 1)).toEqual([]);
});

test("each form of request is of one family", () => {
  const forms = adapters.flatMap(({ asks }) => asks);
  expect(new Set(forms).size).toBe(forms.length);
});

test("what an adapter reads is what it says it expects", () => {
  const whole = read.filter(({ response }) => response !== undefined && !(response instanceof DocumentStream));
  const objections = whole.flatMap(({ it, adapter, response, answer }) => {
    if (answer === null || answer.finishReason === "error") return [];
    const expected = adapters
      .find(({ name }) => name === adapter)
      ?.expects?.()
      .response.safeParse(response);
    return expected?.success || isPiece(response) ? [] : [it];
  });
  expect(objections).toEqual([]);
});

/** A stream of one document looks like no whole answer. */
const isPiece = (response: unknown) => /"(?:token|delta)":/.test(JSON.stringify(response));
