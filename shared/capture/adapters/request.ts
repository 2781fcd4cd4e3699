import * as z from "../../schema.ts";
import { PlainText } from "../body.ts";
import { turnsOf } from "../chatTemplate.ts";
import type { Turn } from "../inference.ts";
import { turnOf } from "./chatMessage.ts";
import { isObject, type JsonObject, objectIn, textIn } from "./json.ts";

/**
 * How language models are asked: `messages` (OpenAI chat), `prompt` (OpenAI completions; a list of them is a batch), `inputs` as text,
 * as a list of texts (`batch`), as dialogues of turns (`dialogues`, JumpStart's Llama 2) or as turns (`turns`, pipelines that chat).
 */
export type RequestForm = "messages" | "prompt" | "text" | "batch" | "dialogues" | "turns";

export type Prompt = {
  messages: Turn[];
  /** The text as it was sent, which some servers repeat before the answer; `null` where turns were sent. */
  sent: string | null;
};

export type Request = {
  form: RequestForm;
  prompts: readonly [Prompt, ...Prompt[]];
  /** Whether several prompts could have been sent in this form: then each has an inference of its own, numbered from 0. */
  isBatch: boolean;
  model: string | null;
  /** What the caller said of repeating the prompt before the answer; `null`: nothing, so the server's own default holds. */
  wantsPromptBack: boolean | null;
};

/** A body of 6 MiB has room for two million empty prompts, whose inferences would need gigabytes. */
export const mostPrompts = 4096;

/** The request as one to a language model, by its shape; `null` where it is none. */
export function readRequest(body: unknown): Request | null {
  if (!isObject(body)) return null;
  const asked = promptsIn(body);
  const [first, ...others] = asked?.prompts ?? [];
  if (!asked || !first) return null;
  const { form, isBatch } = asked;
  return { form, isBatch, prompts: [first, ...others], model: textIn(body.model), wantsPromptBack: wantsPromptBackIn(body) };
}

/** The form that a malformed request was meant to have, such as `{"messages":[]}`; `null` where no key tells. */
export function intendedForm(body: unknown): RequestForm | null {
  const { messages, inputs, prompt } = objectIn(body);
  if (messages !== undefined) return "messages";
  if (inputs !== undefined) return "text";
  return prompt === undefined ? null : "prompt";
}

/** Whether this asks a model that is no language model: rows, tensors, tables. */
export function asksAnother(body: unknown): boolean {
  if (body instanceof PlainText) return body.isTable;
  return !isObject(body) || body.instances !== undefined || body.features !== undefined;
}

/** What `readRequest` reads, for explanations. */
const turn = () => z.object({ role: z.string() });
export const chatRequest = () => z.object({ messages: z.array(turn()).check(z.minLength(1)) });
export const promptRequest = () =>
  z.object({
    prompt: z.union([z.string(), z.array(z.union([z.string(), z.number(), z.array(z.number())])).check(z.minLength(1))]),
  });
export const inputsRequest = () =>
  z.object({ inputs: z.union([z.string(), z.array(z.union([z.string(), turn()])).check(z.minLength(1))]) });
export const dialoguesRequest = () => z.object({ inputs: z.array(z.array(turn()).check(z.minLength(1))).check(z.minLength(1)) });

type Asked = { form: RequestForm; isBatch: boolean; prompts: Prompt[] };

function promptsIn({ messages, inputs, prompt }: JsonObject): Asked | null {
  if (messages !== undefined) return isTurns(messages) ? { form: "messages", isBatch: false, prompts: [chat(messages)] } : null;
  if (inputs !== undefined) return inputsIn(inputs);
  if (typeof prompt === "string") return { form: "prompt", isBatch: false, prompts: [text(prompt)] };
  if (!isList(prompt)) return null;
  if (prompt.every(isNumber)) return { form: "prompt", isBatch: false, prompts: [tokens(prompt)] };
  if (prompt.length > mostPrompts) return null;
  if (prompt.every(isText)) return { form: "prompt", isBatch: true, prompts: prompt.map(text) };
  return prompt.every(isTokens) ? { form: "prompt", isBatch: true, prompts: prompt.map(tokens) } : null;
}

function inputsIn(inputs: unknown): Asked | null {
  if (typeof inputs === "string") return { form: "text", isBatch: false, prompts: [text(inputs)] };
  if (!isList(inputs) || inputs.length > mostPrompts) return null;
  if (inputs.every(isText)) return { form: "batch", isBatch: true, prompts: inputs.map(text) };
  if (isTurns(inputs)) return { form: "turns", isBatch: false, prompts: [chat(inputs)] };
  return inputs.every(isTurns) ? { form: "dialogues", isBatch: inputs.length > 1, prompts: inputs.map(chat) } : null;
}

function wantsPromptBackIn({ parameters, echo }: JsonObject): boolean | null {
  const said = objectIn(parameters).return_full_text ?? echo;
  return typeof said === "boolean" ? said : null;
}

function text(sent: string): Prompt {
  return { messages: turnsOf(sent), sent };
}

function chat(turns: readonly JsonObject[]): Prompt {
  return { messages: turns.map(turnOf), sent: null };
}

/** The text behind token ids is known to the model alone. */
function tokens(ids: readonly number[]): Prompt {
  return { messages: [{ role: "user", content: `[${ids.length} tokens]` }], sent: null };
}

const isText = (value: unknown): value is string => typeof value === "string";
const isNumber = (value: unknown): value is number => typeof value === "number";
const isList = (value: unknown): value is unknown[] => Array.isArray(value) && value.length > 0;
const isTokens = (value: unknown): value is number[] => isList(value) && value.every(isNumber);
const isTurns = (value: unknown): value is JsonObject[] =>
  isList(value) && value.every((turn) => isObject(turn) && typeof turn.role === "string");
