import { type AlarmRule, applyFold, leadingBet, newRule } from "../statistics/alarmRule.ts";
import { gradeBets } from "../statistics/bets.ts";
import {
  type Binning,
  type BinReference,
  binEvidence,
  binOfValue,
  binReferences,
  binsOfCategories,
  binsOfNumbers,
  countBins,
  hitEvidence,
  rateTolerance,
  type ValueCounts,
} from "../statistics/bins.ts";
import type { Evidence } from "../statistics/gradeEvidence.ts";
import { logMeanExp } from "../statistics/logSpace.ts";
import { z95 } from "../statistics/normal.ts";
import { overdispersion, overdispersionAt } from "../statistics/overdispersion.ts";
import type { Threshold } from "../statistics/thresholds.ts";
import { wilson } from "../statistics/wilson.ts";
import type { Baseline, ShareBaseline } from "./baseline.ts";
import { worstSince } from "./examples.ts";
import type { RuleState } from "./monitorState.ts";
import type { Rule } from "./rules.ts";
import { inputMix } from "./signals/questions.ts";
import { signalNamed } from "./signals/registry.ts";
import type { Signal } from "./signals/signal.ts";
import { measureOf } from "./summary.ts";
import type { JudgedRow, WindowRecord } from "./windowRecord.ts";

export type SharesRule = Extract<Rule, { kind: "shares" }>;
export type SharesState = Extract<RuleState, { kind: "shares" }>;

/** Largest harmless change of one bin's share (docs/statistics.md, "Bins"). */
const shareTolerance = 0.02;
/** Fewer windows cannot tell how much windows differ (docs/statistics.md, "Overdispersion"). */
export const enoughWindows = 48;
/** A rate has two bins: how often it happened, and how often it did not. */
const rateBins: Binning = { kind: "categories", categories: ["bad"] };

/** Occurrences of every value in some windows. */
export function countsOf(signal: Signal, records: readonly WindowRecord[]): ValueCounts {
  const totals: Record<string, number> = Object.create(null); // a segment may be called "constructor"
  for (const record of records)
    for (const [value, n] of Object.entries(signal.countsOf(record))) totals[value] = (totals[value] ?? 0) + n;
  return totals;
}

/**
 * What a signal's shares are held against.
 * @param shape   of the signal
 * @param windows what occurred in each window (of each variant, where each has a rule of its own)
 * @param wholeDays those of them that make up whole days, hour by hour: only they can tell how much a day's windows differ
 * @returns `null` where nothing occurred
 */
export function shareBaseline(
  shape: Signal["shape"],
  windows: readonly ValueCounts[],
  wholeDays: readonly (readonly ValueCounts[])[],
): ShareBaseline | null {
  const totals: Record<string, number> = Object.create(null);
  for (const counts of windows) for (const [value, n] of Object.entries(counts)) totals[value] = (totals[value] ?? 0) + n;
  if (total(Object.values(totals)) === 0) return null;
  const binning = binningOf(shape, totals);
  const counts = countBins(binning, totals);
  const hours = wholeDays.map((hour) => hour.map((own) => countBins(binning, own)).filter((bins) => total(bins) > 0));
  const known = hours.flat();
  return { binning, counts, windows: known.length, dispersion: known.length < enoughWindows ? null : dispersionOf(hours) };
}

/**
 * How much windows differ, or hours where that is more. What goes up and down over a day moves the windows of an hour alike, and their
 * evidence adds up: measured window by window it would look like a change every day.
 */
function dispersionOf(hours: readonly (readonly number[][])[]): ShareBaseline["dispersion"] {
  const of = (spans: readonly number[][]) => ({
    D: overdispersion(spans),
    meanAnswers: spans.reduce((sum, bins) => sum + total(bins), 0) / spans.length,
  });
  const filled = hours.filter((hour) => hour.length > 0);
  const byHour = of(filled.map((hour) => hour[0]!.map((_, bin) => total(hour.map((bins) => bins[bin]!)))));
  const byWindow = of(hours.flat());
  return byHour.D > byWindow.D ? byHour : byWindow;
}

