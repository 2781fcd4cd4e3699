import { clippedMean } from "../statistics/wilson.ts";
import type { Baseline, SelfTestAlarm, ShareBaseline } from "./baseline.ts";
import { foldNumber, judgedReference } from "./judgedReference.ts";
import { foldJudged, newJudgedRule } from "./judgedRule.ts";
import { recordSums } from "./measureCriterion.ts";
import { estimateOf, mergeSums, noSums } from "./qualitySums.ts";
import { type MonitorSettings, thresholds } from "./rules.ts";
import type { WindowRecord } from "./windowRecord.ts";

/**
 * Replays the baseline through the detector, each day against a reference of the other days.
 * Source: docs/statistics.md, "The baseline"
 */
export function selfTest(
  criteria: Baseline["criteria"],
  records: readonly WindowRecord[],
  { binning }: ShareBaseline,
  settings: MonitorSettings,
): SelfTestAlarm[] {
  const { judged: threshold } = thresholds(settings);
  const dayOf = ({ window }: WindowRecord) => window.slice(0, 10);
  const days = [...new Set(records.map(dayOf))];
  if (days.length < 2) return [];
  const variants = [...new Set(records.map(({ variant }) => variant))];
  return Object.entries(criteria).flatMap(([criterion, { cycle, week }]) => {
    const sumsByDay = days.map((day) => {
      const own = records.filter((record) => dayOf(record) === day);
      return { day, sums: own.map((record) => recordSums(criterion, record)).reduce(mergeSums, noSums()) };
    });
    const references = new Map(
      days.map((day) => {
        const others = sumsByDay.filter((of) => of.day !== day).reduce((all, { sums }) => mergeSums(all, sums), noSums());
        const estimate = estimateOf(others);
        const measured =
          estimate === null ? null : { mu0: clippedMean(estimate.theta), nStar0: estimate.nStar, cycle, week, bySegment: [] };
        return [day, measured && judgedReference(criterion, measured, null, binning, settings, threshold)];
      }),
    );
    return variants.flatMap((variant): SelfTestAlarm[] => {
      let state = newJudgedRule();
      for (const record of records) {
        const reference = references.get(dayOf(record));
        if (record.variant !== variant || !reference) continue;
        const fold = foldNumber(Date.parse(record.window), settings.windowMs);
        state = foldJudged(state, fold, record, [], reference, threshold);
        // The first one is enough to say that the tolerance is too small.
        if (state.rule.alarmedAt !== null) return [{ variant, criterion, window: record.window }];
      }
      return [];
    });
  });
}
