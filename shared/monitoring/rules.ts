import type { Assay, FalseAlarms } from "../config/assay.ts";
import { criteriaOf } from "../judging/rubric.ts";
import { type Threshold, thresholdOf } from "../statistics/thresholds.ts";
import { windowMs } from "./windows.ts";

/** One alarm rule of an endpoint. Every rule spends an equal share of the fleet's budget of false alarms. */
export type Rule =
  /** Mean grade of one variant, both directions. */
  | { kind: "judged"; variant: string; criterion: string }
  /** The judge's grades of the anchors, both directions. */
  | { kind: "judge"; criterion: string }
  /** Shares of the segments, over all variants. */
  | { kind: "input-mix" };

/** Of what an endpoint has rules. */
export type Watched = {
  variants: readonly string[];
  /** Criteria of its judge. Without any it has no rule. */
  criteria: readonly string[];
  /** Whether its requests name segments. */
  segmented: boolean;
};

/** What the monitor of one endpoint needs to know of the configuration. */
export type MonitorSettings = Watched & {
  windowMs: number;
  /** Largest change of the mean grade that nobody cares about. */
  tolerance: number;
  falseAlarms: FalseAlarms;
  /** Rules of the whole fleet. */
  fleetRules: number;
};

/** How far the evidence of each kind of rule must go. */
export type Thresholds = { judged: Threshold; judge: Threshold; inputMix: Threshold };

/** Every rule of an endpoint, the input mix first, in a fixed order. */
export function rulesOf({ variants, criteria, segmented }: Watched): Rule[] {
  if (criteria.length === 0) return [];
  return [
    ...(segmented ? [{ kind: "input-mix" } as const] : []),
    ...criteria.map((criterion) => ({ kind: "judge", criterion }) as const),
    ...variants.flatMap((variant) => criteria.map((criterion) => ({ kind: "judged", variant, criterion }) as const)),
  ];
}

/** Names a rule within its endpoint. Neither variants nor criteria can contain a slash. */
export function ruleId(rule: Rule): string {
  switch (rule.kind) {
    case "judged":
      return `judged/${rule.variant}/${rule.criterion}`;
    case "judge":
      return `judge/${rule.criterion}`;
    case "input-mix":
      return "input-mix";
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
    case "input-mix":
      return "input-mix";
  }
}

/** What is watched of an endpoint by assay.yml; `null` where it is not listed or has no judge: then it has no rule. */
function watchedOf(assay: Assay, endpoint: string): Watched | null {
  const settings = Object.hasOwn(assay.endpoints, endpoint) ? assay.endpoints[endpoint]! : null;
  if (settings === null || settings.judge === null) return null;
  const { variants, segment, judge } = settings;
  return { variants, criteria: criteriaOf(judge), segmented: segment !== null };
}

/** The monitor's settings of an endpoint by assay.yml; `null` where nothing of it is watched. */
export function monitorSettings(assay: Assay, endpoint: string): MonitorSettings | null {
  const watched = watchedOf(assay, endpoint);
  if (watched === null) return null;
  const { tolerance } = assay.endpoints[endpoint]!.quality;
  return { ...watched, windowMs, tolerance, falseAlarms: assay.falseAlarms, fleetRules: fleetRules(assay) };
}

/** How many rules the fleet has: what its budget of false alarms is shared by. The captures of every variant are watched, too. */
export function fleetRules(assay: Assay): number {
  return Object.entries(assay.endpoints).reduce((sum, [endpoint, { variants }]) => {
    const watched = watchedOf(assay, endpoint);
    return sum + variants.length + (watched === null ? 0 : rulesOf(watched).length);
  }, 0);
}

/** The threshold of the rule that watches a variant's captures, which has a fold an hour. */
export function captureThreshold(assay: Assay): Threshold {
  const { count, days } = assay.falseAlarms;
  return thresholdOf(count, days * 24, fleetRules(assay));
}

/**
 * Thresholds from the fleet's budget. Anchors are judged once a day, so their rule has fewer folds to be wrong in.
 * @throws RangeError for a fleet without rules
 */
export function thresholds({ falseAlarms: { count, days }, fleetRules, windowMs }: MonitorSettings): Thresholds {
  const perWindow = thresholdOf(count, (days * dayMs) / windowMs, fleetRules);
  return { judged: perWindow, inputMix: perWindow, judge: thresholdOf(count, days, fleetRules) };
}

export const dayMs = 24 * 3_600_000;