function binningOf(shape: Signal["shape"], totals: ValueCounts): Binning {
  switch (shape) {
    case "rate":
      return rateBins;
    case "names":
      return binsOfCategories(totals);
    case "scores":
    case "measure":
      return binsOfNumbers(totals);
  }
}

/**
 * The baseline of a rule: its variant's own, or that of all variants, which a new one is held against. How long answers are and take has
 * no good direction, so there a new variant is not held against others.
 */
export function sharesReference(
  { signal, variant }: SharesRule,
  { segments, shares }: Pick<Baseline, "segments" | "shares">,
): ShareBaseline | null {
  if (signal === inputMix.name) return segments;
  const of = (key: string) => (Object.hasOwn(shares, key) ? shares[key]! : null);
  const own = variant === null ? null : of(`${signal}/${variant}`);
  return own ?? (variant !== null && signalNamed(signal).shape === "measure" ? null : of(signal));
}

/** A rule that has seen nothing, of one whose signal the baseline knows or does not know. */
export function newSharesRule(rule: SharesRule, baseline: ShareBaseline | null): SharesState {
  const bets =
    signalNamed(rule.signal).shape === "rate" ? gradeBets.length : 2 * gradeBets.length * (baseline?.counts.length ?? 0);
  return { kind: "shares", rule: newRule(bets), since: [], worst: [] };
}

/**
 * Adds one window to its rule. Of a rate only more is evidence.
 * @param records of the rule's variant, or of all
 * Source: docs/statistics.md, "Bins" and "Rates"
 */
export function foldShares(
  before: SharesState,
  fold: number,
  { signal: name }: SharesRule,
  records: readonly WindowRecord[],
  { binning, counts, dispersion }: ShareBaseline,
  { lnA, alpha0 }: Threshold,
): SharesState {
  if (dispersion === null) return before;
  const signal = signalNamed(name);
  const now = countBins(binning, countsOf(signal, records));
  const n = total(now);
  if (n === 0 && before.rule.lnR === null) return before;
  const Dt = overdispersionAt(n, dispersion.D, dispersion.meanAnswers);
  const rule = applyFold(
    before.rule,
    fold,
    evidenceOfShares(signal, referencesOf(signal, counts, dispersion.D, alpha0), now, Dt),
    lnA,
  );
  const rows = records.flatMap((record) => record.rows);
  const worst = examplesNow(before, rule, signal, binning, fold, rows);
  return { kind: "shares", rule, since: sinceOnsets(before, rule, now), worst };
}

/** What shows the change: the lowest scores, or the lowest grades of the share that grew most. */
function examplesNow(
  before: SharesState,
  rule: AlarmRule,
  { gradeOf, countedAs }: Signal,
  binning: Binning,
  fold: number,
  rows: readonly JudgedRow[],
): SharesState["worst"] {
  if (gradeOf !== undefined) return worstSince(before.worst, leadingBet(rule)?.since ?? fold, fold, rows, gradeOf);
  const grown = growing(rule);
  if (countedAs === undefined || grown === null) return [];
  const known = growing(before.rule)?.bin === grown.bin ? before.worst : [];
  return worstSince(known, grown.since, fold, rows, (row) => {
    const value = countedAs(row);
    const grades = Object.values(row.y);
    if (value === undefined || grades.length === 0 || binOfValue(binning, value) !== grown.bin) return null;
    return total(grades) / grades.length;
  });
}

/** The bin with most evidence that its share grew, and since when; `null` before any data. */
function growing({ lnR, onset }: AlarmRule): { bin: number; since: number } | null {
  if (lnR === null) return null;
  const J = gradeBets.length;
  let most = 0;
  for (let bet = 0; bet < lnR.length; bet++) if (bet % (2 * J) < J && lnR[bet]! > lnR[most]!) most = bet; // as `binEvidence` orders them
  return { bin: Math.floor(most / (2 * J)), since: onset[most]! };
}

