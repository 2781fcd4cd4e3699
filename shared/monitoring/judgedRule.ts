import { type AlarmRule, applyFold, leadingBet, newRule, restart } from "../statistics/alarmRule.ts";
import { gradeBets } from "../statistics/bets.ts";
import { enoughJudged } from "../statistics/estimate.ts";
import { addEvidence, type Evidence, type GradedRow, gradeDirection, gradeEvidence } from "../statistics/gradeEvidence.ts";
import type { Threshold } from "../statistics/thresholds.ts";
import { worstSince } from "./examples.ts";
import { foldNumber, type JudgedReference, referenceAt, seasonalAt } from "./judgedReference.ts";
import type { RuleState } from "./monitorState.ts";
import { lateSums, mergeSums, noSums, type QualitySums, type SummedRow, sumsOf } from "./qualitySums.ts";
import { dayMs } from "./rules.ts";
import { foldSegments, newSegmentEvidence } from "./segmentEvidence.ts";
import { binIndices, binOf } from "./segments.ts";
import { sumPredicted } from "./summary.ts";
import type { JudgedRow, LateJudgedRow, WindowRecord } from "./windowRecord.ts";

export type JudgedRuleState = Extract<RuleState, { kind: "judged" }>;

export function newJudgedRule(): JudgedRuleState {
  return {
    kind: "judged",
    rule: newRule(2 * gradeBets.length),
    since: [],
    recent: [],
    worst: [],
    segments: newSegmentEvidence(),
    openDay: null,
  };
}

/**
 * Adds one window of one variant to its rule, however few of its answers were judged. With daily folds a day counts once it is over.
 * @param record `null` where the variant had none
 * @param late   grades of its earlier windows
 */
export function foldJudged(
  before: JudgedRuleState,
  fold: number,
  record: WindowRecord | null,
  late: readonly LateJudgedRow[],
  reference: JudgedReference,
  { lnA }: Threshold,
): JudgedRuleState {
  const { criterion, windowMs } = reference;
  const number = reference.fold === "day" ? firstOfDay(fold, windowMs) : fold;
  const state = closeDay(before, number, reference, lnA);
  const graded = late.flatMap((row) => {
    const y = row.y[criterion];
    return y === undefined
      ? []
      : [{ ...row, y, f: predictedFor(row, criterion), reference: referenceAt(reference, Date.parse(row.window)) }];
  });
  const window = record?.piRef == null ? null : { ...record, piRef: record.piRef };
  if (window === null && graded.length === 0) return state;

  const startMs = fold * windowMs;
  const rows = window === null ? [] : chosenRows(window, criterion);
  const evidence = gradeEvidence(window?.piRef ?? 1, referenceAt(reference, startMs), rows, graded);
  const seasonal = seasonalAt(reference, startMs);
  const answered = window?.summary.counts.answered ?? 0;
  const added: Added[] = [
    {
      fold,
      bins: window === null ? [] : binSums(window, reference, seasonal),
      sums: sumsOf(
        Math.max(answered, rows.length),
        window === null ? 0 : sumPredicted(window.summary, criterion),
        rows,
        seasonal,
      ),
    },
    ...graded.map((row): Added => {
      const rowStartMs = Date.parse(row.window);
      const sums = lateSums([row], seasonalAt(reference, rowStartMs));
      const own = binOf(reference.binning, row.segment);
      return {
        fold: foldNumber(rowStartMs, windowMs),
        bins: binIndices(reference.binning).map((bin) => (bin === own ? sums : noSums())),
        sums,
      };
    }),
  ];
  const next: JudgedRuleState = {
    ...state,
    recent: recentWindows(state, added, windowMs),
    worst: worstSince(state.worst, 0, number, record?.rows ?? [], ({ y }) => y[criterion] ?? null),
    segments:
      window === null
        ? state.segments
        : foldSegments(
            state.segments,
            Math.floor(startMs / dayMs),
            window.piRef,
            rowsBySegment(window, reference),
            reference.segments,
            seasonal,
          ),
  };
  if (reference.fold === "window") return closeFold(next, number, evidence, added, reference, lnA);
  const ofDays = added.map(({ fold: own, bins }) => ({ fold: firstOfDay(own, windowMs), bins }));
  const open = next.openDay ?? { fold: number, evidence: noEvidence(), bins: [] };
  return {
    ...next,
    openDay: { fold: number, evidence: addEvidence(open.evidence, evidence), bins: mergeByFold([...open.bins, ...ofDays]) },
  };
}

/** Counts the day that is open once a fold of a later one comes. */
function closeDay(state: JudgedRuleState, number: number, reference: JudgedReference, lnA: number): JudgedRuleState {
  const { openDay } = state;
  if (openDay === null || openDay.fold >= number) return state;
  return closeFold({ ...state, openDay: null }, openDay.fold, openDay.evidence, openDay.bins, reference, lnA);
}

function closeFold(
  state: JudgedRuleState,
  fold: number,
  evidence: Evidence,
  added: readonly Pick<Added, "fold" | "bins">[],
  reference: JudgedReference,
  lnA: number,
): JudgedRuleState {
  const rule = applyFold(state.rule, fold, evidence, lnA);
  const worst = state.worst.filter((row) => row.fold >= (leadingBet(rule)?.since ?? fold));
  return { ...state, rule, since: sinceOnsets(state, rule, added, reference), worst };
}

/** The number of the first window of the day (UTC) that a window is in. */
function firstOfDay(fold: number, windowMs: number): number {
  return Math.ceil((Math.floor((fold * windowMs) / dayMs) * dayMs) / windowMs);
}

