import { leadingBet, restart } from "../statistics/alarmRule.ts";
import { attributeQuality, pooledShift, type QualityChange } from "./attributeQuality.ts";
import type { Baseline } from "./baseline.ts";
import type { Book } from "./conclude/book.ts";
import { concludeQuality, judgeMoved, newestReading } from "./conclude/quality.ts";
import { concludeShares } from "./conclude/shares.ts";
import { examplesOf } from "./examples.ts";
import type { MonitorFinding } from "./finding.ts";
import { restartJudged } from "./judgedRule.ts";
import { closedFinding, readingsSince } from "./monitor.ts";
import type { Alarm, MonitorState, RuleState } from "./monitorState.ts";
import { dayMs, type MonitorSettings, ruleId, rulesOf, thresholds } from "./rules.ts";
import { type SharesRule, shareChangeOf, sharesReference } from "./shares.ts";
import { signalNamed } from "./signals/registry.ts";
import { type Served, wasSpike } from "./strain.ts";
import { iso } from "./windows.ts";

export type Concluded = {
  state: MonitorState;
  /** Findings that were opened, decided or joined by another rule in this call; closed where an undecided one was the judge. */
  findings: MonitorFinding[];
};

/**
 * Concludes what the alarms mean, as far as it can be known by now. A quality alarm waits for a reading of the anchors that is
 * as new as itself; where judge and model still cannot be told apart, the finding is `undecided` and decided anew with each
 * later reading. Where a variant was slow for less than an hour, what was put down to its capacity becomes its model's. Call it after
 * every fold of a window or of anchors. With nothing to conclude, the state stays as it is.
 * @param served how the endpoint was served since its answers changed, see `changesToConclude`; `null`: nobody has looked
 * Source: docs/statistics.md, "Whose change is it"
 */
export function conclude(
  state: MonitorState,
  baseline: Baseline,
  settings: MonitorSettings,
  nowMs: number,
  served: Served | null = null,
): Concluded {
  const readable = baseline.anchors.length > 0 || state.anchors.readings.length > 0;
  return concludeWhere(
    state,
    baseline,
    settings,
    nowMs,
    served,
    (alarm) => !readable || readingsSince(state, alarm.at).length > 0,
  );
}

/** Concludes all alarms without waiting any longer for the anchors: at the end of a recording, or where the judge does not answer. */
export function concludeAll(
  state: MonitorState,
  baseline: Baseline,
  settings: MonitorSettings,
  nowMs: number,
  served: Served | null = null,
): Concluded {
  return concludeWhere(state, baseline, settings, nowMs, served, () => true);
}

/** Closes a finding, and its rules start anew. One that is not open changes nothing. */
export function closeFinding(
  state: MonitorState,
  id: string,
  because: string,
  nowMs: number,
): { state: MonitorState; finding: MonitorFinding | null } {
  const open = state.findings.find(({ finding }) => finding.id === id);
  if (open === undefined) return { state, finding: null };
  const closed: MonitorState = {
    ...state,
    version: state.version + 1,
    findings: state.findings.filter((other) => other !== open),
    rules: restartRules(state.rules, (rule) => open.finding.rules.includes(rule)),
  };
  return { state: closed, finding: closedFinding(open.finding, because, nowMs) };
}

