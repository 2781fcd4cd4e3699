import { takesOf } from "../../local/demo/recordings.ts";
import { labelledSubjects } from "../../test/shared/scoring/labelled.ts";
import type { Chance } from "../chance.ts";

const encoder = new TextEncoder();

/** A line of a capture object, with the JSON documents in it that a reader has to parse at the least. */
export type CaptureLine = { bytes: Uint8Array; text: string; payloads: string[] };

/**
 * Captured chats as an assistant has them: prompts of one to eight sentences behind a system's turn, sometimes with earlier turns;
 * answers of a hundred to three thousand characters; one in ten in another language, one in twelve asks for JSON and gets it.
 * The sentences are those of the demo's recordings and of the labelled examples, drawn and shuffled.
 */
export function drawLines(count: number, chance: Chance): CaptureLine[] {
  const sentences = takesOf("stable").flatMap(({ completion }) => completion.split(/(?<=[.?!]) /));
  const questions = takesOf("stable").map(({ prompt }) => prompt);
  const foreign = labelledSubjects()
    .get("refusal")!
    .map(({ subject }) => subject.completion.raw);
  const one = <T>(from: readonly T[]) => from[Math.floor(chance() * from.length)]!; // chance is under 1
  const prose = (from: readonly string[], least: number, most: number) =>
    Array.from({ length: least + Math.floor(chance() * (most - least + 1)) }, () => one(from)).join(" ");
  const system = { role: "system", content: `You are the assistant of a shop. Be brief and friendly. ${prose(sentences, 6, 6)}` };

  return Array.from({ length: count }, (_, n) => {
    const wantsJson = chance() < 1 / 12;
    const texts = chance() < 1 / 10 ? foreign : sentences;
    const question = `${one(questions)} ${prose(texts, 0, 7)}`.trim();
    const earlier =
      chance() < 0.3
        ? [
            { role: "user", content: one(questions) },
            { role: "assistant", content: prose(sentences, 1, 6) },
          ]
        : [];
    const request = {
      messages: [system, ...earlier, { role: "user", content: question }],
      max_tokens: 800,
      ...(wantsJson ? { response_format: { type: "json_object" } } : {}),
    };
    // Most answers are short and few are long.
    const answer = wantsJson
      ? JSON.stringify({ answer: prose(sentences, 1, 4), order: { id: n, items: ["shoes", "laces"], open: true } })
      : prose(texts, 1, 2 + Math.floor(18 * chance() ** 2));
    const response = {
      id: `chatcmpl-${n}`,
      object: "chat.completion",
      model: "support-7b",
      choices: [{ index: 0, message: { role: "assistant", content: answer }, finish_reason: "stop" }],
      usage: { prompt_tokens: 120, completion_tokens: 90, total_tokens: 210 },
    };
    return lineOf(JSON.stringify(request), JSON.stringify(response), n);
  });
}

/** A capture line of these two bodies, as SageMaker writes it where their content type is listed as JSON. */
export function lineOf(request: string, response: string, n: number): CaptureLine {
  const side = (mode: string, data: string) => ({ observedContentType: "application/json", mode, data, encoding: "JSON" });
  const text = JSON.stringify({
    captureData: { endpointInput: side("INPUT", request), endpointOutput: side("OUTPUT", response) },
    eventMetadata: {
      eventId: `e-${String(n).padStart(8, "0")}`,
      customAttributes: ['{"segment":"orders"}'],
      inferenceTime: new Date(Date.UTC(2026, 2, 2) + n * 1000).toISOString().replace(".000", ""),
    },
    eventVersion: "0",
  });
  return { bytes: encoder.encode(text), text, payloads: [request, response] };
}