function noEvidence(): Evidence {
  return { lnE: new Array<number>(2 * gradeBets.length).fill(0), records: 0 };
}

function mergeByFold(added: readonly Pick<Added, "fold" | "bins">[]): { fold: number; bins: QualitySums[] }[] {
  const merge = (a: QualitySums[], b: QualitySums[]) =>
    a.length === 0 ? b : b.length === 0 ? a : a.map((sums, bin) => mergeSums(sums, b[bin]!));
  return [...Map.groupBy(added, ({ fold }) => fold)].map(([fold, own]) => ({
    fold,
    bins: own.map(({ bins }) => bins).reduce(merge, []),
  }));
}

/** Whether a window began within the 24 hours that end with another one. */
export function isOfLastDay({ fold }: { fold: number }, newest: number, windowMs: number): boolean {
  return fold > newest - dayMs / windowMs;
}

/** When the change of a rule began, by the bet with most evidence, which way it went, and the grades since. `null` before any data. */
export function changeSince({
  rule,
  since,
}: JudgedRuleState): { fold: number; direction: "drop" | "rise"; bins: QualitySums[] } | null {
  const leading = leadingBet(rule);
  if (leading === null) return null;
  const { bins } = since.find(({ fold }) => fold === leading.since)!; // kept for every onset
  return { fold: leading.since, direction: gradeDirection(leading.bet), bins };
}

/** Judged answers since the change. */
export function judgedSince(state: JudgedRuleState): number {
  return changeSince(state)?.bins.reduce((sum, { moments }) => sum + moments.plain.a, 0) ?? 0;
}

/** The rule once its finding is closed, or its reference has moved: it starts from nothing, and its figures go on. */
export function restartJudged({ rule, recent }: JudgedRuleState): JudgedRuleState {
  return { ...newJudgedRule(), rule: restart(rule), recent };
}

/** What one window adds to the sums: per bin of the segments, and all together. */
type Added = { fold: number; bins: QualitySums[]; sums: QualitySums };

/** The chosen answers of a window; one without a grade of this criterion counts as failed. */
function chosenRows({ rows, failed, pending }: WindowRecord, criterion: string) {
  return [
    ...rows.map((row) => ({
      y: row.y[criterion] ?? null,
      f: predictedFor(row, criterion),
      pi: row.pi,
      ...(row.conversation === undefined ? {} : { conversation: row.conversation }),
    })),
    ...[...failed, ...pending].map((row) => ({ y: null, f: predictedFor(row, criterion), pi: row.pi })),
  ];
}

/** The prediction that the sum of the row's window has for it. */
function predictedFor({ f }: Pick<JudgedRow, "f">, criterion: string): number {
  return f[criterion] ?? 0;
}

/** The judged rows of each of the baseline's segments. */
function rowsBySegment({ rows }: WindowRecord, { criterion, binning }: JudgedReference): GradedRow[][] {
  const inBins = binIndices(binning).map((): GradedRow[] => []);
  for (const { y, pi, segment, conversation } of rows) {
    const grade = y[criterion];
    if (grade !== undefined)
      inBins[binOf(binning, segment)]!.push({ y: grade, pi, ...(conversation === undefined ? {} : { conversation }) });
  }
  return inBins;
}

function binSums({ rows, summary }: WindowRecord, { criterion, binning }: JudgedReference, seasonal: number): QualitySums[] {
  const inBins = binIndices(binning).map((): SummedRow[] => []);
  for (const row of rows) {
    const y = row.y[criterion];
    if (y !== undefined) inBins[binOf(binning, row.segment)]!.push({ ...row, y, f: predictedFor(row, criterion) });
  }
  const answers = binIndices(binning).map(() => 0);
  for (const [segment, n] of Object.entries(summary.segments)) answers[binOf(binning, segment)]! += n;
  return inBins.map((own, bin) =>
    sumsOf(
      Math.max(answers[bin]!, own.length),
      sumPredicted(summary, criterion, (segment) => binOf(binning, segment) === bin),
      own,
      seasonal,
    ),
  );
}

/** One entry for each fold that is an onset now: what was there before, or nothing, and what came with this fold. */
function sinceOnsets(
  before: JudgedRuleState,
  rule: AlarmRule,
  added: readonly Pick<Added, "fold" | "bins">[],
  { binning }: JudgedReference,
): JudgedRuleState["since"] {
  return [...new Set(rule.onset)].map((onset) => {
    const known = before.since.find(({ fold }) => fold === onset)?.bins;
    return {
      fold: onset,
      bins: binIndices(binning).map((bin) =>
        added
          .filter(({ fold, bins }) => fold >= onset && bins.length > 0)
          .reduce((sums, { bins }) => mergeSums(sums, bins[bin]!), known?.[bin] ?? noSums()),
      ),
    };
  });
}

/** The newest windows back to 30 judged answers, at most 24 hours: older ones are never needed again. */
function recentWindows(before: JudgedRuleState, added: readonly Added[], windowMs: number): JudgedRuleState["recent"] {
  const [own, ...late] = added as [Added, ...Added[]];
  const all = [...before.recent, { fold: own.fold, sums: own.sums }].map(({ fold, sums }) => ({
    fold,
    sums: late.filter((row) => row.fold === fold).reduce((sum, row) => mergeSums(sum, row.sums), sums),
  }));
  const kept: JudgedRuleState["recent"] = [];
  let judged = 0;
  for (const window of all.reverse()) {
    if (!isOfLastDay(window, own.fold, windowMs) || judged >= enoughJudged) break;
    kept.unshift(window);
    judged += window.sums.moments.plain.a;
  }
  return kept;
}
