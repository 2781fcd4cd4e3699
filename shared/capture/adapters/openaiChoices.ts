import { DocumentStream } from "../body.ts";
import { countIn, isObject, type JsonObject, objectIn, textIn } from "./json.ts";

/** The choices of an answer in OpenAI's shapes; those of a stream are in pieces, each with the index of its choice. */
export type Choices = { pieces: [JsonObject, ...JsonObject[]]; model: string | null; usage: JsonObject };

/** `null` where the body has no choices, or where other documents stand among those of the stream. */
export function choicesIn(response: unknown): Choices | null {
  const documents = response instanceof DocumentStream ? response.documents : [response];
  const pieces: JsonObject[] = [];
  let usage: JsonObject = {};
  for (const document of documents) {
    if (!isObject(document) || !Array.isArray(document.choices) || !document.choices.every(isObject)) return null;
    for (const choice of document.choices) pieces.push(choice);
    if (isObject(document.usage)) usage = document.usage; // the last counts everything
  }
  const [first, ...others] = pieces;
  return first === undefined ? null : { pieces: [first, ...others], model: textIn(objectIn(documents[0]).model), usage };
}

/** The pieces of each choice, in order of their indices; those of servers that send none belong to the first. */
export function byIndex(pieces: readonly JsonObject[]): JsonObject[][] {
  const choices = new Map<number, JsonObject[]>();
  for (const piece of pieces) {
    const index = countIn(piece.index) ?? 0;
    const own = choices.get(index);
    if (own) own.push(piece);
    else choices.set(index, [piece]);
  }
  return [...choices].sort(([a], [b]) => a - b).map(([, own]) => own);
}

export function finishIn(pieces: readonly JsonObject[]): unknown {
  return pieces.findLast(({ finish_reason }) => typeof finish_reason === "string")?.finish_reason;
}
