import { satisfies } from "./jsonSchema.ts";
import { Phrases } from "./phrases.ts";
import type { Scorer, Subject } from "./scorer.ts";

/** Requests for JSON in prose: they want it, and take it between fences, too. */
const wishes = new Phrases(() => [
  ...[
    "in json",
    "as json",
    "json only",
    "only json",
    "valid json",
    "json format",
    "json object",
    "json array",
    "return json",
    "output json",
  ],
  ...[
    "respond with json",
    "reply with json",
    "answer with json",
    "a json string",
    "json response",
    "json output",
    "json schema",
    "into json",
    "to json",
  ],
  ...[
    "als json",
    "im json",
    "en json",
    "au format json",
    "em json",
    "in formato json",
    "formato json",
    "json formaat",
    "w formacie json",
    "json formatında",
  ],
  ...["в формате json", "json格式", "json形式", "json 형식"],
]);
const json = "json";

/** Longer ones are not parsed a second time for a score. */
const longestCharacters = 1_000_000;

/**
 * Measures whether the answer is JSON where JSON was asked for: by the request (`response_format`, guided decoding of vLLM, TGI's
 * grammar), or in words by the last user turn. Where the request gives a schema, the answer must satisfy it.
 * Range: 0 = not JSON, or not the schema's; 1 = it is; `null` where none was asked for, the answer is a tool call, or it cannot be told.
 * Cost: linear where JSON was asked for: parsing once; nothing else.
 * Cannot see: a schema written in prose; `pattern`, `format` and `uniqueItems` of a schema; whether what it says is true.
 */
export const jsonScore: Scorer = {
  name: "json",
  unit: "score",
  score(subject) {
    const { completion, inference } = subject;
    const demand = demandOf(subject.request);
    if (demand === null && !wants(subject)) return null;
    if (inference.finishReason === "tool") return null;
    const text = inference.completion;
    if (text.length > longestCharacters) return null;
    const value = parsed(demand === null ? (insideFence(completion.raw) ?? text) : text);
    if (value === undefined) return 0;
    if (demand === null || demand.schema === undefined) return typeof value === "object" && value !== null ? 1 : 0;
    const fits = satisfies(value, demand.schema);
    return fits === null ? null : fits ? 1 : 0;
  },
};

function wants({ prompt }: Subject): boolean {
  return prompt.lower.includes(json) && wishes.isIn(prompt);
}

/** What the body of the request demands; `schema` is `undefined` where any JSON object will do. */
function demandOf(request: unknown): { schema: unknown } | null {
  if (!isObject(request)) return null;
  const { response_format: format, guided_json: guided, structured_outputs: structured, parameters } = request;
  if (isObject(format)) {
    if (format.type === "json_object") return { schema: format.schema };
    if (format.type === "json_schema")
      return { schema: isObject(format.json_schema) ? format.json_schema.schema : format.schema };
  }
  if (guided !== undefined && guided !== null) return { schema: typeof guided === "string" ? parsed(guided) : guided };
  if (isObject(structured) && structured.json !== undefined) return { schema: structured.json };
  const grammar = isObject(parameters) ? parameters.grammar : undefined;
  if (isObject(grammar) && (grammar.type === "json" || grammar.type === "json_schema")) return { schema: grammar.value };
  return null;
}

/** What stands between the first ``` and the next, without the language behind the first; `undefined` without them. */
function insideFence(text: string): string | undefined {
  const open = text.indexOf("```");
  if (open === -1) return undefined;
  const line = text.indexOf("\n", open);
  const close = line === -1 ? -1 : text.indexOf("```", line);
  return close === -1 ? undefined : text.slice(line + 1, close);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
