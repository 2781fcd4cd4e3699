import Table from "cli-table3";
import type { EvaluationResult, VariantResult } from "../../shared/evaluation/result.ts";
import type { Comparison } from "../../shared/statistics/compare.ts";

/** The result as people read it: the verdict, what it rests on, and the variants side by side. */
export function asText(result: EvaluationResult): string {
  const { variants, byVariant, comparisons, broken } = result;
  const table = new Table({
    head: ["", ...variants],
    colAligns: ["left", ...variants.map(() => "right" as const)],
    style: { head: [], border: [] },
  });
  const row = (name: string, of: (variant: VariantResult) => string | number) =>
    table.push([name, ...variants.map((variant) => of(byVariant[variant]!))]); // there is one for each
  row("answered", ({ answered }) => answered);
  row("failed to answer", ({ modelErrors, unreadable }) => modelErrors + unreadable);
  row("graded", ({ judgements }) => judgements.graded);
  for (const criterion of Object.keys(byVariant[variants[0]!]!.grades)) {
    row(criterion, ({ grades }) => {
      const mean = grades[criterion];
      return mean ? `${mean.mean.toFixed(3)} (${mean.lower.toFixed(3)} to ${mean.upper.toFixed(3)})` : "—";
    });
  }
  row("p90 latency", ({ latencyMs }) => (latencyMs ? `${Math.round(latencyMs.p90)} ms` : "—"));
  row("judge", ({ judgeMicroUsd }) => `${(judgeMicroUsd / 1_000_000).toFixed(4)} USD`);
  const sentences = Object.entries(comparisons).map(([criterion, comparison]) => sentence(criterion, comparison, result));
  const left = broken.count > 0 ? [`${broken.count} lines of the golden set were left out.`] : [];
  return `${[...sentences, table.toString(), ...left, `Evaluation ${result.id}, concluded ${result.concludedAt}.`].join("\n")}\n`;
}

function sentence(
  criterion: string,
  comparison: Comparison | null,
  { variants: [a, b], tolerance, error }: EvaluationResult,
): string {
  if (!comparison) return `${criterion}: no item was graded for both variants.`;
  const { verdict, difference, lower, upper, n, wins, ties, losses } = comparison;
  const says = {
    better: `${b} is better than ${a}`,
    worse: `${b} is worse than ${a}`,
    equivalent: `${a} and ${b} differ by less than ${tolerance}`,
    undecided: "undecided, a larger golden set would tell",
  }[verdict];
  const interval = `${signed(difference)} (${Number((100 * (1 - error)).toFixed(2))} %: ${signed(lower)} to ${signed(upper)})`;
  return `${criterion}: ${says}: ${interval} on ${n} items, ${wins} better, ${ties} alike, ${losses} worse.`;
}

const signed = (points: number) => `${points > 0 ? "+" : ""}${points.toFixed(4)}`;
