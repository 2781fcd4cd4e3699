import { badAndFine, gradeBy, type Signal } from "./signal.ts";

/** The segments that requests name. */
export const inputMix: Signal = {
  name: "input-mix",
  tells: "traffic",
  shape: "names",
  countsOf: ({ summary }) => summary.segments,
  countedAs: ({ segment }) => segment,
};

export const questionLanguages: Signal = {
  name: "input-languages",
  tells: "traffic",
  shape: "names",
  countsOf: ({ summary }) => summary.questions.language,
  countedAs: ({ traits }) => traits?.language,
};

export const questionClusters: Signal = {
  name: "input-clusters",
  tells: "traffic",
  shape: "names",
  countsOf: ({ summary }) => summary.questions.cluster,
  countedAs: ({ traits }) => traits?.cluster,
};

/** In tokens. */
export const questionLength: Signal = {
  name: "input-tokens",
  tells: "traffic",
  shape: "measure",
  countsOf: ({ summary }) => summary.measures["question-tokens"] ?? {},
  countedAs: ({ traits }) => traits?.["question-tokens"],
};

/** Questions that attack the model: of the traffic, whatever the model makes of them. */
export const injections: Signal = {
  name: "input-injection",
  tells: "traffic",
  shape: "rate",
  countsOf: ({ summary }) => badAndFine(summary.scores.injection),
  gradeOf: gradeBy("injection", true),
};
