import type { AlarmRule } from "../statistics/alarmRule.ts";
import { applyFold, evidenceOf, leadingBet, newRule, restart } from "../statistics/alarmRule.ts";
import { gradeBets } from "../statistics/bets.ts";
import { hitEvidence, rateTolerance } from "../statistics/bins.ts";
import { z95 } from "../statistics/normal.ts";
import { wilson } from "../statistics/wilson.ts";
import { findingId, type MonitorFinding } from "./finding.ts";
import { closedFinding } from "./monitor.ts";
import type { HourCounts } from "./summary.ts";
import type { WindowRecord } from "./windowRecord.ts";
import { hourMs, hourOf, iso } from "./windows.ts";

/**
 * What became of the requests of one hour of one variant. Exact from `captured` on: it is `read` + `quarantined`, and `read` is
 * `answered` + `modelErrors` + `inputOnly` + `outputOnly`. Requests and records are counted by different clocks.
 */
export type HourCoverage = HourCounts & {
  variant: string;
  /** The hour's start, ISO. */
  hour: string;
  /** As SageMaker counted them. */
  requests: number;
  /** Inferences that some adapter read. */
  read: number;
  /** Answers with scores: all of them. */
  scored: number;
  /** Answers with a grade, as far as they have one by now. */
  judged: number;
};

/** What is remembered of an endpoint's captures. Plain JSON, and as large after a year as after a day. */
export type CoverageState = {
  endpoint: string;
  /** Grows by one with every change. */
  version: number;
  /** The last hour that was looked at, ISO. */
  lastHour: string;
  /** What share of requests SageMaker is set to capture, in percent, and since when it was seen so; `null` until it was seen on. */
  capturing: { percentage: number; since: string } | null;
  variants: Record<string, VariantCoverage>;
  /** Open ones. */
  findings: MonitorFinding[];
  /** Those that the last hour closed: remediation is told until the next one that nothing is left to do. */
  ended: MonitorFinding[];
};

/** `since`: for each fold that is some bet's onset, what was counted since. */
type VariantCoverage = { rule: AlarmRule; since: { fold: number; requests: number; records: number }[] };

/** Capture is best effort: so many requests in a hundred may miss it, or fall on the other side of the hour. */
const bestEffort = 0.02;

/** Begins with the next whole hour: of this one nobody knows when its captures began to come here. */
export function startCoverage(endpoint: string, nowMs: number): CoverageState {
  return { endpoint, version: 1, lastHour: hourOf(nowMs), capturing: null, variants: {}, findings: [], ended: [] };
}

/**
 * Takes in how the endpoint is set now. Capture that is off after it was on stays expected: a new configuration that forgot it is a
 * way to lose it, too.
 * @param percentage `null`: off
 */
export function seeCapturing(state: CoverageState, percentage: number | null, nowMs: number): CoverageState {
  if (percentage === null || percentage === state.capturing?.percentage) return state;
  return { ...state, capturing: { percentage, since: iso(nowMs) } };
}

/** What the books of some windows say of an hour of a variant, beside the requests that SageMaker counted. */
export function coverageOf(hour: string, variant: string, requests: number, windows: readonly WindowRecord[]): HourCoverage {
  const sums = { answered: 0, captured: 0, inputOnly: 0, modelErrors: 0, outputOnly: 0, quarantined: 0, records: 0 };
  let judged = 0;
  for (const { summary, rows } of windows.filter((window) => window.variant === variant)) {
    const counts = Object.hasOwn(summary.hours, hour) ? summary.hours[hour]! : null;
    for (const name of Object.keys(sums) as (keyof HourCounts)[]) sums[name] += counts?.[name] ?? 0;
    judged += rows.filter(({ time }) => hourOf(Date.parse(time)) === hour).length;
  }
  const read = sums.captured - sums.quarantined;
  return { variant, hour, requests, ...sums, read, scored: sums.answered, judged };
}

/** Records per request that should have been captured: 1 is all of them. `null` where nothing was to be captured. */
export function coverage({ requests, records }: HourCoverage, { capturing }: CoverageState): number | null {
  const expected = (requests * (capturing?.percentage ?? 100)) / 100;
  return expected === 0 ? null : records / expected;
}

/**
 * Folds one hour of an endpoint. Requests without a record are the hits of a rate, whose harmless share follows from what SageMaker is
 * set to capture; where they become more frequent a finding is opened, and closed when an hour is whole again. An hour that is not after
 * the last one changes nothing.
 * @param hours of each variant, the same hour
 * @param lnA   see thresholds.ts, with one fold an hour
 * @returns the state, and the findings that were opened or closed
 * Source: docs/statistics.md, "Rates"
 */
