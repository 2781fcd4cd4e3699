import { applyFold, evidenceOf, newRule } from "../statistics/alarmRule.ts";
import { anchorEvidence, anchorMargin, type JudgeShift } from "../statistics/anchors.ts";
import { differenceBets } from "../statistics/bets.ts";
import { type AnchorReading, differencesOf, spread } from "./anchors.ts";
import type { Baseline } from "./baseline.ts";
import type { MonitorFinding } from "./finding.ts";
import { foldNumber, type JudgedReference, judgedReference } from "./judgedReference.ts";
import { foldJudged, judgedSince, newJudgedRule } from "./judgedRule.ts";
import type { Alarm, AnchorMemory, MonitorState, RuleState, WindowFold } from "./monitorState.ts";
import { countsFor, dayMs, type MonitorSettings, type Rule, ruleId, rulesOf, type Thresholds, thresholds } from "./rules.ts";
import { foldShares, newSharesRule, sharesReference } from "./shares.ts";
import { iso } from "./windows.ts";

/** The window was folded before, or the state belongs to another baseline. Nothing was changed. */
export class FoldRefused extends Error {
  override readonly name = "FoldRefused";
}

/** Readings that are pooled where a cause is undecided: the first, and two more. */
const readingsKept = 3;

/** A monitor that has seen nothing. Its state is to be stored where there is none. */
export function startMonitor(endpoint: string, baseline: Baseline): MonitorState {
  return {
    endpoint,
    version: 1,
    baselineVersion: baseline.version,
    lastWindow: null,
    rules: {},
    waiting: [],
    findings: [],
    ended: [],
    anchors: { readings: [], spread: {}, shifts: {} },
    revision: null,
    models: {},
  };
}

/** The monitor with a new baseline: every rule starts anew, and what was found against the old one is closed. */
export function adoptBaseline(
  state: MonitorState,
  baseline: Baseline,
  nowMs: number,
): { state: MonitorState; closed: MonitorFinding[] } {
  const because = `baseline ${baseline.version} took the place of ${state.baselineVersion}`;
  const closed = state.findings.map(({ finding }) => closedFinding(finding, because, nowMs));
  const { lastWindow, version } = state;
  const ended = [...state.ended, ...closed];
  return { state: { ...startMonitor(state.endpoint, baseline), lastWindow, version: version + 1, ended }, closed };
}

/** The monitor once remediation was told of findings that ended. */
export function forgetEnded(state: MonitorState, told: readonly MonitorFinding[]): MonitorState {
  const ended = state.ended.filter(({ id }) => !told.some((finding) => finding.id === id));
  return ended.length === state.ended.length ? state : { ...state, version: state.version + 1, ended };
}

export function closedFinding(finding: MonitorFinding, because: string, nowMs: number): MonitorFinding {
  return { ...finding, status: "closed", closedAt: iso(nowMs), because };
}

/**
 * Folds one window into every rule of an endpoint. Pure: to repeat it, repeat it with the same fold; store what the fold
 * consists of before storing the state.
 * @param fold the window of each variant that has one; windows in order of time, each once
 * @returns the state, and the rules that have just alarmed (they wait in the state to be concluded)
 * @throws FoldRefused for a window that is not after the last one, or with another baseline than the state's
 * Source: docs/statistics.md, "The alarm"
 */
export function foldWindow(
  state: MonitorState,
  fold: WindowFold,
  baseline: Baseline,
  settings: MonitorSettings,
): { state: MonitorState; alarms: Alarm[] } {
  refuseUnlessNext(state, fold, baseline);
  const limits = thresholds(settings);
  const number = foldNumber(Date.parse(fold.window), settings.windowMs);
  const rules: MonitorState["rules"] = {};
  const alarms: Alarm[] = [];
  for (const rule of monitored(settings)) {
    const id = ruleId(rule);
    const before = state.rules[id] ?? newRuleState(rule, baseline);
    const after = foldRule(before, rule, number, fold, baseline, state.anchors, settings, limits);
    rules[id] = after;
    if (after.rule.alarmedAt !== null && before.rule.alarmedAt === null)
      alarms.push({
        rule: id,
        at: fold.window,
        evidence: evidenceOf(after.rule, limits[rule.kind].lnA),
        scale: rule.kind === "judged" ? (state.anchors.shifts[rule.criterion] ?? null) : null,
      });
  }
  const next = {
    ...state,
    version: state.version + 1,
    lastWindow: fold.window,
    rules,
    waiting: [...state.waiting, ...alarms].filter(({ rule }) => rule in rules),
  };
  return { state: next, alarms };
}

/**
 * Takes in one reading of the anchors. A reading that is not newer than the last one changes nothing.
 * Source: docs/statistics.md, "The judge"
 */