function concludeWhere(
  before: MonitorState,
  baseline: Baseline,
  settings: MonitorSettings,
  nowMs: number,
  served: Served | null,
  ready: (alarm: Alarm) => boolean,
): Concluded {
  const rules = new Map(rulesOf(settings).map((rule) => [ruleId(rule), rule]));
  // All are attributed to the state as it is, before the first conclusion changes it.
  const attributed = (alarm: Alarm, again: MonitorFinding | null) => {
    const [rule, own] = [rules.get(alarm.rule), before.rules[alarm.rule]];
    if (rule?.kind !== "judged" || own?.kind !== "judged") return [];
    return [{ alarm, rule, again, change: attributeQuality(before, alarm, rule, own, baseline, settings, served) }];
  };
  const waiting = before.waiting.filter((alarm) => rules.get(alarm.rule)?.kind === "judged" && !ready(alarm));
  const due = before.waiting.filter((alarm) => !waiting.includes(alarm));
  const changes = [
    ...before.findings.flatMap(({ finding, undecided }) => {
      if (undecided === null) return [];
      const again = attributed(undecided.alarm, finding);
      if (finding.cause === "capacity") return again.filter(({ change }) => isModelsAfterAll(finding, change, served));
      const readAnew = newestReading(before, undecided.alarm) !== undecided.readAt;
      return again.filter(({ change }) => readAnew || clears(change));
    }),
    ...due.flatMap((alarm) => attributed(alarm, null)),
  ];
  if (due.length === 0 && changes.length === 0) return { state: before, findings: [] };

  const book: Book = { before, nowMs, served, findings: before.findings, said: new Map(), shifts: {} };
  const { lnA } = thresholds(settings).shares;
  const moved = due.flatMap((alarm) => {
    const [rule, own] = [rules.get(alarm.rule), before.rules[alarm.rule]];
    const reference = rule?.kind === "shares" ? sharesReference(rule, baseline) : null;
    if (rule?.kind !== "shares" || own?.kind !== "shares" || reference === null) return [];
    return [{ alarm, rule, own, change: shareChangeOf(own, rule, reference, lnA)! }]; // an alarm has evidence
  });
  // What came in first, since it may explain what came of it.
  const explains = ({ rule }: { rule: SharesRule }) => (signalNamed(rule.signal).tells === "traffic" ? 0 : 1);
  for (const { alarm, rule, own, change } of moved.sort((a, b) => explains(a) - explains(b)))
    concludeShares(book, alarm, rule, { ...change, ...examplesOf(own.worst) }, [...rules.values()], settings.windowMs);
  for (const { alarm, rule, again, change } of changes) concludeQuality(book, alarm, rule, again, change);
  for (const alarm of due) {
    const [rule, own] = [rules.get(alarm.rule), before.rules[alarm.rule]];
    const judge = rule?.kind === "judge" ? pooledShift(readingsSince(before, alarm.at), rule.criterion) : null;
    if (rule?.kind !== "judge" || own === undefined || judge === null) continue;
    const since = iso(leadingBet(own.rule)!.since * dayMs); // an alarm has evidence; its folds are days
    judgeMoved(book, rule.criterion, judge, since, alarm, [alarm.rule]);
  }

  const latched = new Set([...book.findings.flatMap(({ finding }) => finding.rules), ...waiting.map(({ rule }) => rule)]);
  const startsAnew = (id: string) => {
    const rule = rules.get(id);
    const onNewScale = rule !== undefined && "criterion" in rule && Object.hasOwn(book.shifts, rule.criterion);
    return onNewScale && !latched.has(id);
  };
  const state: MonitorState = {
    ...before,
    version: before.version + 1,
    rules: restartRules(before.rules, startsAnew),
    waiting,
    findings: book.findings,
    ended: [...before.ended, ...[...book.said.values()].filter(({ status }) => status === "closed")],
    anchors: { ...before.anchors, shifts: { ...before.anchors.shifts, ...book.shifts } },
  };
  return { state, findings: [...book.said.values()] };
}

/**
 * A change that is no fault of the answers may be accepted at any look: the rule starts anew, and finds what was overlooked. Each look
 * at whether it is the model could act wrongly, so there are only as many as readings.
 */
function clears({ cause }: QualityChange): boolean {
  return cause === "judge" || cause === "traffic";
}

/** That the answers changed is known by then: asked is only whether they were slow all the while, or for less than an hour. */
function isModelsAfterAll({ variant, since }: MonitorFinding, { cause }: QualityChange, served: Served | null): boolean {
  if (cause !== "model" && cause !== "model_everywhere") return false;
  return served !== null && wasSpike(served, variant!, Date.parse(since)); // answers are of a variant
}

function restartRules(rules: MonitorState["rules"], which: (id: string) => boolean): MonitorState["rules"] {
  const restarted = Object.entries(rules).map(([id, state]) => [id, which(id) ? restarting(state) : state] as const);
  return Object.fromEntries(restarted);
}

function restarting(state: RuleState): RuleState {
  switch (state.kind) {
    case "judged":
      return restartJudged(state);
    case "judge":
      return { kind: "judge", rule: restart(state.rule) };
    case "shares":
      return { kind: "shares", rule: restart(state.rule), since: [], worst: [] };
  }
}
