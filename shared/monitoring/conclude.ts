import { leadingBet, restart } from "../statistics/alarmRule.ts";
import type { JudgeShift } from "../statistics/anchors.ts";
import { z95 } from "../statistics/normal.ts";
import { wilson } from "../statistics/wilson.ts";
import { attributeQuality, pooledShift, type QualityChange } from "./attributeQuality.ts";
import type { Baseline } from "./baseline.ts";
import { findingId, type MonitorFinding } from "./finding.ts";
import { restartJudged } from "./judgedRule.ts";
import { closedFinding, readingsKept, readingsSince } from "./monitor.ts";
import type { Alarm, MonitorState, OpenFinding, RuleState } from "./monitorState.ts";
import { dayMs, type MonitorSettings, type Rule, ruleId, rulesOf, signalOf } from "./rules.ts";
import { binName } from "./segments.ts";
import { iso } from "./windows.ts";

export type Concluded = {
  state: MonitorState;
  /** Findings that were opened, or whose cause was decided, in this call. */
  findings: MonitorFinding[];
};

/**
 * Concludes what the alarms mean, as far as it can be known by now. A quality alarm waits for a reading of the anchors that is
 * as new as itself; where judge and model still cannot be told apart, the finding is `undecided` and decided anew with each of
 * the next two readings. Call it after every fold of a window or of anchors. With nothing to conclude, the state stays as it is.
 * Source: docs/statistics.md, "Whose change is it"
 */
export function conclude(state: MonitorState, baseline: Baseline, settings: MonitorSettings, nowMs: number): Concluded {
  const readable = baseline.anchors.length > 0 || state.anchors.readings.length > 0;
  return concludeWhere(state, baseline, settings, nowMs, (alarm) => !readable || readingsSince(state, alarm.at).length > 0);
}

