import { scorers } from "../shared/scoring/registry.ts";
import { labelledSubjects } from "../test/shared/scoring/labelled.ts";
import type { Bench } from "./bench.ts";

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

/** The same question of a detector of languages with megabytes of statistics: is the answer in the prompt's language? */
async function eldOnLanguages(): Promise<Record<string, number>> {
  const { eld } = await import("eld/medium");
  const examples = labelledSubjects().get("language")!; // the scorer is in the set
  const found = examples.map(({ subject: { prompt, completion } }) => {
    return eld.detect(prompt.raw).language !== eld.detect(completion.raw).language;
  });
  return Object.fromEntries(Object.entries(measured("language", examples, found)).map(([name, value]) => [`${name}.eld`, value]));
}
