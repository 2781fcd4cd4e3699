import Table from "cli-table3";
import type { EvaluationResult } from "../../shared/evaluation/result.ts";
import { besideSentences, facts } from "../../shared/reporting/evaluationFacts.ts";

/** The result as people read it: the verdicts, what they rest on, and the targets side by side. */
export function asText(result: EvaluationResult): string {
  const { variants, byVariant, broken, spared } = result;
  const table = new Table({
    head: ["", ...variants],
    colAligns: ["left", ...variants.map(() => "right" as const)],
    style: { head: [], border: [] },
  });
  for (const { name, of } of facts(result)) {
    table.push([name, ...variants.map((variant) => of(byVariant[variant]!))]); // there is one for each
  }
  const left = broken.count > 0 ? [`${broken.count} lines of the golden set were left out.`] : [];
  const saved = spared > 0 ? [`${spared} items were not asked any more, since it was decided.`] : [];
  const end = `Evaluation ${result.id}, concluded ${result.concludedAt}.`;
  return `${[...besideSentences(result), table.toString(), ...left, ...saved, end].join("\n")}\n`;
}