export function foldHour(
  state: CoverageState,
  hours: readonly HourCoverage[],
  hour: string,
  lnA: number,
  nowMs: number,
): { state: CoverageState; findings: MonitorFinding[] } {
  const { capturing } = state;
  if (hour <= state.lastHour) return { state, findings: [] };
  const next: CoverageState = { ...state, lastHour: hour, ended: [] };
  // Before, SageMaker was set in another way, or nobody looked.
  if (capturing === null || Date.parse(hour) < Date.parse(capturing.since)) return { state: next, findings: [] };
  const changed: MonitorFinding[] = [];
  for (const own of hours) {
    const before = Object.hasOwn(state.variants, own.variant) ? state.variants[own.variant]! : null;
    const known = next.findings.find(({ variant }) => variant === own.variant);
    const m = harmlessShare(capturing.percentage);
    if (known !== undefined && own.requests > 0 && missing(own) <= m * own.requests) {
      const closed = closedFinding(known, `captures are whole again since ${hour}`, nowMs);
      changed.push(closed);
      next.ended = [...next.ended, closed];
      next.findings = next.findings.filter((other) => other !== known);
      next.variants = { ...next.variants, [own.variant]: { rule: restart(before!.rule), since: [] } }; // it has alarmed
      continue;
    }
    const after = foldVariant(before ?? { rule: newRule(gradeBets.length), since: [] }, own, m, lnA);
    next.variants = { ...next.variants, [own.variant]: after };
    if (after.rule.alarmedAt === null || known !== undefined) continue;
    const opened = findingOf(state.endpoint, own.variant, after, capturing.percentage, hour, lnA, nowMs);
    changed.push(opened);
    next.findings = [...next.findings, opened];
  }
  return { state: next, findings: changed };
}

/** How far the evidence has gone that captures of some variant are lost: 0 = none, 1 = alarm. `null` before the first whole hour. */
export function captureEvidence({ variants }: CoverageState, lnA: number): number | null {
  const evidence = Object.values(variants).map(({ rule }) => evidenceOf(rule, lnA));
  return evidence.length === 0 ? null : Math.max(...evidence);
}

function foldVariant(before: VariantCoverage, own: HourCoverage, m: number, lnA: number): VariantCoverage {
  const lnE = hitEvidence(missing(own), own.requests, m, 1);
  const rule = applyFold(before.rule, Date.parse(own.hour) / hourMs, { lnE, records: own.requests }, lnA);
  const since = [...new Set(rule.onset)].map((fold) => {
    const known = before.since.find((entry) => entry.fold === fold) ?? { requests: 0, records: 0 };
    return { fold, requests: known.requests + own.requests, records: known.records + own.records };
  });
  return { rule, since };
}

/** More records than requests are a matter of the two clocks. */
function missing({ requests, records }: HourCoverage): number {
  return Math.max(0, requests - records);
}

/** Largest harmless share of requests without a record: those that are not to be captured, and a quarter of the rarer kind. */
function harmlessShare(percentage: number): number {
  const p = percentage / 100;
  const tolerance = Math.max(bestEffort, rateTolerance(Math.min(p, 1 - p)));
  return 1 - p + Math.min(tolerance, p / 2);
}

function findingOf(
  endpoint: string,
  variant: string,
  { rule, since }: VariantCoverage,
  percentage: number,
  hour: string,
  lnA: number,
  nowMs: number,
): MonitorFinding {
  const id = `capture/${variant}`;
  const onset = leadingBet(rule)!.since; // an alarm has evidence
  const { requests, records } = since.find(({ fold }) => fold === onset)!; // kept for every onset
  const share = Math.min(1, records / requests);
  const { low, high } = wilson(share, requests, z95);
  const ofExpected = (captured: number) => captured / (percentage / 100) - 1;
  const from = iso(onset * hourMs);
  return {
    id: findingId(["monitor", endpoint, id, hour]),
    endpoint,
    variant,
    cause: "capture",
    signal: "capture",
    rules: [id],
    since: from,
    size: ofExpected(share),
    lower: ofExpected(low),
    upper: ofExpected(high),
    evidence: evidenceOf(rule, lnA),
    judged: 0,
    thetaAtAlarm: null,
    refLow: null,
    status: "open",
    openedAt: iso(nowMs),
    because:
      `${variant} got ${requests} requests since ${from}, of which SageMaker is to capture ${percentage} %, and ${records} were captured: ` +
      "look whether data capture is still on, its destination is this stack's, and no instance's disk is full",
  };
}