/** Concludes all alarms without waiting any longer for the anchors: at the end of a recording, or where the judge does not answer. */
export function concludeAll(state: MonitorState, baseline: Baseline, settings: MonitorSettings, nowMs: number): Concluded {
  return concludeWhere(state, baseline, settings, nowMs, () => true);
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

type Attributed = { alarm: Alarm; rule: Extract<Rule, { kind: "judged" }>; change: QualityChange };

function concludeWhere(
  before: MonitorState,
  baseline: Baseline,
  settings: MonitorSettings,
  nowMs: number,
  ready: (alarm: Alarm) => boolean,
): Concluded {
  const rules = new Map(rulesOf(settings).map((rule) => [ruleId(rule), rule]));
  // All are attributed to the state as it is, before the first conclusion changes it.
  const attributed = (alarm: Alarm): Attributed[] => {
    const [rule, own] = [rules.get(alarm.rule), before.rules[alarm.rule]];
    if (rule?.kind !== "judged" || own?.kind !== "judged") return [];
    return [{ alarm, rule, change: attributeQuality(before, alarm, rule, own, baseline, settings) }];
  };
  const waiting = before.waiting.filter((alarm) => rules.get(alarm.rule)?.kind === "judged" && !ready(alarm));
  const due = before.waiting.filter((alarm) => !waiting.includes(alarm));
  const changes = due.flatMap(attributed);
  const readAgain = before.findings.flatMap((open) => {
    const { undecided } = open;
    const again = undecided !== null && readingsSince(before, undecided.alarm.at).length > undecided.readings;
    return again ? attributed(undecided.alarm).map((result) => ({ open, result })) : [];
  });
  if (due.length === 0 && readAgain.length === 0) return { state: before, findings: [] };

  let findings = before.findings;
  const shifts: Record<string, JudgeShift> = {};
  const said = new Map<string, MonitorFinding>();
  const say = (finding: MonitorFinding, undecided: OpenFinding["undecided"]) => {
    findings = [...findings.filter((other) => other.finding.id !== finding.id), { finding, undecided }];
    said.set(finding.id, finding);
  };
  const isOpen = (like: Pick<MonitorFinding, "cause"> & Partial<Pick<MonitorFinding, "signal">>) =>
    findings.find(({ finding }) => finding.cause === like.cause && (like.signal ?? finding.signal) === finding.signal);
  const join = ({ finding, undecided }: OpenFinding, rule: string) => {
    const joined = { ...finding, rules: [...new Set([...finding.rules, rule])] };
    findings = findings.map((other) => (other.finding.id === finding.id ? { finding: joined, undecided } : other));
    if (said.has(finding.id)) said.set(finding.id, joined);
  };
  const opened = ({ rule, at, evidence }: Alarm) => ({
    id: findingId(["monitor", before.endpoint, rule, at]),
    endpoint: before.endpoint,
    evidence,
    status: "open" as const,
    openedAt: iso(nowMs),
  });
  const judgeMoved = (criterion: string, judge: JudgeShift, since: string, alarm: Alarm, alarmed: string[]) => {
    const size = judge.J - (before.anchors.shifts[criterion]?.J ?? 0);
    shifts[criterion] = judge;
    const signal = signalOf({ kind: "judge", criterion });
    const known = isOpen({ cause: "judge", signal });
    for (const rule of alarmed) if (known !== undefined) join(known, rule);
    if (known !== undefined) return;
    const judged = Object.keys(before.anchors.readings.at(-1)?.differences[criterion] ?? {}).length;
    const figures = { size, lower: size - z95 * judge.seJ, upper: size + z95 * judge.seJ, judged };
    const because = `the judge's grades of the anchors moved by ${(100 * size).toFixed(1)} points; quality is compared on its new scale from now on`;
    const nothing = { thetaAtAlarm: null, refLow: null };
    say(
      { ...opened(alarm), variant: null, cause: "judge", signal, rules: alarmed, since, ...figures, ...nothing, because },
      null,
    );
  };

  for (const alarm of due) {
    const own = before.rules[alarm.rule];
    if (own?.kind === "input-mix") say({ ...opened(alarm), ...mixChange(own, baseline, settings), rules: [alarm.rule] }, null);
  }
  for (const { alarm, rule, change } of changes) {
    const { judge, direction: _, ...figures } = change;
    if (judge !== null) judgeMoved(rule.criterion, judge, change.since, { ...alarm, rule: `judge-of/${alarm.rule}` }, []);
    if (change.cause === "judge") continue;
    const sameCause = isOpen(change.cause === "traffic" ? { cause: "traffic" } : { cause: change.cause, signal: rule.criterion });
    const joins =
      change.cause === "traffic" ||
      (change.cause === "model_everywhere" && sameCause && sameCause.finding.size * change.size > 0);
    if (sameCause !== undefined && joins) {
      join(sameCause, alarm.rule);
      continue;
    }
    const variant = change.cause === "model_everywhere" ? null : rule.variant;
    const readings = readingsSince(before, alarm.at).length;
    const undecided = change.cause === "undecided" && readings < readingsKept ? { alarm, readings } : null;
    say({ ...opened(alarm), ...figures, variant, signal: rule.criterion, rules: [alarm.rule] }, undecided);
  }
  for (const { open, result } of readAgain) {
    const { alarm, rule, change } = result;
    const { judge, direction: _, ...figures } = change;
    const readings = readingsSince(before, alarm.at).length;
    if (judge !== null) shifts[rule.criterion] = judge;
    const undecided = change.cause === "undecided" && readings < readingsKept ? { alarm, readings } : null;
    const isJudge = change.cause === "judge";
    const variant = isJudge || change.cause === "model_everywhere" ? null : rule.variant;
    const signal = isJudge ? signalOf({ kind: "judge", criterion: rule.criterion }) : rule.criterion;
    const updated = { ...open.finding, ...figures, variant, signal, rules: isJudge ? [] : open.finding.rules };
    if (change.cause !== "undecided") say(updated, null);
    else findings = findings.map((other) => (other === open ? { finding: updated, undecided } : other));
  }
  for (const alarm of due) {
    const rule = rules.get(alarm.rule);
    const own = before.rules[alarm.rule];
    const judge = rule?.kind === "judge" ? pooledShift(readingsSince(before, alarm.at), rule.criterion) : null;
    if (rule?.kind !== "judge" || own === undefined || judge === null) continue;
    const since = iso((leadingBet(own.rule)?.since ?? 0) * dayMs);
    judgeMoved(rule.criterion, judge, since, alarm, [alarm.rule]);
  }

  const latched = new Set([...findings.flatMap(({ finding }) => finding.rules), ...waiting.map(({ rule }) => rule)]);
  const onNewScale = (id: string) => {
    const rule = rules.get(id);
    return rule !== undefined && rule.kind !== "input-mix" && Object.hasOwn(shifts, rule.criterion) && !latched.has(id);
  };
  const state: MonitorState = {
    ...before,
    version: before.version + 1,
    rules: restartRules(before.rules, onNewScale),
    waiting,
    findings,
    anchors: { ...before.anchors, shifts: { ...before.anchors.shifts, ...shifts } },
  };
  return { state, findings: [...said.values()] };
}

/** The segment whose share moved most since the mix began to move. */
function mixChange(
  { rule, since }: Extract<RuleState, { kind: "input-mix" }>,
  { segments }: Baseline,
  settings: MonitorSettings,
) {
  const onset = leadingBet(rule)!.since; // an alarm has evidence
  const { binning, counts, dispersion } = segments!; // without them the rule could not have alarmed
  const now = since.find(({ fold }) => fold === onset)!.counts; // kept for every onset
  const [n, n0] = [sum(now), sum(counts)];
  const moves = now.map((count, bin) => ({ bin, share: count / n, size: count / n - counts[bin]! / n0 }));
  const most = moves.reduce((a, b) => (Math.abs(b.size) > Math.abs(a.size) ? b : a));
  const { low, high } = wilson(most.share, n / (dispersion?.D ?? 1), z95);
  const was = most.share - most.size;
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  return {
    variant: null,
    cause: "traffic" as const,
    signal: signalOf({ kind: "input-mix" }),
    since: iso(onset * settings.windowMs),
    size: most.size,
    lower: low - was,
    upper: high - was,
    judged: 0,
    thetaAtAlarm: null,
    refLow: null,
    because: `the questions changed: ${binName(binning, most.bin)} went from ${percent(was)} to ${percent(most.share)} of the answers`,
  };
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
    case "input-mix":
      return { kind: "input-mix", rule: restart(state.rule), since: [] };
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
