import { leadingBet, restart } from "../statistics/alarmRule.ts";
import type { JudgeShift } from "../statistics/anchors.ts";
import { z95 } from "../statistics/normal.ts";
import { wilson } from "../statistics/wilson.ts";
import { attributeQuality, pooledShift, type QualityChange } from "./attributeQuality.ts";
import type { Baseline } from "./baseline.ts";
import { findingId, type MonitorFinding } from "./finding.ts";
import { restartJudged } from "./judgedRule.ts";
import { closedFinding, readingsSince } from "./monitor.ts";
import type { Alarm, MonitorState, OpenFinding, RuleState } from "./monitorState.ts";
import { dayMs, type MonitorSettings, type Rule, ruleId, rulesOf, signalOf } from "./rules.ts";
import { binName } from "./segments.ts";
import { iso } from "./windows.ts";

export type Concluded = {
  state: MonitorState;
  /** Findings that were opened, decided or joined by another rule in this call; closed where an undecided one was the judge. */
  findings: MonitorFinding[];
};

/**
 * Concludes what the alarms mean, as far as it can be known by now. A quality alarm waits for a reading of the anchors that is
 * as new as itself; where judge and model still cannot be told apart, the finding is `undecided` and decided anew with each
 * later reading. Call it after every fold of a window or of anchors. With nothing to conclude, the state stays as it is.
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

type JudgedRule = Extract<Rule, { kind: "judged" }>;

/** Findings while they are being concluded. The functions below change it. */
type Book = {
  before: MonitorState;
  nowMs: number;
  findings: OpenFinding[];
  /** Opened, decided or closed now. */
  said: Map<string, MonitorFinding>;
  /** The judge's shifts that were found now. */
  shifts: Record<string, JudgeShift>;
};