export function foldAnchors(
  state: MonitorState,
  reading: AnchorReading,
  baseline: Baseline,
  settings: MonitorSettings,
): { state: MonitorState; alarms: Alarm[] } {
  const last = state.anchors.readings.at(-1);
  if (last !== undefined && Date.parse(reading.time) <= Date.parse(last.time)) return { state, alarms: [] };
  const { judge: threshold } = thresholds(settings);
  const rules = { ...state.rules };
  const alarms: Alarm[] = [];
  const differences: Record<string, Record<string, number>> = {};
  const spreads = { ...state.anchors.spread };
  for (const rule of monitored(settings)) {
    if (rule.kind !== "judge") continue;
    const { criterion } = rule;
    const own = differencesOf(reading, criterion);
    const values = Object.values(own);
    if (values.length < 2) continue; // Of one anchor nobody knows how much it varies.
    differences[criterion] = own;
    const sd = baseline.anchorSpread[criterion] ?? spreads[criterion] ?? spread(values);
    spreads[criterion] = sd;

    const id = ruleId(rule);
    const before = rules[id] ?? newRuleState(rule, baseline);
    const { J, seJ } = state.anchors.shifts[criterion] ?? { J: 0, seJ: 0 };
    const K = values.length;
    const margin = anchorMargin(Math.sqrt(sd * sd + K * seJ * seJ), K, threshold.z0);
    const moved = values.map((d) => Math.min(1, Math.max(-1, d - J)));
    // Numbered by days: the budget of false alarms counts one fold a day, so a second reading of a day decides nothing here.
    const day = Math.floor(Date.parse(reading.time) / dayMs);
    const after = applyFold(before.rule, day, anchorEvidence(moved, Math.min(1, margin)), threshold.lnA);
    rules[id] = { kind: "judge", rule: after };
    if (after.alarmedAt !== null && before.rule.alarmedAt === null)
      alarms.push({
        rule: id,
        at: reading.time,
        evidence: evidenceOf(after, threshold.lnA),
        scale: state.anchors.shifts[criterion] ?? null,
      });
  }
  const readings = [...state.anchors.readings, { time: reading.time, differences }].slice(-readingsKept);
  const anchors: AnchorMemory = { ...state.anchors, readings, spread: spreads };
  const waiting = [...state.waiting, ...alarms];
  return { state: { ...state, version: state.version + 1, rules, anchors, waiting }, alarms };
}

/**
 * Whether the anchors should be judged again now: once a day, at once where an alarm waits for it, and for an undecided finding when
 * twice as many answers were judged as when it was last looked at: before, a reading could not tell more.
 */
export function anchorsDue(state: MonitorState, { anchors }: Baseline, nowMs: number): boolean {
  if (!anchors.some(({ prompt, completion }) => prompt !== null && completion !== null)) return false;
  const last = state.anchors.readings.at(-1);
  if (last === undefined) return true;
  const day = (timeMs: number) => Math.floor(timeMs / dayMs);
  if (day(Date.parse(last.time)) < day(nowMs)) return true;
  const unread = ({ rule, at }: Alarm) => state.rules[rule]?.kind === "judged" && readingsSince(state, at).length === 0;
  return (
    state.waiting.some(unread) ||
    state.findings.some(({ finding, undecided }) => {
      if (undecided === null || finding.cause !== "undecided") return false;
      const rule = state.rules[undecided.alarm.rule];
      return unread(undecided.alarm) || (rule?.kind === "judged" && judgedSince(rule) >= 2 * undecided.judged);
    })
  );
}

/** The readings that can tell what made an alarm: those since its window began. */
export function readingsSince({ anchors }: MonitorState, at: string): AnchorMemory["readings"] {
  return anchors.readings.filter(({ time }) => Date.parse(time) >= Date.parse(at));
}

export type MonitoredRule = Exclude<Rule, { kind: "capture" }>;

/** Captures are compared with requests elsewhere: there is no window without them. */
export function monitored(settings: MonitorSettings): MonitoredRule[] {
  return rulesOf(settings).filter((rule) => rule.kind !== "capture");
}

function newRuleState(rule: MonitoredRule, baseline: Baseline): RuleState {
  switch (rule.kind) {
    case "judged":
      return newJudgedRule();
    case "judge":
      return { kind: "judge", rule: newRule(2 * differenceBets.length) };
    case "shares":
      return newSharesRule(rule, sharesReference(rule, baseline));
  }
}

/**
 * What a criterion's grades are held against; `null` where the baseline cannot say.
 * @param shift of the judge since the baseline
 */
export function referenceFor(
  criterion: string,
  { criteria, segments }: Baseline,
  shift: JudgeShift | null,
  settings: MonitorSettings,
): JudgedReference | null {
  const measured = Object.hasOwn(criteria, criterion) ? criteria[criterion]! : null;
  if (measured === null || segments === null) return null;
  return judgedReference(criterion, measured, shift, segments.binning, settings, thresholds(settings).judged);
}

function refuseUnlessNext(
  { lastWindow, baselineVersion, endpoint }: MonitorState,
  { window }: WindowFold,
  { version }: Baseline,
) {
  if (lastWindow !== null && Date.parse(window) <= Date.parse(lastWindow))
    throw new FoldRefused(
      `${endpoint}: window ${window} is not after ${lastWindow}, which was the last. Fold windows in order, once.`,
    );
  if (version !== baselineVersion)
    throw new FoldRefused(
      `${endpoint}: its monitor compares with baseline ${baselineVersion}, not ${version}. Adopt that one first.`,
    );
}

function foldRule(
  before: RuleState,
  rule: MonitoredRule,
  number: number,
  { records, late, apart = [] }: WindowFold,
  baseline: Baseline,
  anchors: AnchorMemory,
  settings: MonitorSettings,
  limits: Thresholds,
): RuleState {
  // Of another model than the baseline's the answers are not compared.
  if ("variant" in rule && rule.variant !== null && apart.includes(rule.variant)) return before;
  if (rule.kind === "judged" && before.kind === "judged") {
    const reference = referenceFor(rule.criterion, baseline, anchors.shifts[rule.criterion] ?? null, settings);
    if (reference === null) return before;
    const own = records.find(({ variant }) => variant === rule.variant) ?? null;
    const ownLate = late.filter(({ variant }) => variant === rule.variant);
    return foldJudged(before, number, own, ownLate, reference, limits.judged);
  }
  if (rule.kind === "shares" && before.kind === "shares") {
    const reference = sharesReference(rule, baseline);
    if (reference === null) return before;
    const own = records.filter(({ variant }) => countsFor(rule, variant, settings));
    return foldShares(before, number, rule, own, reference, limits.shares);
  }
  return before;
}
