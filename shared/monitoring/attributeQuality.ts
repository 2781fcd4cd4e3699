import { type JudgeShift, judgeShift } from "../statistics/anchors.ts";
import { attribute } from "../statistics/attribution.ts";
import { enoughJudged } from "../statistics/estimate.ts";
import { z95 } from "../statistics/normal.ts";
import type { Baseline } from "./baseline.ts";
import { examplesOf } from "./examples.ts";
import type { MonitorFinding } from "./finding.ts";
import type { JudgedReference } from "./judgedReference.ts";
import { changeSince, type JudgedRuleState } from "./judgedRule.ts";
import { readingsSince, referenceFor } from "./monitor.ts";
import type { Alarm, AnchorMemory, MonitorState } from "./monitorState.ts";
import { estimateOf, meanSeasonal, mergeSums, noSums, type QualitySums } from "./qualitySums.ts";
import { type MonitorSettings, type Rule, ruleId, rulesOf } from "./rules.ts";
import { segmentsThatMoved } from "./segmentEvidence.ts";
import { binName } from "./shares.ts";
import { inputMix } from "./signals/questions.ts";
import { explainsAnswers, type Served, strainOf, strainText } from "./strain.ts";
import { iso } from "./windows.ts";
import { changeWithinSegments } from "./withinSegments.ts";

type JudgedRuleOf = Extract<Rule, { kind: "judged" }>;

/** What became of quality, and whose change it is. */
export type QualityChange = Pick<
  MonitorFinding,
  | "cause"
  | "since"
  | "size"
  | "lower"
  | "upper"
  | "judged"
  | "thetaAtAlarm"
  | "refLow"
  | "because"
  | "segments"
  | "examples"
  | "serving"
> & {
  direction: "drop" | "rise";
  /** The judge's shift since the baseline, where it moved. */
  judge: JudgeShift | null;
};

/** 99 %, two-sided, as in attribution. */
const z99 = 2.5758293035489004;
/** 99.9 %, two-sided, of another variant, and from how few grades: it is asked after only because this one alarmed. */
const z999 = 3.2905267314918945;
const enoughOfAnother = 10;
/** 95 %, one-sided, and what may be left over for a system to be clear, as in attribution. */
const zClear = 1.6448536269514722;
const harmlessLeft = 0.03;

/**
 * Whose change a quality alarm is. A rise is attributed as a fall is, upside down. Where the answers changed, quality within the
 * segments tells the model from the traffic, how it was served tells the model from too few instances, and the other variants tell
 * whether it is one model or all.
 * @param served `null`: nobody has looked
 * @returns `undecided` where no reading of the anchors is as new as the alarm
 * Source: docs/statistics.md, "Whose change is it"
 */