function referencesOf({ shape }: Signal, counts: readonly number[], D: number, alpha0: number): BinReference[] {
  const delta = shape === "rate" ? rateTolerance(counts[0]! / total(counts)) : shareTolerance;
  return binReferences(counts, D, delta, alpha0);
}

function evidenceOfShares({ shape }: Signal, references: readonly BinReference[], now: readonly number[], Dt: number): Evidence {
  if (shape !== "rate") return binEvidence(references, now, Dt);
  const n = total(now);
  return { lnE: hitEvidence(now[0]!, n, references[0]!.mUp, Dt), records: n };
}

/** One entry for each fold that is an onset now: what was there before, or nothing, and what came with this fold. */
function sinceOnsets(before: SharesState, { onset }: AlarmRule, now: readonly number[]): SharesState["since"] {
  return [...new Set(onset)].map((fold) => {
    const known = before.since.find((entry) => entry.fold === fold)?.counts;
    return { fold, counts: known === undefined ? [...now] : known.map((count, bin) => count + now[bin]!) };
  });
}

/**
 * What moved most since the shares began to move: of a rate how often it happens, else the bin that moved most; and, of what is no rate,
 * all bins that moved, the largest move first.
 */
export type ShareChange = {
  fold: number;
  bin: string;
  was: number;
  share: number;
  lower: number;
  upper: number;
  moved: { segment: string; size: number }[];
};

/**
 * @param lnA see thresholds.ts: a bin whose own evidence reaches it has moved, whatever became of the others
 * @returns `null` before any data
 */
export function shareChangeOf(
  { rule, since }: SharesState,
  { signal: name }: SharesRule,
  { binning, counts, dispersion }: ShareBaseline,
  lnA: number,
): ShareChange | null {
  const leading = leadingBet(rule);
  if (leading === null) return null;
  const now = since.find(({ fold }) => fold === leading.since)!.counts; // kept for every onset
  const [n, n0] = [total(now), total(counts)];
  const signal = signalNamed(name);
  const moves = now.map((count, bin) => ({ bin, share: count / n, was: counts[bin]! / n0 }));
  const most =
    signal.shape === "rate" ? moves[0]! : moves.reduce((a, b) => (Math.abs(b.share - b.was) > Math.abs(a.share - a.was) ? b : a));
  const { low, high } = wilson(most.share, n / (dispersion?.D ?? 1), z95);
  return {
    fold: leading.since,
    bin: binName(signal, binning, most.bin),
    was: most.was,
    share: most.share,
    lower: low,
    upper: high,
    moved:
      signal.shape === "rate"
        ? []
        : moves
            .filter((move) => move === most || logMeanExp(betsOf(rule, move.bin)) >= lnA)
            .sort((a, b) => Math.abs(b.share - b.was) - Math.abs(a.share - a.was))
            .map((move) => ({ segment: binName(signal, binning, move.bin), size: move.share - move.was })),
  };
}

/** ln R of all bets on one bin, both directions, as `binEvidence` orders them. */
function betsOf({ lnR }: AlarmRule, bin: number): number[] {
  const bets = 2 * gradeBets.length;
  return lnR!.slice(bin * bets, (bin + 1) * bets); // there is evidence
}

/** How a bin is called. */
export function binName({ shape }: Pick<Signal, "shape">, binning: Binning, bin: number): string {
  const inText = (text: string) =>
    shape === "measure" ? Math.floor(measureOf(Number(text))).toLocaleString("en") : (Number(text) / 100).toFixed(2);
  if (binning.kind === "categories") {
    const name = binning.categories[bin];
    if (name === undefined) return shape === "names" ? "what was new or rare" : "other values";
    return shape === "names" || shape === "rate" ? name : `about ${inText(name)}`;
  }
  const [from, to] = [binning.edges[bin - 1], binning.edges[bin]];
  if (from === undefined) return `up to ${inText(String(to))}`;
  return to === undefined ? `over ${inText(String(from))}` : `${inText(String(from))} to ${inText(String(to))}`;
}

function total(counts: readonly number[]): number {
  return counts.reduce((a, b) => a + b, 0);
}
