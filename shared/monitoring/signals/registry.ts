import { answerLength, answerTokens, latency, scoreSignal } from "./answers.ts";
import { failedJudgements } from "./judging.ts";
import { injections, inputMix, questionClusters, questionLanguages, questionLength } from "./questions.ts";
import type { Signal } from "./signal.ts";

/** Every signal but the scores, of which an endpoint has those that its scorers give, and `injection` is one of the questions. */
const signals: readonly Signal[] = [
  ...[inputMix, questionLanguages, questionClusters, questionLength, injections],
  ...[failedJudgements],
  ...[answerLength, answerTokens, latency],
];

const byName = new Map(signals.map((signal) => [signal.name, signal]));

/** Whether a signal is watched by its shares, and not by a judge. */
export function isShareSignal(name: string): boolean {
  return byName.has(name) || name.startsWith("score-");
}

/** The signal of a name that `signalNames` gave. */
export function signalNamed(name: string): Signal {
  return byName.get(name) ?? scoreSignal(name.slice("score-".length));
}

/**
 * What is watched of an endpoint besides its grades, in a fixed order.
 * @param segmented whether its requests name segments
 * @param scores    names of its cheap scores
 * @param timed     whether its answers say how long they took
 */
export function signalNames(segmented: boolean, scores: readonly string[], timed: boolean): string[] {
  const absent = new Set([
    ...(segmented ? [] : [inputMix.name]),
    ...(scores.includes("injection") ? [] : [injections.name]),
    ...(timed ? [] : [latency.name]),
  ]);
  return [
    ...signals.map(({ name }) => name).filter((name) => !absent.has(name)),
    ...scores.filter((score) => score !== "injection").map((score) => scoreSignal(score).name),
  ];
}
