import { z } from "zod";
import { estimateTokens } from "../../shared/capture/tokens.ts";
import { cut, legible, limits } from "../../shared/judging/prompt.ts";
import { type Take, Unanswerable } from "./payloads.ts";
import { readLines, type TakesFor } from "./recordedModel.ts";

const line = z.looseObject({
  prompt: z.string(),
  completion: z.string(),
  grades: z.record(z.string(), z.number().min(0).max(1)),
});
const judgeRequest = z.looseObject({ messages: z.array(z.looseObject({ role: z.string(), content: z.string() })).min(1) });

/** About what a small judge takes for a reply of this length. Nobody waits for it. */
const latencyMs = 600;
/** Stands for the fence of a request, which marks what was left out and differs from event to event. */
const anyFence = "…";

/**
 * A judge whose grades were recorded: it finds the last turn of the user and the answer in the fenced request, by their text as a judge
 * sees it, and replies with their grades. Several lines for the same pair are its takes.
 * @param source JSON lines `{prompt, completion, grades}`
 * @throws InvalidRecording
 */
export function readGrades(source: string, uri: string): TakesFor {
  const grades = new Map<string, string[]>();
  for (const { prompt, completion, grades: given } of readLines(line, source, uri)) {
    const key = keyOf(shown(prompt, limits.turn), shown(completion, limits.answer));
    grades.set(key, [...(grades.get(key) ?? []), JSON.stringify(given)]);
  }
  return (body) => {
    const { key, promptTokens } = askedIn(body);
    return grades.get(key)?.map(
      (completion): Take => ({
        completion,
        latencyMs,
        promptTokens,
        completionTokens: estimateTokens(completion),
        finishReason: "stop",
      }),
    );
  };
}

/** @throws Unanswerable for what is no request of Assay to a judge */
function askedIn(body: unknown): { key: string; promptTokens: number } {
  const parsed = judgeRequest.safeParse(body);
  const material = parsed.data?.messages.at(-1)?.content ?? "";
  // The request begins with its fence; another one further on may be the text's own.
  const fence = /^(?:<<<|\[)([0-9a-f]{16})\b/.exec(material)?.[1] ?? anyFence;
  const blocks = [...material.matchAll(new RegExp(`^<<<${fence} (\\w+)\\n([\\s\\S]*?)\\n${fence}>>>$`, "gm"))];
  if (!parsed.success || blocks.at(-1)?.[1] !== "answer")
    throw new Unanswerable(422, "This is no request to a judge: it has no answer inside a fence.");
  const last = (kind: string) => blocks.findLast((block) => block[1] === kind)?.[2]?.replaceAll(fence, anyFence) ?? "";
  return {
    key: keyOf(last("user"), last("answer")),
    promptTokens: parsed.data.messages.reduce((sum, { content }) => sum + estimateTokens(content), 0),
  };
}

const shown = (text: string, limit: number) => cut(legible(text), limit, anyFence);
const keyOf = (prompt: string, completion: string) => JSON.stringify([prompt.trim(), completion.trim()]);
