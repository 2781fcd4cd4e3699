import { type LabelledAnswer, rowsOf } from "../labels/humanGrades.ts";
import { type Estimate, enoughJudged } from "../statistics/estimate.ts";
import { failureBounds } from "../statistics/failureBounds.ts";
import { correctedMean, enoughLabels, type LabelledRow } from "../statistics/labels.ts";
import { enoughToPredict, predictionSlope } from "../statistics/predictionSlope.ts";
import { estimateOf, mergeSums, type QualitySums, sumsOf } from "./qualitySums.ts";
import { sumPredicted } from "./summary.ts";
import type { WindowRecord } from "./windowRecord.ts";

/** Whose answers: one variant's, of one segment or (`null`) all. */
type Group = { variant: string; segment: string | null; criterion: string };

/** Everything that a group's estimate is made of, in sums that add: an hour is the sum of its windows. */
export type GroupSums = Group & {
  sums: QualitySums;
  /** Whether every window predicted grades. Where some did not, predictions would tell windows apart and not answers. */
  predicted: boolean;
  /** Of answers that nobody got, to copies of another variant's requests. They count for their variant, and not for all together. */
  shadow?: true;
};

/** The mean grade of a group, or of all variants (`null`) together, those in the shadow left out. */
export type SpanEstimate = Omit<Group, "variant"> & {
  variant: string | null;
  answers: number;
  judged: number;
  /** In [0, 1] with its 95 % interval; `nEff`: how many answers of equal weight the judged ones are worth. `null`: under 30 judged. */
  quality: { mean: number; lower: number; upper: number; standardError: number; nEff: number } | null;
  /**
   * The mean that people would have given, from the labels of this very span: `bias` is what the judge gives more. `null`: uncorrected,
   * since there are under 100 labels.
   */
  corrected: { mean: number; lower: number; upper: number; labels: number; bias: number } | null;
  /** ρ² of grade and prediction among the judged: the share of the variance that the cheap scores can save. `null`: under 100 judged. */
  gain: number | null;
  /** The slope that predictions counted with; 0: they did not. */
  beta: number;
  /** Where the mean lies whatever the missing grades would have been, and their share; `null`: under 30 judged. */
  bounds: { lower: number; upper: number; failedShare: number } | null;
};

export type Span = "window" | "hour" | "day";

/** The estimates of an endpoint's span, as the results bucket keeps them. */
export type StoredEstimates = {
  endpoint: string;
  /** `labelled`: some days of which people were asked about answers. */
  span: Span | "labelled";
  /** ISO, and up to. */
  from: string;
  to: string;
  judgeVersion: string;
  /** Criterion → β of the approved baseline then. */
  betas: Record<string, number>;
  estimates: SpanEstimate[];
  sums: GroupSums[];
};

/**
 * The sums of one window's variants, each with each of its segments. An answer that is not judged (yet) counts as failed.
 * @param shadows variants that got copies of another one's requests then
 */
export function groupSums(
  records: readonly WindowRecord[],
  criteria: readonly string[],
  shadows: readonly string[],
): GroupSums[] {
  return records.flatMap((record) =>
    [null, ...Object.keys(record.summary.segments).sort()].flatMap((segment) =>
      criteria.map((criterion): GroupSums => {
        const isIn = (of: string) => segment === null || of === segment;
        const { summary, rows, failed, pending, variant } = record;
        const chosen = [
          ...rows.map(({ y, f, ...row }) => ({ ...row, y: y[criterion] ?? null, f: f[criterion] ?? 0 })),
          ...[...failed, ...pending].map(({ f, ...row }) => ({ ...row, y: null, f: f[criterion] ?? 0 })),
        ].filter((row) => isIn(row.segment));
        const answers = segment === null ? summary.counts.answered : summary.segments[segment]!; // its own key
        const sumF = sumPredicted(summary, criterion, isIn);
        const sums = sumsOf(Math.max(answers, chosen.length), sumF, chosen, 0);
        return { variant, segment, criterion, sums, predicted: sumF > 0, ...(shadows.includes(variant) ? { shadow: true } : {}) };
      }),
    ),
  );
}

/** The sums of several spans that share no window, in order of variant, segment and criterion. */
export function mergeGroups(spans: readonly (readonly GroupSums[])[]): GroupSums[] {
  return merged(spans.flat(), (group) => group);
}

/**
 * What the sums say, of each group and of all variants together.
 * @param betas criterion → slope by which predictions count, of the baseline; a missing one is 0
 * @param labelled answers of this span that people graded, drawn with known probability
 * Source: docs/statistics.md, "The mean", "The interval", "Missing grades" and "Human labels"
 */
export function estimatesOf(
  groups: readonly GroupSums[],
  betas: Readonly<Record<string, number>>,
  labelled: readonly LabelledAnswer[] = [],
): SpanEstimate[] {
  const together = merged(
    groups.filter(({ shadow }) => !shadow),
    (group) => ({ ...group, variant: null }),
  );
  // One that was in the shadow and serves now is one variant all the same.
  const own = merged(groups, ({ shadow: _, ...group }) => group);
  return [...together, ...own].map(({ variant, segment, criterion, sums, predicted }): SpanEstimate => {
    const beta = predicted && Object.hasOwn(betas, criterion) ? betas[criterion]! : 0;
    const { N, plain, w, wFailed } = sums.moments;
    const estimate = plain.a < enoughJudged ? null : estimateOf(sums, beta);
    const bounds = estimate === null ? null : failureBounds(estimate, w.a, wFailed);
    const graded = labelled.filter((of) => (variant ?? of.variant) === of.variant && (segment ?? of.segment) === of.segment);
    return {
      variant,
      segment,
      criterion,
      answers: N,
      judged: plain.a,
      quality:
        estimate === null
          ? null
          : {
              mean: estimate.theta,
              lower: estimate.low,
              upper: estimate.high,
              standardError: estimate.standardError,
              nEff: estimate.nEff,
            },
      corrected: estimate === null ? null : correctedBy(rowsOf(graded, criterion), estimate),
      gain: !predicted || plain.a < enoughToPredict ? null : predictionSlope(sums.moments).rho ** 2,
      beta,
      bounds: bounds === null ? null : { lower: bounds.low, upper: bounds.high, failedShare: bounds.failedShare },
    };
  });
}

function correctedBy(rows: readonly LabelledRow[], { theta, standardError }: Estimate): SpanEstimate["corrected"] {
  if (rows.length < enoughLabels) return null;
  const corrected = correctedMean({ theta, variance: standardError ** 2 }, rows);
  return { mean: corrected.theta, lower: corrected.low, upper: corrected.high, labels: rows.length, bias: corrected.bias };
}

function merged<V extends string | null>(
  groups: readonly GroupSums[],
  as: (group: GroupSums) => Omit<GroupSums, "variant"> & { variant: V },
): (Omit<GroupSums, "variant"> & { variant: V })[] {
  const byName = new Map<string, Omit<GroupSums, "variant"> & { variant: V }>();
  for (const group of groups.map(as)) {
    const name = JSON.stringify([group.variant, group.segment, group.criterion, ...(group.shadow ? [true] : [])]);
    const known = byName.get(name);
    const both = known && { sums: mergeSums(known.sums, group.sums), predicted: known.predicted && group.predicted };
    byName.set(name, { ...group, ...both });
  }
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}
