import { leadingBet } from "../statistics/alarmRule.ts";
import { type JudgeShift, judgeShift } from "../statistics/anchors.ts";
import { attribute } from "../statistics/attribution.ts";
import { enoughJudged } from "../statistics/estimate.ts";
import { gradeDirection } from "../statistics/gradeEvidence.ts";
import { z95 } from "../statistics/normal.ts";
import type { Baseline } from "./baseline.ts";
import type { MonitorFinding } from "./finding.ts";
import type { JudgedReference, JudgedRuleState } from "./judgedRule.ts";
import { readingsSince, referenceFor } from "./monitor.ts";
import type { Alarm, AnchorMemory, MonitorState } from "./monitorState.ts";
import { estimateOf, meanSeasonal, mergeSums, noSums, type QualitySums } from "./qualitySums.ts";
import { type MonitorSettings, type Rule, ruleId, rulesOf } from "./rules.ts";
import { iso } from "./windows.ts";
import { changeWithinSegments } from "./withinSegments.ts";

type JudgedRuleOf = Extract<Rule, { kind: "judged" }>;

/** What became of quality, and whose change it is. */
export type QualityChange = Pick<
  MonitorFinding,
  "cause" | "since" | "size" | "lower" | "upper" | "judged" | "thetaAtAlarm" | "refLow" | "because"
> & {
  direction: "drop" | "rise";
  /** The judge's shift since the baseline, where it moved. */
  judge: JudgeShift | null;
};

/** 99 %, two-sided, as in attribution. */
const z99 = 2.5758293035489004;

/**
 * Whose change a quality alarm is. A rise is attributed as a fall is, upside down. Where the answers changed, quality within the
 * segments tells the model from the traffic, and the other variants tell whether it is one model or all.
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
): QualityChange {
  const { criterion, variant } = rule;
  const reference = referenceFor(criterion, baseline, state.anchors, settings)!; // without it the rule could not have alarmed
  const leading = leadingBet(own.rule)!; // an alarm has evidence
  const direction = gradeDirection(leading.bet);
  const sign = direction === "drop" ? 1 : -1;
  const bins = own.since.find(({ fold }) => fold === leading.since)!.bins; // kept for every onset
  const sums = bins.reduce(mergeSums, noSums());
  const { q, seQ, theta, judged } = changeOf(sums, reference)!; // an alarm rests on judged answers
  const seasonal = meanSeasonal(sums);
  const found = {
    direction,
    since: iso(leading.since * settings.windowMs),
    judged,
    thetaAtAlarm: theta,
    refLow: reference.unchanged.low + seasonal,
  };
  const name = `${criterion} of ${variant}`;
  const points = (x: number) => `${(100 * x).toFixed(1)} points`;
  const sized = (size: number, se: number) => ({ size, lower: size - z95 * se, upper: size + z95 * se });
  const fell = direction === "drop" ? "fell" : "rose";

  const fresh = pooledShift(readingsSince(state, alarm.at), criterion);
  if (fresh === null) {
    const because = `${name} ${fell} by ${points(Math.abs(q))}; without a new reading of the anchors it may be the judge as well as the model`;
    return { ...found, ...sized(q, seQ), cause: "undecided", judge: null, because };
  }
  const known = state.anchors.shifts[criterion] ?? { J: 0, seJ: 0 };
  const J = fresh.J - known.J;
  const seJ = Math.sqrt(fresh.seJ ** 2 + known.seJ ** 2);
  const { verdict, S, seS } = attribute(sign * q, seQ, { J: sign * J, seJ });
  const judgeMoved = verdict === "judge" || verdict === "both" || verdict === "judge-system-open";
  const change = {
    ...found,
    ...(judgeMoved ? sized(sign * S, seS) : sized(q, seQ)),
    judge: verdict === "judge" || verdict === "both" ? fresh : null,
  };
  if (verdict === "judge") {
    const because = `the judge's grades of the anchors moved by ${points(J)}, which explains why ${name} ${fell}`;
    return { ...change, ...sized(J, seJ), cause: "judge", thetaAtAlarm: null, refLow: null, because };
  }
  if (verdict === "judge-system-open") {
    const because = `the judge moved by ${points(J)}; whether ${name} ${fell} beyond that is open until the anchors are read again`;
    return { ...change, cause: "undecided", because };
  }

  const within = changeWithinSegments(bins, baseline.criteria[criterion]!, baseline.segments!, known.J + seasonal);
  const questionsMoved = state.rules[ruleId({ kind: "input-mix" })]?.rule.alarmedAt != null;
  const left = within && sign * (within.q - J);
  const seLeft = within && Math.sqrt(within.seQ ** 2 + seJ ** 2);
  const movedWithin = left !== null && seLeft !== null && left < -z99 * seLeft;
  const mostlyMix = within !== null && (q - within.q) / q >= 0.5;
  if (!movedWithin && (questionsMoved || mostlyMix)) {
    const because = within
      ? `${name} ${fell} by ${points(Math.abs(q))}, but within the segments it moved by ${points(within.q)} only: the questions changed`
      : `${name} ${fell} by ${points(Math.abs(q))} on questions that the baseline hardly knows`;
    return { ...change, cause: "traffic", because };
  }
  if (verdict === "undecided") {
    const because = `${name} ${fell} by ${points(Math.abs(q))}: too little to tell judge from model before the anchors are read again`;
    return { ...change, cause: "undecided", because };
  }
  const size = points(Math.abs(change.size));
  const aside = verdict === "both" ? `after the judge's own shift of ${points(J)}` : "and the anchors are graded as before";
  return allOthersMoved(state, rule, direction, reference, J, settings)
    ? {
        ...change,
        cause: "model_everywhere",
        because: `${criterion} of every variant ${fell}, of ${variant} by ${size}, ${aside}`,
      }
    : { ...change, cause: "model", because: `${name} ${fell} by ${size}, ${aside}` };
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
 * Whether every other variant that was asked enough in the last 24 hours moved the same way: its own rule has alarmed, or its
 * newest quality is clearly off. Variants without traffic do not count, and one variant alone is not everywhere.
 */
function allOthersMoved(
  state: MonitorState,
  rule: JudgedRuleOf,
  direction: "drop" | "rise",
  reference: JudgedReference,
  J: number,
  settings: MonitorSettings,
): boolean {
  const sign = direction === "drop" ? 1 : -1;
  const others = rulesOf(settings).flatMap((other) => {
    if (other.kind !== "judged" || other.criterion !== rule.criterion || other.variant === rule.variant) return [];
    const own = state.rules[ruleId(other)];
    return own?.kind === "judged" ? [own] : [];
  });
  const moved = others.flatMap((own) => {
    if (own.rule.alarmedAt !== null) return gradeDirection(leadingBet(own.rule)!.bet) === direction;
    const change = changeOf(
      own.recent.reduce((all, { sums }) => mergeSums(all, sums), noSums()),
      reference,
    );
    if (change === null || change.judged < enoughJudged) return [];
    return sign * (change.q - J) < -Math.max(z99 * change.seQ, settings.tolerance);
  });
  return moved.length > 0 && moved.every(Boolean);
}
