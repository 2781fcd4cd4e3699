import * as z from "zod";
import type { JudgeSettings } from "../config/assay.ts";
import { costMicroUsd } from "./cost.ts";
import type { Judgement } from "./judgement.ts";

// With more tokens than any model takes, a count is no count, and its product with a price no exact integer.
const tokens = z.int().min(0).max(1_000_000);
const chatCompletion = z.object({
  choices: z
    .array(
      z.object({
        message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }),
        finish_reason: z.string().nullish(),
      }),
    )
    .min(1),
  usage: z.object({ prompt_tokens: tokens, completion_tokens: tokens }).nullish().catch(null),
});

/** How servers say that the reply is complete: OpenAI's word, and LMI's two. */
const complete = new Set(["stop", "eos_token", "stop_sequence"]);

/**
 * The judgement in a judge's reply. Strict: a reply is graded if it is exactly the object that was asked for. Nothing is repaired and
 * nothing guessed, and no reason quotes the reply, which may quote captured text.
 * @param reply the body of an OpenAI chat completion, as it came
 * @param boundMicroUsd what the call is charged where the reply does not say what it used
 */
export function parseReply(
  reply: string,
  judge: Pick<JudgeSettings, "rubric" | "maxTokens" | "microUsdPerMillionInputTokens" | "microUsdPerMillionOutputTokens">,
  boundMicroUsd: number,
): Judgement {
  const parsed = chatCompletion.safeParse(parseJson(reply));
  if (!parsed.success) {
    const reason = "the judge's reply is no OpenAI chat completion: its endpoint must serve a chat model";
    return { status: "failed", reason, costMicroUsd: boundMicroUsd };
  }
  const { choices, usage } = parsed.data;
  const cost = usage
    ? costMicroUsd({ inputTokens: usage.prompt_tokens, outputTokens: usage.completion_tokens }, judge)
    : boundMicroUsd;
  const not = (status: "refused" | "unparseable", reason: string): Judgement => ({ status, reason, costMicroUsd: cost });

  const { message, finish_reason } = choices[0]!; // the schema wants one
  if (message.refusal) return not("refused", "the judge declined to grade");
  if (finish_reason === "content_filter") return not("refused", "a content filter stopped the judge");
  if (finish_reason === "length") return not("unparseable", `the reply was cut off at maxTokens (${judge.maxTokens})`);
  if (!complete.has(finish_reason ?? "")) return not("unparseable", "the reply does not say that it is complete");
  if (!message.content) return not("unparseable", "the reply is empty");
  const grades = gradesIn(message.content, Object.keys(judge.rubric));
  return typeof grades === "string" ? not("unparseable", grades) : { status: "graded", grades, costMicroUsd: cost };
}

/** The grades, or why they are none. */
function gradesIn(content: string, criteria: readonly string[]): Record<string, number> | string {
  const given = parseJson(content);
  if (typeof given !== "object" || given === null || Array.isArray(given)) return "the reply is not one JSON object";
  const entries = Object.entries(given);
  // Criteria have no colon in their names and grades are numbers, so a colon more is a criterion that was graded twice.
  if (entries.length !== criteria.length || content.split(":").length - 1 !== criteria.length)
    return `the reply does not have exactly the criteria of the rubric: ${criteria.join(", ")}`;
  for (const criterion of criteria) {
    const grade: unknown = Object.hasOwn(given, criterion) ? (given as Record<string, unknown>)[criterion] : undefined;
    if (typeof grade !== "number" || !(grade >= 0 && grade <= 1)) return `the reply has no grade from 0 to 1 for ${criterion}`;
  }
  return Object.fromEntries(criteria.map((criterion) => [criterion, (given as Record<string, number>)[criterion]!]));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
