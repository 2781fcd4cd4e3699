import { lazily } from "../../lazily.ts";
import * as z from "../../schema.ts";
import { DocumentStream } from "../body.ts";
import type { Adapter, Answer, Answered } from "./adapter.ts";
import { answerOf, generation, generationOf, isGeneration, tokensIn, writerOf } from "./generatedText.ts";
import { echoes } from "./hfPipeline.ts";
import { isObject } from "./json.ts";
import { errorStyle, modelError } from "./modelError.ts";
import { inputsRequest, type Request } from "./request.ts";

/**
 * Large Model Inference (DJL) and the JumpStart models on it: the answer is one object, or a stream of its tokens. Several prompts in one
 * request have as many answers in one list, some of which may be errors.
 * Source: https://github.com/deepjavalibrary/djl-serving, serving/docs/lmi/user_guides/lmi_input_output_schema.md
 */
export const lmi: Adapter = {
  name: "lmi",
  asks: ["text", "batch"],
  expects: lazily(() => ({
    request: inputsRequest(),
    response: z.union([generation(), z.array(generation()).check(z.minLength(1))]),
  })),
  read(response, request) {
    const pieces = piecesIn(response);
    if (pieces) return piecewise(pieces, request);
    const items = request?.isBatch && isGeneration(response) ? [response] : response; // of one prompt, some send no list
    if (isBatch(items, request)) return { answers: items.map((answer, i) => itemOf(answer, request, i)), model: null };
    if (request?.isBatch || echoes(response, request)) return null;
    const tokens = tokensIn(response);
    const generated = tokens ? generationOf(tokens) : response;
    if (!isGeneration(generated) || writerOf(tokens?.[0] ?? generated) !== "lmi") return null;
    return { answers: [answerOf(generated, request, request?.prompts[0] ?? null)], model: null };
  },
};

function isBatch(response: unknown, request: Request | null): response is unknown[] {
  if (!Array.isArray(response) || !response.some(isGeneration)) return false;
  if (request === null ? response.length < 2 : !request.isBatch) return false;
  return response.every((item) => item === null || isGeneration(item) || errorStyle(item) !== null);
}

function itemOf(item: unknown, request: Request | null, i: number): Answer {
  return isGeneration(item) ? answerOf(item, request, request?.prompts[i] ?? null) : modelError;
}

/** `{"outputs":["…"]}` again and again, a piece of each prompt's answer in every one. */
function piecesIn(response: unknown): string[][] | null {
  const documents = response instanceof DocumentStream ? response.documents : [response];
  const pieces = documents.flatMap((document) => (isObject(document) && isTexts(document.outputs) ? [document.outputs] : []));
  return pieces.length > 0 && pieces.length === documents.length ? pieces : null;
}

function piecewise(pieces: readonly string[][], request: Request | null): Answered {
  const written: string[][] = (request?.prompts ?? []).map(() => []);
  for (const piece of pieces) {
    for (const [i, text] of piece.entries()) {
      const own = written[i];
      if (own) own.push(text);
      else written[i] = [text];
    }
  }
  const answers = written.map((texts) =>
    answerOf({ generated_text: texts.join(""), details: { generated_tokens: texts.length } }, request, null),
  );
  return { answers, model: null };
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length > 0 && value.every((text) => typeof text === "string");
