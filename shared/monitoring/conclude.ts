import { leadingBet, restart } from "../statistics/alarmRule.ts";
import type { JudgeShift } from "../statistics/anchors.ts";
import { z95 } from "../statistics/normal.ts";
import { attributeQuality, pooledShift, type QualityChange } from "./attributeQuality.ts";
import type { Baseline } from "./baseline.ts";
import { findingId, type MonitorFinding } from "./finding.ts";
import { restartJudged } from "./judgedRule.ts";
import { closedFinding, readingsSince } from "./monitor.ts";
import type { Alarm, MonitorState, OpenFinding, RuleState } from "./monitorState.ts";
import { dayMs, type MonitorSettings, type Rule, ruleId, rulesOf, signalOf } from "./rules.ts";
import { type ShareChange, type SharesRule, shareChangeOf, sharesReference } from "./shares.ts";
import { inputMix } from "./signals/questions.ts";
import { signalNamed } from "./signals/registry.ts";
import type { Signal } from "./signals/signal.ts";
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
  const moved = due.flatMap((alarm) => {
    const [rule, own] = [rules.get(alarm.rule), before.rules[alarm.rule]];
    const reference = rule?.kind === "shares" ? sharesReference(rule, baseline) : null;
    if (rule?.kind !== "shares" || own?.kind !== "shares" || reference === null) return [];
    return [{ alarm, rule, change: shareChangeOf(own, rule, reference)! }]; // an alarm has evidence
  });
  // What came in first, since it may explain what came of it.
  const explains = ({ rule }: { rule: SharesRule }) => (signalNamed(rule.signal).tells === "traffic" ? 0 : 1);
  for (const { alarm, rule, change } of moved.sort((a, b) => explains(a) - explains(b)))
    concludeShares(book, alarm, rule, change, [...rules.values()], settings.windowMs);
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

/**
 * Of what changed in all traffic: the questions, how the judge answers, how fast the answers come, or the answers themselves. Answers that
 * changed while the questions did are taken for the questions' change; else it is their model's, or that of every variant.
 */
function concludeShares(
  book: Book,
  alarm: Alarm,
  rule: SharesRule,
  change: ShareChange,
  all: readonly Rule[],
  windowMs: number,
): void {
  const signal = signalNamed(rule.signal);
  const since = iso(change.fold * windowMs);
  const inText = inWords(signal, rule.variant, change);
  const finding = { ...opened(book, alarm), ...sizeOf(signal, change), signal: rule.signal, rules: [alarm.rule], since };
  const about = { judged: 0, thetaAtAlarm: null, refLow: null, because: inText };
  switch (signal.tells) {
    case "traffic": {
      const traffic = { ...finding, ...about, variant: null, cause: "traffic" as const };
      // Grades may have told of the questions first.
      const known = sharedFinding(book, rule.signal, traffic);
      if (known === undefined) put(book, traffic);
      else join(book, known, alarm.rule);
      absorb(book, known?.finding ?? traffic);
      return;
    }
    case "judge":
      put(book, { ...finding, ...about, variant: null, cause: "judge" });
      return;
    case "capacity":
      put(book, { ...finding, ...about, variant: rule.variant, cause: "capacity" });
      return;
    case "answers": {
      const told = book.findings.find(({ finding: known }) => explainsAnswers(known, rule.variant));
      if (told !== undefined) {
        join(book, told, alarm.rule);
        return;
      }
      const everywhere = othersAlarmed(book.before, rule, all);
      if (!everywhere) {
        put(book, { ...finding, ...about, variant: rule.variant, cause: "model" });
        return;
      }
      const found = { ...finding, ...about, variant: null, cause: "model_everywhere" as const };
      put(book, { ...found, because: `${inText}; so it is of every variant` });
      absorb(book, found);
    }
  }
}

/** Whether a finding already says what a change of a variant's answers, seen by a cheap signal, would say. */
function explainsAnswers({ cause, variant }: MonitorFinding, own: string | null): boolean {
  if (cause === "traffic" || cause === "model_everywhere") return true;
  return (cause === "model" || cause === "undecided") && variant === own;
}

/** Whether the same signal has alarmed of every other variant; one variant alone is not everywhere. */
function othersAlarmed({ rules }: MonitorState, rule: SharesRule, all: readonly Rule[]): boolean {
  const others = all.filter((other) => other.kind === "shares" && other.signal === rule.signal && other.variant !== rule.variant);
  return others.length > 0 && others.every((other) => rules[ruleId(other)]?.rule.alarmedAt != null);
}

/** Closes the findings of cheap signals that a weightier one explains, and latches their rules with it. */
function absorb(book: Book, by: MonitorFinding): void {
  const own = book.findings.filter(
    ({ finding }) =>
      finding.id !== by.id &&
      (finding.cause === "model" || finding.cause === "model_everywhere") &&
      isCheap(finding) &&
      (by.variant === null || finding.variant === by.variant),
  );
  for (const { finding } of own) {
    for (const rule of finding.rules) join(book, findingIn(book, by.id), rule);
    close(book, { ...finding, partOf: by.id }, by.because);
  }
}

/** Of a signal that is not judged: nothing acts on it. */
function isCheap({ thetaAtAlarm }: MonitorFinding): boolean {
  return thetaAtAlarm === null;
}

function sizeOf({ shape }: Signal, { share, was, lower, upper }: ShareChange) {
  return shape === "rate"
    ? { size: was - share, lower: was - upper, upper: was - lower }
    : { size: share - was, lower: lower - was, upper: upper - was };
}

function inWords({ name, tells, shape }: Signal, variant: string | null, { bin, was, share }: ShareChange): string {
  const percent = (part: number) => `${(100 * part).toFixed(1)} %`;
  const went = `went from ${percent(was)} to ${percent(share)}`;
  const whose = variant === null ? "" : ` of ${variant}`;
  if (name === inputMix.name) return `the questions changed: ${bin} ${went} of the answers`;
  const what = shape === "rate" ? `${name}${whose} ${went}` : `${name}${whose} changed: ${bin} ${went}`;
  return tells === "traffic" ? `the questions changed: ${what}` : what;
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
  if (cause !== "undecided") absorb(book, finding);
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

function findingIn({ findings }: Book, id: string): OpenFinding {
  return findings.find(({ finding }) => finding.id === id)!; // the caller has put it there
}

function close(book: Book, finding: MonitorFinding, because: string): void {
  book.findings = book.findings.filter((other) => other.finding.id !== finding.id);
  book.said.set(finding.id, closedFinding(finding, because, book.nowMs));
}

/** The last reading that can tell what made an alarm. */
function newestReading(state: MonitorState, { at }: Alarm): string | null {
  return readingsSince(state, at).at(-1)?.time ?? null;
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
      return { kind: "shares", rule: restart(state.rule), since: [] };
  }
}