export function attributeQuality(
  state: MonitorState,
  alarm: Alarm,
  rule: JudgedRuleOf,
  own: JudgedRuleState,
  baseline: Baseline,
  settings: MonitorSettings,
  served: Served | null,
): QualityChange {
  const { criterion, variant } = rule;
  // What is asked is what moved since the judge was last known, so an alarm keeps the scale that it was raised on.
  const reference = referenceFor(criterion, baseline, alarm.scale, settings)!; // without it the rule could not have alarmed
  const { fold, direction, bins } = changeSince(own)!; // an alarm has evidence
  const sign = direction === "drop" ? 1 : -1;
  const sums = bins.reduce(mergeSums, noSums());
  const { q, seQ, theta, judged } = changeOf(sums, reference)!; // an alarm rests on judged answers
  const seasonal = meanSeasonal(sums);
  const segments = segmentsMoved(own, bins, baseline, criterion, (alarm.scale?.J ?? 0) + meanSeasonal(sums));
  const told = { ...(direction === "drop" ? examplesOf(own.worst) : {}), ...(segments.length === 0 ? {} : { segments }) };
  const found = { direction, since: iso(fold * settings.windowMs), judged, thetaAtAlarm: theta, judge: null, ...told };
  const refLowBy = (scale: JudgeShift | null) => referenceFor(criterion, baseline, scale, settings)!.unchanged.low + seasonal;
  const sized = (size: number, se: number) => ({ size, lower: size - z95 * se, upper: size + z95 * se });
  const moved = direction === "drop" ? "fell" : "rose";
  const says = `${criterion} of ${variant} ${moved} by ${points(q)}`;

  const fresh = pooledShift(readingsSince(state, alarm.at), criterion);
  if (fresh === null) {
    const because = `${says}; without a new reading of the anchors it may be the judge as well as the model`;
    return { ...found, ...sized(q, seQ), refLow: refLowBy(alarm.scale), cause: "undecided", because };
  }
  const J = fresh.J - (alarm.scale?.J ?? 0);
  const seJ = Math.hypot(fresh.seJ, alarm.scale?.seJ ?? 0);
  const { verdict: shown, S, seS } = attribute(sign * q, seQ, { J: sign * J, seJ });
  // A judge that moved far alarms after a handful of grades, whose spread nobody knows yet: too few to blame the model, too.
  const verdict = shown === "both" && judged < enoughJudged ? "judge-system-open" : shown;
  const judge = verdict === "judge" || verdict === "both" ? fresh : null;
  const refLow = refLowBy(judge ?? alarm.scale);
  const onJudge = verdict === "judge" || verdict === "both" || verdict === "judge-system-open";
  const change = { ...found, ...(onJudge ? sized(sign * S, seS) : sized(q, seQ)), judge, refLow };
  const judgeBy = `the judge's own shift of ${points(J)}`;
  if (verdict === "judge") {
    const because = `${says}, which ${judgeBy} on the anchors explains`;
    return { ...change, ...sized(J, seJ), cause: "judge", thetaAtAlarm: null, refLow: null, because };
  }
  if (verdict === "judge-system-open") {
    const because = `${says}; whether more than ${judgeBy} will show when more was judged`;
    return { ...change, cause: "undecided", because };
  }

  const withinOf = (own: readonly QualitySums[]) => {
    const by = (alarm.scale?.J ?? 0) + meanSeasonal(own.reduce(mergeSums, noSums()));
    const within = changeWithinSegments(own, baseline.criteria[criterion]!, baseline.segments!, by);
    return within && { q: within.q, S: sign * (within.q - J), seS: Math.hypot(within.seQ, seJ) };
  };
  const hasMovedWithin = (own: readonly QualitySums[]) => {
    const within = withinOf(own);
    return within !== null && within.S < -z99 * within.seS;
  };
  const within = withinOf(bins);
  const movedWithin = hasMovedWithin(bins);
  const clearWithin = within !== null && within.S - zClear * within.seS > -harmlessLeft;
  const questionsMoved = state.rules[ruleId({ kind: "shares", signal: inputMix.name, variant: null })]?.rule.alarmedAt != null;
  if (!movedWithin && clearWithin && (questionsMoved || verdict !== "undecided")) {
    const because = `${says}, but within the segments by ${points(within!.q)} only: the questions changed`;
    return { ...change, cause: "traffic", because };
  }
  if (!movedWithin && (questionsMoved || verdict === "undecided")) {
    const open = questionsMoved ? "the questions changed, too: whether the answers did" : "whether it is the judge or the model";
    return { ...change, cause: "undecided", because: `${says}; ${open} will show when more was judged` };
  }
  const strain = served && strainOf(served, variant, fold * settings.windowMs);
  if (direction === "drop" && explainsAnswers(strain))
    return { ...change, cause: "capacity", serving: strain, because: `${says}, while ${strainText(strain)}` };
  const size = points(change.size);
  const aside = verdict === "both" ? `beside ${judgeBy}` : "and the anchors are graded as before";
  return allOthersMoved(state, rule, { fold, direction }, settings, reference, J, questionsMoved ? hasMovedWithin : null)
    ? {
        ...change,
        cause: "model_everywhere",
        because: `${criterion} of every variant ${moved}, of ${variant} by ${size}, ${aside}`,
      }
    : { ...change, cause: "model", because: `${criterion} of ${variant} ${moved} by ${size}, ${aside}` };
}

