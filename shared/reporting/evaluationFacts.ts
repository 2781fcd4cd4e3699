import type { EvaluationResult, VariantResult } from "../evaluation/result.ts";
import type { ItemComparison, SideBySide } from "../evaluation/sideBySide.ts";
import type { TagComparison } from "../statistics/compareTags.ts";

/** What is said of every target, by row. */
export type Fact = { name: string; of: (target: VariantResult) => string };

const unknown = "—";
const usd = (value: number) => value.toPrecision(3);

/** The rows of a table of targets side by side. What was measured of none is left out. */
export function facts({ variants, byVariant }: EvaluationResult): Fact[] {
  const all = variants.map((variant) => byVariant[variant]!); // there is one for each
  const scores = [...new Set(all.flatMap(({ scores }) => Object.keys(scores).filter((name) => scores[name] !== null)))].sort();
  const rows: Fact[] = [
    { name: "answered", of: ({ answered }) => String(answered) },
    { name: "failed to answer", of: ({ modelErrors, unreadable }) => String(modelErrors + unreadable) },
    { name: "graded", of: ({ judgements }) => String(judgements.graded) },
    ...Object.keys(all[0]!.grades).map((criterion) => ({
      name: criterion,
      of: ({ grades }: VariantResult) => withInterval(grades[criterion] ?? null),
    })),
    ...scores.map((name) => ({ name, of: ({ scores }: VariantResult) => scores[name]?.toFixed(3) ?? unknown })),
    ...(["p50", "p90", "p95"] as const).map((q) => ({
      name: `${q} latency`,
      of: ({ latencyMs }: VariantResult) => (latencyMs ? `${Math.round(latencyMs[q])} ms` : unknown),
    })),
    {
      name: "tokens an answer",
      of: ({ answered, tokens }) =>
        answered === 0 ? unknown : String(Math.round((tokens.prompt + tokens.completion) / answered)),
    },
    {
      name: "1,000 good answers",
      of: ({ costPerThousandGood: cost }) => (cost ? `${usd(cost.usd)} USD (${usd(cost.lower)} to ${usd(cost.upper)})` : unknown),
    },
    { name: "judge", of: ({ judgeMicroUsd }) => `${(judgeMicroUsd / 1_000_000).toFixed(4)} USD` },
  ];
  return rows.filter(({ of }) => all.some((target) => of(target) !== unknown));
}

/** What each target is beside the first, criterion by criterion, then its tags that stand out, and what it costs. */
export function besideSentences(result: EvaluationResult): string[] {
  const first = result.variants[0]!; // there is one
  return Object.entries(result.besides).flatMap(([target, beside]) => [
    ...Object.entries(beside.criteria).map(([criterion, comparison]) => sentence(criterion, comparison, [first, target], result)),
    ...beside.tags.flatMap((tag) => tagSentence(tag, target)),
    ...costSentence(beside, first, target),
  ]);
}

function sentence(
  criterion: string,
  comparison: ItemComparison | null,
  [a, b]: [string, string],
  { tolerance, error }: Pick<EvaluationResult, "tolerance" | "error">,
): string {
  if (!comparison) return `${criterion}: no item was graded for both ${a} and ${b}.`;
  const { verdict, difference, lower, upper, n, wins, ties, losses, moreNeeded } = comparison;
  const says = {
    better: `${b} is better than ${a}`,
    worse: `${b} is worse than ${a}`,
    equivalent: `${a} and ${b} differ by less than ${tolerance}`,
    undecided:
      moreNeeded === null ? `${a} and ${b} cannot be told apart` : `undecided, about ${moreNeeded} more items would tell`,
  }[verdict];
  const interval = `${signed(difference)} (${Number((100 * (1 - error)).toFixed(2))} %: ${signed(lower)} to ${signed(upper)})`;
  return `${criterion}: ${says}: ${interval} on ${n} items, ${wins} better, ${ties} alike, ${losses} worse.`;
}

function tagSentence({ criterion, tag, verdict, difference, n }: TagComparison, target: string): string[] {
  return verdict === null ? [] : [`${criterion}, tag ${tag}: ${target} is ${verdict}: ${signed(difference)} on ${n} items.`];
}

function costSentence({ costRatio }: SideBySide, first: string, target: string): string[] {
  if (costRatio === null) return [];
  const { ratio, lower, upper } = costRatio;
  return [`cost: a good answer of ${target} costs ${usd(ratio)} (${usd(lower)} to ${usd(upper)}) times one of ${first}.`];
}

const withInterval = (mean: { mean: number; lower: number; upper: number } | null) =>
  mean ? `${mean.mean.toFixed(3)} (${mean.lower.toFixed(3)} to ${mean.upper.toFixed(3)})` : unknown;

const signed = (points: number) => `${points > 0 ? "+" : ""}${points.toFixed(4)}`;
