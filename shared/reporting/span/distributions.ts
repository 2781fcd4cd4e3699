import type { Baseline, ShareBaseline } from "../../monitoring/baseline.ts";
import { binName } from "../../monitoring/shares.ts";
import { signalNamed } from "../../monitoring/signals/registry.ts";
import { emptySummary, type Histogram, type Summary } from "../../monitoring/summary.ts";
import { emptyWindow } from "../../monitoring/windowRecord.ts";
import { countBins } from "../../statistics/bins.ts";
import type { Distribution } from "../report.ts";
import type { Books, SpanFacts } from "./facts.ts";

/** As many as a reader looks at: the rest moved less. */
const shown = 6;

/**
 * How each score spread over the baseline's bins, beside the baseline, those first that moved most; where there is no baseline, over ten even
 * bins. A score that nobody got is not drawn.
 */
export function distributionsOf(baseline: Baseline | null, { variants, total }: Books): Distribution[] {
  const compared = Object.entries(baseline?.shares ?? {}).flatMap(([key, shares]) => {
    const [signal, variant] = key.split("/") as [string, string | undefined];
    const summary = variant === undefined ? total : variants.get(variant);
    return summary === undefined ? [] : (comparedWith(signal, variant ?? "all", shares, summary) ?? []);
  });
  if (compared.length > 0) return compared.sort((a, b) => distance(b) - distance(a)).slice(0, shown);
  return Object.keys(total.scores)
    .slice(0, shown)
    .map((score) => ({
      kind: "distribution" as const,
      caption: `Score ${score}: how many answers got what. There is no baseline to compare with.`,
      bins: Array.from({ length: 10 }, (_, k) => `${(k / 10).toFixed(1)} to ${((k + 1) / 10).toFixed(1)}`),
      baseline: null,
      variants: [...variants].map(([name, { scores }]) => evenly(name, scores[score] ?? {})),
    }));
}

function comparedWith(
  signal: string,
  variant: string,
  { binning, counts }: ShareBaseline,
  summary: Summary,
): Distribution | null {
  const window = { ...emptyWindow("", "", variant), summary: { ...emptySummary(), ...summary } };
  const { countsOf, shape } = signalNamed(signal);
  const now = countBins(binning, countsOf(window));
  const [n, n0] = [sum(now), sum(counts)];
  if (n === 0 || n0 === 0 || shape === "rate") return null; // of two bins a table says more: `ratesOf`
  return {
    kind: "distribution",
    caption: `${signal}, ${variant === "all" ? "all variants" : variant}: shares of its bins beside the baseline (the lines).`,
    bins: counts.map((_, bin) => binName({ shape }, binning, bin)),
    baseline: counts.map((count) => count / n0),
    variants: [{ name: variant, shares: now.map((count) => count / n), n }],
  };
}

/** How often something bad happened, in the baseline and now: those first that moved most. */
export function ratesOf(baseline: Baseline | null, { variants, total }: Books): SpanFacts["rates"] {
  return Object.entries(baseline?.shares ?? {})
    .flatMap(([key, { binning, counts }]) => {
      const [signal, variant] = key.split("/") as [string, string | undefined];
      const summary = variant === undefined ? total : variants.get(variant);
      const { shape, countsOf } = signalNamed(signal);
      if (shape !== "rate" || summary === undefined) return [];
      const { bad = 0, fine = 0 } = countsOf({ ...emptyWindow("", "", ""), summary });
      const before = counts.reduce((all, n, bin) => (binName({ shape }, binning, bin) === "bad" ? all + n : all), 0);
      const [n, n0] = [bad + fine, sum(counts)];
      return n === 0 || n0 === 0 ? [] : [{ signal, variant: variant ?? null, before: before / n0, now: bad / n, n }];
    })
    .sort((a, b) => Math.abs(b.now - b.before) - Math.abs(a.now - a.before));
}

/** Total variation: the share of answers that would have to move. */
function distance({ baseline, variants }: Distribution): number {
  return Math.max(
    ...variants.map(({ shares }) => shares.reduce((d, share, k) => d + Math.abs(share - (baseline?.[k] ?? 0)), 0) / 2),
  );
}

function evenly(name: string, histogram: Histogram): Distribution["variants"][number] {
  const counts = new Array<number>(10).fill(0);
  for (const [hundredth, count] of Object.entries(histogram))
    counts[Math.min(9, Math.max(0, Math.floor(Number(hundredth) / 10)))]! += count;
  const n = sum(counts);
  return { name, shares: counts.map((count) => (n === 0 ? 0 : count / n)), n };
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
