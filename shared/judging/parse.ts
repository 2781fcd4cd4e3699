import type { JudgeSettings } from "../config/assay.ts";
import { costMicroUsd, type Prices } from "./cost.ts";
import type { Judgement } from "./judgement.ts";
import { parseJson } from "./providers/provider.ts";
import { providers } from "./providers/registry.ts";
import { type Graded, withQuality } from "./rubric.ts";

/**
 * The judgement in a judge's reply. Strict: a reply is graded if it is exactly the object that was asked for. Nothing is repaired and
 * nothing guessed, and no reason quotes the reply, which may quote captured text.
 * @param body of the reply, as it came
 * @param boundMicroUsd what the call is charged where the reply does not say what it used
 */
export function parseReply(
  body: string,
  judge: Graded & Prices & Pick<JudgeSettings, "provider" | "model" | "maxTokens">,
  boundMicroUsd: number,
): Judgement {
  const provider = providers[judge.provider];
  const reply = provider.readReply(body);
  if (reply === null) {
    return { status: "failed", reason: `the judge's reply is not ${provider.answers}`, costMicroUsd: boundMicroUsd };
  }
  const cost = reply.usage ? costMicroUsd(reply.usage, judge) : boundMicroUsd;
  const not = (status: "failed" | "refused" | "unparseable", reason: string): Judgement => ({
    status,
    reason,
    costMicroUsd: cost,
  });
  // A name that moves on to the next release would mix the grades of two judges under one version.
  if (reply.model !== null && reply.model !== judge.model)
    return not("failed", `the server answered as another model than judge.model${named(reply.model)}: name the one that answers`);
  switch (reply.end) {
    case "declined":
      return not("refused", "the judge declined to grade");
    case "filtered":
      return not("refused", "a content filter stopped the judge");
    case "length":
      return not("unparseable", `the reply was cut off at maxTokens (${judge.maxTokens})`);
    case "unknown":
      return not("unparseable", "the reply does not say that it is complete");
    case "complete": {
      if (reply.text === null) return not("unparseable", "the reply is empty");
      const grades = gradesIn(reply.text, Object.keys(judge.rubric));
      if (typeof grades === "string") return not("unparseable", grades);
      return { status: "graded", grades: withQuality(grades, judge), costMicroUsd: cost };
    }
  }
}

/** A model's name where it looks like one: what a server says may be anything. */
const named = (model: string) => (/^[\w.:/-]{1,128}$/.test(model) ? ` (${model})` : "");

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
