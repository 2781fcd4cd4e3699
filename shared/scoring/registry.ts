import type { Inference, Scores } from "../capture/inference.ts";
import type { ScorerSettings } from "../config/assay.ts";
import { empty } from "./empty.ts";
import { injection } from "./injection.ts";
import { jsonScore } from "./json.ts";
import { language } from "./language.ts";
import { pii } from "./pii.ts";
import { promptEcho } from "./promptEcho.ts";
import { refusal } from "./refusal.ts";
import { relevance } from "./relevance.ts";
import { repetition } from "./repetition.ts";
import { scoreRule } from "./rules.ts";
import type { Scorer } from "./scorer.ts";
import { secrets } from "./secrets.ts";
import { similarity } from "./similarity.ts";
import { Text } from "./text.ts";
import { toxicity } from "./toxicity.ts";
import { truncated } from "./truncated.ts";

/** Every scorer that Assay brings. Each that has something to say becomes a metric. */
export const scorers: readonly Scorer[] = [
  ...[empty, truncated, refusal, repetition, relevance, language, jsonScore],
  ...[pii, secrets, toxicity, promptEcho, injection, similarity],
];

/** What stands beside an inference and is not part of it: the decoded body of the request, and an answer known to be good. */
export type Beside = { request: unknown; reference: string | null };

/** Of an answer that stands alone. */
export const nothingBeside: Beside = { request: null, reference: null };

/**
 * Every scorer's and every rule's view of an answer; `{}` where there is no answer: a failure is counted, never scored.
 * @param settings `scorers` of assay.yml: what is off, and what is there besides
 */
export function scoreAll(inference: Inference, { request, reference }: Beside, { off, rules }: ScorerSettings): Scores {
  if (inference.outcome !== "answered") return {};
  const subject = {
    inference,
    prompt: new Text(inference.prompt),
    completion: new Text(inference.completion),
    request,
    reference: reference === null ? null : new Text(reference),
  };
  const scores: Scores = {};
  for (const { name, score } of scorers) if (!off.includes(name)) scores[name] = score(subject);
  for (const [name, rule] of Object.entries(rules)) scores[name] = scoreRule(rule, subject);
  return scores;
}
