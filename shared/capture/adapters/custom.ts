import type { CustomPayloads } from "../../config/assay.ts";
import { searchable } from "../body.ts";
import { turnsOf } from "../chatTemplate.ts";
import { find } from "../find.ts";
import type { Turn } from "../inference.ts";
import type { Adapted, Answer, Exchange } from "./adapter.ts";
import { contentText, turnOf } from "./chatMessage.ts";
import { finishReasonOf } from "./finishReason.ts";
import { countIn, isObject, textIn } from "./json.ts";
import { errorStyle, modelError } from "./modelError.ts";

/**
 * Payloads of no known family, as assay.yml describes them.
 * @returns `null` where the expressions find neither prompt nor answer in what was captured: then the known families are asked
 * @throws JMESPathError where an expression itself is wrong: that is the configuration's error, not the record's
 */
export function readCustom({ request, response }: Exchange, custom: CustomPayloads): Adapted | null {
  const data = { request: searchable(request), response: searchable(response) };
  const found = (expression: string | null) => (expression === null ? null : find(expression, data));
  const prompts = request === undefined ? null : promptsIn(found(custom.prompt));
  if (request !== undefined && prompts === null) return null;
  const answers = response === undefined ? null : answersIn(response, custom, found, prompts?.length ?? null);
  if (response !== undefined && (answers === null || answers.length !== (prompts?.length ?? answers.length))) return null;
  const model = textIn(found(custom.model));
  const length = prompts?.length ?? answers?.length ?? 0;
  const conversations = Array.from({ length }, (_, i) => ({ messages: prompts?.[i] ?? [], answer: answers?.[i] ?? null, model }));
  return { adapter: "custom", conversations, isBatch: length > 1, choices: 1 };
}

type Found = (expression: string | null) => unknown;

function promptsIn(found: unknown): Turn[][] | null {
  if (typeof found === "string") return [turnsOf(found)];
  if (!Array.isArray(found) || found.length === 0) return null;
  if (found.every((item) => typeof item === "string")) return found.map(turnsOf);
  return found.every(isObject) ? [found.map(turnOf)] : null;
}

function answersIn(response: unknown, custom: CustomPayloads, found: Found, prompts: number | null): Answer[] | null {
  const failure = found(custom.error);
  if ((failure !== null && failure !== undefined && failure !== false) || errorStyle(response) !== null) {
    return Array.from({ length: prompts ?? 1 }, () => modelError);
  }
  const said = found(custom.completion);
  const answer = (completion: string): Answer => ({
    completion,
    finishReason: finishReasonOf(lastOf(found(custom.finishReason))),
    promptTokens: countIn(lastOf(found(custom.promptTokens))),
    completionTokens: countIn(lastOf(found(custom.completionTokens))),
  });
  if (typeof said === "string") return [answer(said)];
  if (!Array.isArray(said) || said.length === 0) return null;
  if (prompts !== null && prompts > 1) {
    // What is said once of a batch is said of no item.
    const item = (completion: string): Answer => ({
      completion,
      finishReason: "unknown",
      promptTokens: null,
      completionTokens: null,
    });
    return said.every((text) => typeof text === "string") ? said.map(item) : null;
  }
  const isText = said.every((part) => typeof part === "string");
  return [answer(isText ? said.join("") : contentText(said))];
}

/** Of a stream an expression may find a value in each document: the last one says how it ended. */
function lastOf(found: unknown): unknown {
  return Array.isArray(found) ? found.at(-1) : found;
}