/**
 * The segments that moved by themselves, each with the move of its mean since the change began; those without a grade since are left out.
 * @param moved what moved all of them without being asked about
 */
function segmentsMoved(
  { segments: evidence }: JudgedRuleState,
  bins: readonly QualitySums[],
  { criteria, segments }: Baseline,
  criterion: string,
  moved: number,
): NonNullable<MonitorFinding["segments"]> {
  const { bySegment } = criteria[criterion]!; // without it the rule could not have alarmed
  return segmentsThatMoved(evidence).flatMap(({ bin, direction }) => {
    const [then, now] = [bySegment[bin] ?? null, estimateOf(bins[bin]!)];
    if (then === null || now === null) return [];
    const size = now.theta - then.mu0 - moved;
    return size < 0 === (direction === "drop") ? [{ segment: binName(inputMix, segments!.binning, bin), size }] : [];
  });
}

/** Score points of 100, without their sign. */
function points(size: number): string {
  return `${Math.abs(100 * size).toFixed(1)} points`;
}

/** The judge's shift on the anchors, over some readings: each anchor counts once, with its mean. `null`: too few anchors. */
export function pooledShift(readings: AnchorMemory["readings"], criterion: string): JudgeShift | null {
  const byAnchor = new Map<string, number[]>();
  for (const { differences } of readings)
    for (const [id, d] of Object.entries(differences[criterion] ?? {})) byAnchor.set(id, [...(byAnchor.get(id) ?? []), d]);
  return judgeShift([...byAnchor.values()].map((ds) => ds.reduce((a, b) => a + b, 0) / ds.length));
}

/** How far some windows are from the reference; `null` where nothing of them was judged. */
function changeOf(
  sums: QualitySums,
  { level: { mu0, nStar0 } }: JudgedReference,
): { q: number; seQ: number; theta: number; judged: number } | null {
  const estimate = estimateOf(sums);
  if (estimate === null) return null;
  const { theta, standardError, n } = estimate;
  const se0 = Math.sqrt((mu0 * (1 - mu0)) / nStar0);
  return { q: theta - mu0 - meanSeasonal(sums), seQ: Math.hypot(standardError, se0), theta, judged: n };
}

/**
 * Whether every other variant moved the same way: its own rule has alarmed, or its newest grades since the change are clearly off;
 * where the questions changed, within the segments. Variants with few grades since do not count, and one variant alone is not
 * everywhere.
 */
function allOthersMoved(
  { rules }: MonitorState,
  rule: JudgedRuleOf,
  { fold, direction }: { fold: number; direction: "drop" | "rise" },
  settings: MonitorSettings,
  reference: JudgedReference,
  J: number,
  movedWithin: ((bins: readonly QualitySums[]) => boolean) | null,
): boolean {
  const sign = direction === "drop" ? 1 : -1;
  const others = rulesOf(settings).flatMap((other) => {
    if (other.kind !== "judged" || other.criterion !== rule.criterion || other.variant === rule.variant) return [];
    const own = rules[ruleId(other)];
    return own?.kind === "judged" ? [own] : [];
  });
  const moved = others.flatMap((own) => {
    const since = changeSince(own);
    const newest = own.recent.filter((window) => window.fold >= fold).reduce((all, { sums }) => mergeSums(all, sums), noSums());
    const judged = newest.moments.plain.a;
    if (since === null || (own.rule.alarmedAt === null && judged < enoughOfAnother)) return [];
    if (movedWithin !== null) return movedWithin(since.bins);
    if (own.rule.alarmedAt !== null) return since.direction === direction;
    const { q, seQ } = changeOf(newest, reference)!; // some were judged
    return sign * (q - J) < -Math.max(z999 * seQ, settings.tolerance);
  });
  return moved.length > 0 && moved.every(Boolean);
}
