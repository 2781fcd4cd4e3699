import type { JudgeShift } from "../../statistics/anchors.ts";
import { z95 } from "../../statistics/normal.ts";
import type { QualityChange } from "../attributeQuality.ts";
import type { MonitorFinding } from "../finding.ts";
import { readingsSince } from "../monitor.ts";
import type { Alarm, MonitorState } from "../monitorState.ts";
import { type Rule, signalOf } from "../rules.ts";
import { absorb, type Book, close, join, opened, put, sharedFinding } from "./book.ts";

type JudgedRule = Extract<Rule, { kind: "judged" }>;

/** @param again the finding that the alarm had opened and whose cause may change; `null`: it has opened none yet */
export function concludeQuality(
  book: Book,
  alarm: Alarm,
  rule: JudgedRule,
  again: MonitorFinding | null,
  change: QualityChange,
): void {
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
  const { serving: _was, ...known } = { serving: undefined, ...(again ?? opened(book, alarm)) };
  const finding = { ...known, ...figures, variant, signal: rule.criterion, rules: again?.rules ?? [alarm.rule] };
  const undecided = { alarm, readAt: newestReading(book.before, alarm), judged: change.judged };
  put(book, finding, cause === "undecided" || cause === "capacity" ? undecided : null);
  if (cause !== "undecided") absorb(book, finding);
}

/** Notes the judge's new scale. @returns the finding that says so: the one that is open, or a new one */
export function judgeMoved(
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

/** The last reading that can tell what made an alarm. */
export function newestReading(state: MonitorState, { at }: Alarm): string | null {
  return readingsSince(state, at).at(-1)?.time ?? null;
}