function concludeWhere(
  before: MonitorState,
  baseline: Baseline,
  settings: MonitorSettings,
  nowMs: number,
  ready: (alarm: Alarm) => boolean,
): Concluded {
  const rules = new Map(rulesOf(settings).map((rule) => [ruleId(rule), rule]));
  // All are attributed to the state as it is, before the first conclusion changes it.
  const attributed = (alarm: Alarm, again: MonitorFinding | null) => {
    const [rule, own] = [rules.get(alarm.rule), before.rules[alarm.rule]];
    if (rule?.kind !== "judged" || own?.kind !== "judged") return [];
    return [{ alarm, rule, again, change: attributeQuality(before, alarm, rule, own, baseline, settings) }];
  };
  const waiting = before.waiting.filter((alarm) => rules.get(alarm.rule)?.kind === "judged" && !ready(alarm));
  const due = before.waiting.filter((alarm) => !waiting.includes(alarm));
  const changes = [
    ...before.findings.flatMap(({ finding, undecided }) => {
      if (undecided === null) return [];
      const readAnew = newestReading(before, undecided.alarm) !== undecided.readAt;
      return attributed(undecided.alarm, finding).filter(({ change }) => readAnew || clears(change));
    }),
    ...due.flatMap((alarm) => attributed(alarm, null)),
  ];
  if (due.length === 0 && changes.length === 0) return { state: before, findings: [] };

  const book: Book = { before, nowMs, findings: before.findings, said: new Map(), shifts: {} };
  for (const alarm of due) {
    const own = before.rules[alarm.rule];
    if (own?.kind === "input-mix") concludeMix(book, alarm, mixChange(own, baseline, settings));
  }
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
    const onNewScale = rule !== undefined && rule.kind !== "input-mix" && Object.hasOwn(book.shifts, rule.criterion);
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

/** Grades may have told of the questions first. */
function concludeMix(book: Book, alarm: Alarm, change: ReturnType<typeof mixChange>): void {
  const known = sharedFinding(book, change.signal, change);
  if (known === undefined) put(book, { ...opened(book, alarm), ...change, rules: [alarm.rule] });
  else join(book, known, alarm.rule);
}

/** @param again the undecided finding that the alarm had opened; `null`: it has opened none yet */
function concludeQuality(book: Book, alarm: Alarm, rule: JudgedRule, again: MonitorFinding | null, change: QualityChange): void {
  const { judge, direction: _, ...figures } = change;
  const { cause, because, since } = change;
  const belongsTo = ({ id }: MonitorFinding) => {
    if (again !== null) close(book, { ...again, cause, partOf: id }, because);
  };
  const moved = judge && judgeMoved(book, rule.criterion, judge, since, { ...alarm, rule: `judge of ${alarm.rule}` }, []);
  // The judge's move is the finding, one for all variants; this rule starts anew on the judge's new scale.
  if (cause === "judge") {
    belongsTo(moved!); // it is attributed to a judge that moved
    return;
  }
  const shared = sharedFinding(book, rule.criterion, change);
  if (shared !== undefined) {
    join(book, shared, alarm.rule);
    belongsTo(shared.finding);
    return;
  }
  const variant = cause === "model_everywhere" || cause === "traffic" ? null : rule.variant;
  const finding = { ...(again ?? opened(book, alarm)), ...figures, variant, signal: rule.criterion, rules: [alarm.rule] };
  const undecided = { alarm, readAt: newestReading(book.before, alarm), judged: change.judged };
  put(book, finding, cause === "undecided" ? undecided : null);
}

/** The open finding that already says what a change says: traffic that moved moves every variant, and everywhere is everywhere. */
function sharedFinding(
  { findings }: Book,
  criterion: string,
  { cause, size }: Pick<QualityChange, "cause" | "size">,
): OpenFinding | undefined {
  return findings.find(({ finding }) => {
    if (finding.cause !== cause) return false;
    return cause === "traffic" || (cause === "model_everywhere" && finding.signal === criterion && finding.size * size > 0);
  });
}

/** Notes the judge's new scale. @returns the finding that says so: the one that is open, or a new one */
function judgeMoved(
  book: Book,
  criterion: string,
  judge: JudgeShift,
  since: string,
  alarm: Alarm,
  alarmed: string[],
): MonitorFinding {
  book.shifts[criterion] = judge;
  const signal = signalOf({ kind: "judge", criterion });
  const known = book.findings.find(({ finding }) => finding.cause === "judge" && finding.signal === signal);
  if (known !== undefined) {
    for (const rule of alarmed) join(book, known, rule);
    return known.finding;
  }
  const size = judge.J - (alarm.scale?.J ?? 0);
  const finding: MonitorFinding = {
    ...opened(book, alarm),
    variant: null,
    cause: "judge",
    signal,
    rules: alarmed,
    since,
    size,
    lower: size - z95 * judge.seJ,
    upper: size + z95 * judge.seJ,
    judged: Object.keys(book.before.anchors.readings.at(-1)?.differences[criterion] ?? {}).length,
    thetaAtAlarm: null,
    refLow: null,
    because: `the judge's grades of the anchors moved by ${(100 * size).toFixed(1)} points; quality is compared on its new scale from now on`,
  };
  put(book, finding);
  return finding;
}

function opened({ before: { endpoint }, nowMs }: Book, { rule, at, evidence }: Alarm) {
  const id = findingId(["monitor", endpoint, rule, at]);
  return { id, endpoint, evidence, status: "open" as const, openedAt: iso(nowMs) };
}

function put(book: Book, finding: MonitorFinding, undecided: OpenFinding["undecided"] = null): void {
  book.findings = [...book.findings.filter((other) => other.finding.id !== finding.id), { finding, undecided }];
  book.said.set(finding.id, finding);
}

function join(book: Book, { finding, undecided }: OpenFinding, rule: string): void {
  put(book, { ...finding, rules: [...new Set([...finding.rules, rule])] }, undecided);
}

function close(book: Book, finding: MonitorFinding, because: string): void {
  book.findings = book.findings.filter((other) => other.finding.id !== finding.id);
  book.said.set(finding.id, closedFinding(finding, because, book.nowMs));
}

/** The last reading that can tell what made an alarm. */
function newestReading(state: MonitorState, { at }: Alarm): string | null {
  return readingsSince(state, at).at(-1)?.time ?? null;
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
