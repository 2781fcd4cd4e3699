import type { GateVerdict } from "../evaluation/gates.ts";
import type { EvaluationResult } from "../evaluation/result.ts";
import { besideSentences, facts } from "./evaluationFacts.ts";

/** An evaluation as a page of Markdown, as the summaries of CI systems show it. Names and figures only, no text of an item. */
export function evaluationMarkdown(result: EvaluationResult, gates: readonly GateVerdict[]): string {
  const { id, variants, byVariant, items, unfinished, broken } = result;
  const marks = { passed: "✅ passed", failed: "❌ failed", unknown: "⚠️ not shown" } as const;
  const gateRows = gates.map(({ gate, outcome, because }) => row([gate, marks[outcome], because]));
  const counts = `${items} items, ${unfinished} of them unfinished; ${broken.count} lines left out.`;
  return [
    `## Evaluation ${plain(id)}`,
    "",
    ...(gates.length === 0 ? [] : [row(["gate", "", "because"]), row(["---", "---", "---"]), ...gateRows, ""]),
    ...besideSentences(result).map((said) => `- ${plain(said)}`),
    "",
    row(["", ...variants]),
    row(["---", ...variants.map(() => "---:")]),
    ...facts(result).map(({ name, of }) => row([name, ...variants.map((variant) => of(byVariant[variant]!))])), // there is one for each
    "",
    counts,
    "",
  ].join("\n");
}

const row = (cells: readonly string[]) => `| ${cells.map(plain).join(" | ")} |`;
/** Tags are the set's own words: they must not end a cell, or begin a link or an element. */
const plain = (text: string) => text.replaceAll(/[\r\n]+/g, " ").replaceAll(/[|<`[\]\\]/g, (sign) => `&#${sign.charCodeAt(0)};`);
