import { DocumentStream } from "../body.ts";
import { countIn, isObject, type JsonObject, objectIn, textIn } from "./json.ts";

/** The choices of an answer in OpenAI's shapes, in order of their indices; those of a stream are in pieces. */
export type Choices = { choices: [JsonObject[], ...JsonObject[][]]; model: string | null; usage: JsonObject };

/** `null` where the body has no choices, or where other documents stand among those of the stream. */
export function choicesIn(response: unknown): Choices | null {
  const documents = response instanceof DocumentStream ? response.documents : [response];
  const pieces = new Map<number, JsonObject[]>();
  let usage: JsonObject = {};
  for (const document of documents) {
    if (!isObject(document) || !Array.isArray(document.choices) || !document.choices.every(isObject)) return null;
    for (const [place, choice] of document.choices.entries()) {
      const index = countIn(choice.index) ?? place;
      const own = pieces.get(index);
      if (own === undefined) pieces.set(index, [choice]);
      // In a whole answer each is a choice of its own, whatever its server writes for an index.
      else if (documents.length === 1) pieces.set(document.choices.length + place, [choice]);
      else own.push(choice);
    }
    if (isObject(document.usage)) usage = document.usage; // the last counts everything
  }
  const [first, ...others] = [...pieces].sort(([a], [b]) => a - b).map(([, own]) => own);
  return first === undefined ? null : { choices: [first, ...others], model: textIn(objectIn(documents[0]).model), usage };
}

export function finishIn(pieces: readonly JsonObject[]): unknown {
  return pieces.findLast(({ finish_reason }) => typeof finish_reason === "string")?.finish_reason;
}
