import { evidenceOf } from "../statistics/alarmRule.ts";
import { judgeShift } from "../statistics/anchors.ts";
import { enoughJudged } from "../statistics/estimate.ts";
import { z95 } from "../statistics/normal.ts";
import { wilson } from "../statistics/wilson.ts";
import { type Baseline, betaOf } from "./baseline.ts";
import { foldNumber } from "./judgedReference.ts";
import { type MonitoredRule, monitored } from "./monitor.ts";
import type { MonitorState, Needs, SignalLine, WindowFold } from "./monitorState.ts";
import { qualityOf } from "./quality.ts";
import { countsFor, type MonitorSettings, type Rule, ruleId, signalOf, type Thresholds, thresholds } from "./rules.ts";
import { countsOf, enoughWindows, sharesReference } from "./shares.ts";
import { signalNamed } from "./signals/registry.ts";

/** What is known of each rule's signal, in the order of `rulesOf`, once `fold` was folded. A rule that saw nothing yet has no line. */
export function linesOf(state: MonitorState, fold: WindowFold, baseline: Baseline, settings: MonitorSettings): SignalLine[] {
  const limits = thresholds(settings);
  return monitored(settings)
    .filter((rule) => Object.hasOwn(state.rules, ruleId(rule)))
    .map((rule) => lineOf(state, rule, fold, baseline, settings, limits));
}

/** How a signal stands, in words: what it lacks, where it cannot be compared yet. */
export function stateText({ state, needs }: Pick<SignalLine, "state" | "needs">): string {
  if (needs === undefined) return state === "needs_data" ? "needs data" : state;
  return needs.of === "baselines with its model" ? "needs a baseline with its model" : `needs ${needs.n} more ${needs.of}`;
}

function lineOf(
  state: MonitorState,
  rule: MonitoredRule,
  { window, records }: WindowFold,
  baseline: Baseline,
  settings: MonitorSettings,
  limits: Thresholds,
): SignalLine {
  const own = state.rules[ruleId(rule)]!; // linesOf has looked
  const evidence = evidenceOf(own.rule, limits[rule.kind].lnA);
  const line = { window, endpoint: state.endpoint, signal: signalOf(rule) };
  const isApart = "variant" in rule && rule.variant !== null && state.models[rule.variant]?.alike === false;
  const statusOf = (lacks: Needs | null): Pick<SignalLine, "state" | "needs"> => {
    const needs: Needs | null = isApart ? { n: 1, of: "baselines with its model" } : lacks;
    if (own.rule.alarmedAt !== null) return { state: "alarm" };
    return needs === null ? { state: "quiet" } : { state: "needs_data", needs };
  };
  if (rule.kind === "judged" && own.kind === "judged") {
    const { n, judged, estimate } = qualityOf(
      own,
      betaOf(baseline, rule.criterion),
      foldNumber(Date.parse(window), settings.windowMs),
      settings.windowMs,
    );
    const needs: Needs | null = !Object.hasOwn(baseline.criteria, rule.criterion)
      ? { n: enoughJudged, of: "judged answers in the baseline" }
      : estimate === null
        ? { n: Math.max(1, enoughJudged - judged), of: "judged answers" }
        : null;
    const figures = { estimate: estimate?.theta ?? null, lower: estimate?.low ?? null, upper: estimate?.high ?? null };
    return { ...line, variant: rule.variant, n, judged, ...figures, evidence, ...statusOf(needs) };
  }
  if (rule.kind === "judge") {
    const differences = Object.values(state.anchors.readings.at(-1)?.differences[rule.criterion] ?? {});
    const shift = judgeShift(differences);
    const [estimate, half] = shift === null ? [null, 0] : [shift.J, z95 * shift.seJ];
    const figures = {
      estimate,
      lower: estimate === null ? null : estimate - half,
      upper: estimate === null ? null : estimate + half,
    };
    const n = differences.length;
    return {
      ...line,
      variant: null,
      n,
      judged: n,
      ...figures,
      evidence,
      ...statusOf(shift === null ? { n: 2 - n, of: "anchors" } : null),
    };
  }
  const shares = rule as Extract<Rule, { kind: "shares" }>;
  const reference = sharesReference(shares, baseline);
  const signal = signalNamed(shares.signal);
  const counts = countsOf(
    signal,
    records.filter(({ variant }) => countsFor(shares, variant, settings)),
  );
  const n = Object.values(counts).reduce((a, b) => a + b, 0);
  const rate = signal.shape === "rate" && n > 0 ? (counts.bad ?? 0) / n : null;
  const interval = rate === null ? null : wilson(rate, n / (reference?.dispersion?.D ?? 1), z95);
  const figures = { estimate: rate, lower: interval?.low ?? null, upper: interval?.high ?? null };
  const needs: Needs | null =
    reference === null || reference.dispersion === null
      ? { n: enoughWindows - (reference?.windows ?? 0), of: "windows in the baseline" }
      : own.rule.lnR === null
        ? { n: 1, of: "answers" }
        : null;
  return { ...line, variant: shares.variant, n, judged: 0, ...figures, evidence, ...statusOf(needs) };
}
