import { scorers } from "../shared/scoring/registry.ts";
import { takenUp } from "../shared/scoring/relevance.ts";
import { Text } from "../shared/scoring/text.ts";
import { labelledSubjects } from "../test/shared/scoring/labelled.ts";
import type { Bench } from "./bench.ts";
import { readAnswers } from "./recordedAnswers.ts";

/** Under it a score counts as a finding. Scorers that say 0 or 1 need none. */
const limits: Record<string, number> = { repetition: 0.3, relevance: 0.25, prompt_echo: 0.5, similarity: 0.5 };

/**
 * Precision and recall of each scorer on the examples that we labelled. `null` is no finding. A scorer without examples, such as
 * `truncated`, repeats what the payload says and has nothing to measure.
 */
export const scorersBench: Bench = {
  name: "scorers",
  runs: 1,
  says: "precision and recall of each scorer on the labelled examples of test/shared/scoring/labelled.json",
  async run() {
    const figures: Record<string, number> = {};
    const references: Record<string, number> = {};
    for (const [name, examples] of labelledSubjects()) {
      const { score } = scorers.find((scorer) => scorer.name === name)!; // the test of the labelled set wants each to be one
      const limit = limits[name] ?? 0.5;
      const found = examples.map(({ subject }) => {
        const value = score(subject);
        return value !== null && value < limit;
      });
      Object.assign(figures, measured(name, examples, found));
    }
    Object.assign(references, await eldOnLanguages());
    Object.assign(figures, await relevanceOfRecorded());
    return { figures, references };
  },
};

function measured(name: string, examples: readonly { isBad: boolean }[], found: readonly boolean[]): Record<string, number> {
  const bad = examples.filter(({ isBad }) => isBad).length;
  const flagged = found.filter(Boolean).length;
  const right = examples.filter(({ isBad }, i) => isBad && found[i]).length;
  return {
    [`${name}.examples`]: examples.length,
    [`${name}.precision`]: flagged === 0 ? 1 : right / flagged,
    [`${name}.recall`]: right / bad,
  };
}

/**
 * Real answers: in which share of them the answer is more relevant to its own question than to another's (a draw is half), and how its
 * relevance goes with a judge's verdict.
 */
async function relevanceOfRecorded(): Promise<Record<string, number>> {
  const folder = process.env.ASSAY_REAL_DATA;
  if (folder === undefined) {
    process.stderr.write("ASSAY_REAL_DATA is not set: measured on the labelled examples only\n");
    return {};
  }
  const answers = await readAnswers(folder, "gpt-3.5-turbo-0301");
  const relevanceTo = (question: string, output: string) => takenUp(new Text(question), new Text(output));
  let pairs = 0;
  let won = 0;
  const judged: [number, number][] = [];
  for (const [i, { instruction, output, judge }] of answers.entries()) {
    const own = relevanceTo(instruction, output);
    const verdict = judge.alpaca_eval_gpt4;
    if (own !== null && verdict != null) judged.push([own, verdict]);
    const other = relevanceTo(answers[(i + 1) % answers.length]!.instruction, output);
    if (own === null || other === null) continue;
    pairs++;
    won += own === other ? 0.5 : own > other ? 1 : 0;
  }
  return { "relevance.recorded.ownOverOther": won / pairs, "relevance.recorded.correlationWithJudge": correlation(judged) };
}

function correlation(pairs: readonly [number, number][]): number {
  const mean = (of: (pair: readonly [number, number]) => number) => pairs.reduce((sum, pair) => sum + of(pair), 0) / pairs.length;
  const [x, y] = [mean((pair) => pair[0]), mean((pair) => pair[1])];
  const spread = (k: 0 | 1, centre: number) => Math.sqrt(mean((pair) => (pair[k] - centre) ** 2));
  return mean((pair) => (pair[0] - x) * (pair[1] - y)) / (spread(0, x) * spread(1, y));
}

/** The same question of a detector of languages with megabytes of statistics: is the answer in the prompt's language? */
async function eldOnLanguages(): Promise<Record<string, number>> {
  const { eld } = await import("eld/medium");
  const examples = labelledSubjects().get("language")!; // the scorer is in the set
  const found = examples.map(({ subject: { prompt, completion } }) => {
    return eld.detect(prompt.raw).language !== eld.detect(completion.raw).language;
  });
  return Object.fromEntries(Object.entries(measured("language", examples, found)).map(([name, value]) => [`${name}.eld`, value]));
}
