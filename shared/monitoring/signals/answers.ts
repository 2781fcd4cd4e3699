import { badAndFine, gradeBy, type Signal } from "./signal.ts";

/** Scores that are 0 or 1, and whose 0 is what nobody wants more of: refusals, what is unsafe, and what has not the form it should have. */
const rates: ReadonlySet<string> = new Set(["empty", "truncated", "refusal", "language", "json", "pii", "secrets", "toxicity"]);

/** What one cheap scorer says of the answers. */
export function scoreSignal(score: string): Signal {
  const isRate = rates.has(score);
  return {
    name: `score-${score}`,
    tells: "answers",
    shape: isRate ? "rate" : "scores",
    countsOf: ({ summary }) => {
      const histogram = Object.hasOwn(summary.scores, score) ? summary.scores[score]! : {};
      return isRate ? badAndFine(histogram) : histogram;
    },
    gradeOf: gradeBy(score, isRate),
  };
}

/** In characters. */
export const answerLength: Signal = {
  name: "answer-length",
  tells: "answers",
  shape: "measure",
  countsOf: ({ summary }) => summary.measures.length ?? {},
  countedAs: ({ traits }) => traits?.length,
};

export const answerTokens: Signal = {
  name: "answer-tokens",
  tells: "answers",
  shape: "measure",
  countsOf: ({ summary }) => summary.measures.tokens ?? {},
  countedAs: ({ traits }) => traits?.tokens,
};

/** As a custom attribute of the capture says. What SageMaker measures has an alarm of its own. */
export const latency: Signal = {
  name: "answer-latency",
  tells: "capacity",
  shape: "measure",
  countsOf: ({ summary }) => summary.measures.latency ?? {},
  countedAs: ({ traits }) => traits?.latency,
};
