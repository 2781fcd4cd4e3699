import type { Inference, Scores } from "../capture/inference.ts";
import { empty } from "./empty.ts";
import { refusal } from "./refusal.ts";
import { relevance } from "./relevance.ts";
import { repetition } from "./repetition.ts";
import type { Scorer } from "./scorer.ts";
import { truncated } from "./truncated.ts";

export const scorers: readonly Scorer[] = [empty, truncated, refusal, repetition, relevance];

/** Every scorer's view of an answer; `{}` where there is no answer: a failure is counted, never scored. */
export function scoreAll(inference: Inference): Scores {
  if (inference.outcome !== "answered") return {};
  return Object.fromEntries(scorers.map((scorer) => [scorer.name, scorer.score(inference)]));
}
