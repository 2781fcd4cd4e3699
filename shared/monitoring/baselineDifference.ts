import { z95 } from "../statistics/normal.ts";
import type { Baseline, CriterionBaseline } from "./baseline.ts";
import { binName } from "./shares.ts";
import { inputMix } from "./signals/questions.ts";

/** Second minus first, in score points, with its 95 % interval. */
type MeanDifference = { difference: number; lower: number; upper: number };

/** What the second of two baselines has that is not the first's. */
export type BaselineDifference = {
  /** What else than the answers differs; then a difference of the means may be that of the judge, say. Empty: they are alike. */
  notAlike: ("endpoint" | "judge" | "scorers" | "model" | "window")[];
  /** Criterion → how its mean moved; `null` where either has none. */
  criteria: Record<string, MeanDifference | null>;
  /** Segment → its share of the answers in both, the largest move first. */
  segments: { segment: string; before: number; after: number }[];
  anchors: { before: number; after: number };
};

/**
 * What moved from one baseline to another. Intervals take them for independent; where their spans overlap, they are too wide.
 */
export function differenceOf(a: Baseline, b: Baseline): BaselineDifference {
  const criteria = [...new Set([...Object.keys(a.criteria), ...Object.keys(b.criteria)])].sort();
  return {
    notAlike: notAlike(a, b),
    criteria: Object.fromEntries(criteria.map((name) => [name, meanDifference(a.criteria[name], b.criteria[name])])),
    segments: segmentsOf(a, b),
    anchors: { before: a.anchors.length, after: b.anchors.length },
  };
}

function notAlike(a: Baseline, b: Baseline): BaselineDifference["notAlike"] {
  const pairs = {
    endpoint: [a.endpoint, b.endpoint],
    judge: [a.judgeVersion, b.judgeVersion],
    scorers: [a.system?.scorersVersion ?? null, b.system?.scorersVersion ?? null],
    model: [a.system?.models ?? null, b.system?.models ?? null],
    window: [a.windowMs, b.windowMs],
  };
  return Object.entries(pairs).flatMap(([what, [x, y]]) =>
    JSON.stringify(x) === JSON.stringify(y) ? [] : [what as keyof typeof pairs],
  );
}

function meanDifference(a: CriterionBaseline | undefined, b: CriterionBaseline | undefined): MeanDifference | null {
  if (a === undefined || b === undefined) return null;
  const difference = b.mu0 - a.mu0;
  const half = z95 * Math.hypot(a.se0, b.se0);
  return { difference, lower: difference - half, upper: difference + half };
}

function segmentsOf(a: Baseline, b: Baseline): BaselineDifference["segments"] {
  const [before, after] = [sharesOf(a), sharesOf(b)];
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((segment) => ({ segment, before: before.get(segment) ?? 0, after: after.get(segment) ?? 0 }))
    .sort((x, y) => Math.abs(y.after - y.before) - Math.abs(x.after - x.before) || (x.segment < y.segment ? -1 : 1));
}

function sharesOf({ segments }: Baseline): Map<string, number> {
  if (segments === null) return new Map();
  const { binning, counts } = segments;
  const n = counts.reduce((sum, count) => sum + count, 0);
  return new Map(counts.map((count, bin) => [binName(inputMix, binning, bin), n === 0 ? 0 : count / n]));
}
