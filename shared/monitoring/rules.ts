import type { Assay, FalseAlarms } from "../config/assay.ts";
import { criteriaOf } from "../judging/rubric.ts";
import { scorers } from "../scoring/registry.ts";
import { type Threshold, thresholdOf } from "../statistics/thresholds.ts";
import { signalNamed, signalNames } from "./signals/registry.ts";
import { isOfVariant } from "./signals/signal.ts";
import { windowMs } from "./windows.ts";

/** One alarm rule of an endpoint. */
export type Rule =
  /** Mean grade of one variant, both directions. */
  | { kind: "judged"; variant: string; criterion: string }
  /** The judge's grades of the anchors, both directions. */
  | { kind: "judge"; criterion: string }
  /** Shares of something of all traffic, see signals/: of one variant, or over all of them (`null`). */
  | { kind: "shares"; signal: string; variant: string | null }
  /** Captures of one variant, beside its requests: folded by the hour, see coverage.ts. */
  | { kind: "capture"; variant: string };

/** Of what an endpoint has rules. */
export type Watched = {
  variants: readonly string[];
  /** Criteria of its judge. Without any only its captures are watched. */
  criteria: readonly string[];
  /** Names of what else is watched, see signals/registry.ts. */
  signals: readonly string[];
};

/** Whether the answers of a variant count for a rule: its own, or that of all (`null`) which are watched. A shadow is asked what another one was. */
export function countsFor(rule: { variant: string | null }, variant: string, { variants }: Pick<Watched, "variants">): boolean {
  return rule.variant === null ? variants.includes(variant) : rule.variant === variant;
}

/** What the monitor of one endpoint needs to know of the configuration. */
export type MonitorSettings = Watched & {
  windowMs: number;
  /** Largest change of the mean grade that nobody cares about. */
  tolerance: number;
  /** What one step of the rules of judged grades is: a window, or a whole day where quality wanders within the day. */
  fold: "window" | "day";
  falseAlarms: FalseAlarms;
  /** Of the whole fleet. */
  fleetRules: FleetRules;
};

/** How many rules share a budget of false alarms: those of judged grades one half of it, and all others the other half. */
export type FleetRules = { judged: number; others: number };

/** How far the evidence of each kind of rule must go. */
export type Thresholds = Record<Rule["kind"], Threshold>;

/** Every rule of an endpoint, in a fixed order: what comes in first, then the judge, then the answers. */
export function rulesOf({ variants, criteria, signals }: Watched): Rule[] {
  const captures = variants.map((variant) => ({ kind: "capture", variant }) as const);
  if (criteria.length === 0) return captures;
  const shares = signals.map(signalNamed);
  return [
    ...shares
      .filter((signal) => !isOfVariant(signal))
      .map(({ name }) => ({ kind: "shares", signal: name, variant: null }) as const),
    ...criteria.map((criterion) => ({ kind: "judge", criterion }) as const),
    ...variants.flatMap((variant) => [
      ...criteria.map((criterion) => ({ kind: "judged", variant, criterion }) as const),
      ...shares.filter(isOfVariant).map(({ name }) => ({ kind: "shares", signal: name, variant }) as const),
    ]),
    ...captures,
  ];
}

/** Names a rule within its endpoint. Neither variants, criteria nor signals can contain a slash. */
export function ruleId(rule: Rule): string {
  switch (rule.kind) {
    case "judged":
      return `judged/${rule.variant}/${rule.criterion}`;
    case "judge":
      return `judge/${rule.criterion}`;
    case "shares":
      return rule.variant === null ? rule.signal : `${rule.signal}/${rule.variant}`;
    case "capture":
      return `capture/${rule.variant}`;
  }
}

/** The variant whose grades a rule of this id watches; `null` where it watches another thing. */
export function variantOfRule(id: string): string | null {
  const [kind, variant] = id.split("/");
  return kind === "judged" ? variant! : null;
}

/** What a rule watches, as people and metrics name it. The judge's grades of `quality` are simply `judge`. */
export function signalOf(rule: Rule): string {
  switch (rule.kind) {
    case "judged":
      return rule.criterion;
    case "judge":
      return rule.criterion === "quality" ? "judge" : `judge-${rule.criterion}`;
    case "shares":
      return rule.signal;
    case "capture":
      return "capture";
  }
}

/** What is watched of an endpoint that assay.yml lists. */
function watchedOf({ variants, segment, judge, latency, scorers: { off, rules, plugIns } }: Assay["endpoints"][string]): Watched {
  const scores = [
    ...scorers.map(({ name }) => name).filter((name) => !off.includes(name)),
    ...Object.keys(rules),
    ...Object.keys(plugIns),
  ];
  return {
    variants,
    criteria: judge === null ? [] : criteriaOf(judge),
    signals: judge === null ? [] : signalNames(segment !== null, scores, latency.attribute !== null),
  };
}

/** The monitor's settings of an endpoint by assay.yml; `null` where it is not listed or has no judge: then it has no monitor. */
export function monitorSettings(assay: Assay, endpoint: string): MonitorSettings | null {
  const settings = Object.hasOwn(assay.endpoints, endpoint) ? assay.endpoints[endpoint]! : null;
  if (settings === null || settings.judge === null) return null;
  const { tolerance, fold } = settings.quality;
  return { ...watchedOf(settings), windowMs, tolerance, fold, falseAlarms: assay.falseAlarms, fleetRules: fleetRules(assay) };
}

/** How many rules the fleet has: what its budget of false alarms is shared by. */
export function fleetRules(assay: Assay): FleetRules {
  return countRules(Object.values(assay.endpoints).map(watchedOf));
}

/** How many rules some endpoints have together. */
export function countRules(endpoints: readonly Watched[]): FleetRules {
  const kinds = endpoints.flatMap((watched) => rulesOf(watched).map(({ kind }) => kind));
  const judged = kinds.filter((kind) => kind === "judged").length;
  return { judged, others: kinds.length - judged };
}

/**
 * The false alarms that the rules of one kind may raise together. What is judged acts, and there is little of it: shared evenly with the
 * many cheap signals, it would be found later for their sake. Where there is nothing else, a kind has the whole budget.
 * Source: docs/statistics.md, "From a budget to a threshold"
 */
export function budgetShare(count: number, kind: keyof FleetRules, { judged, others }: FleetRules): number {
  return (kind === "judged" ? others : judged) === 0 ? count : count / 2;
}

/** The threshold of the rule that watches a variant's captures. */
export function captureThreshold(assay: Assay): Threshold {
  return thresholds({ falseAlarms: assay.falseAlarms, fleetRules: fleetRules(assay), windowMs, fold: "window" }).capture;
}

/**
 * Thresholds from the fleet's budget. Anchors are judged once a day and captures are compared once an hour, so their rules have fewer
 * folds to be wrong in.
 */
export function thresholds({
  falseAlarms: { count, days },
  fleetRules,
  windowMs,
  fold,
}: Pick<MonitorSettings, "falseAlarms" | "fleetRules" | "windowMs" | "fold">): Thresholds {
  const of = (kind: keyof FleetRules, folds: number) =>
    thresholdOf(budgetShare(count, kind, fleetRules), folds, Math.max(1, fleetRules[kind]));
  const windows = (days * dayMs) / windowMs;
  return {
    judged: of("judged", fold === "day" ? days : windows),
    shares: of("others", windows),
    judge: of("others", days),
    capture: of("others", days * 24),
  };
}

export const dayMs = 24 * 3_600_000;
