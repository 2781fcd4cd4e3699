import { primary } from "../judging/rubric.ts";
import type { StoredEstimates } from "../monitoring/estimates.ts";
import type { Datum } from "../monitoring/metrics.ts";
import { escaped } from "../monitoring/resultKeys.ts";

/** Labels of before that say little about the answers of now. */
const currentDays = 30;

/**
 * `QualityLabels` of each variant: how many labels correct `QualityCorrected` and its interval, of the days that people were asked about
 * last. 0: no labels, or none of the last 30 days and of this judge, so `Quality` stands uncorrected.
 */
export function labelDatums(
  endpoint: string,
  variants: readonly string[],
  judgeVersion: string,
  labelled: StoredEstimates | null,
  nowMs: number,
): Datum[] {
  const isCurrent =
    labelled !== null && labelled.judgeVersion === judgeVersion && nowMs - Date.parse(labelled.to) <= currentDays * 86_400_000;
  return variants.flatMap((variant) => {
    const own = isCurrent
      ? labelled.estimates.find((of) => of.variant === variant && of.segment === null && of.criterion === primary)
      : undefined;
    const corrected = own?.corrected ?? null;
    const values: Record<string, number> =
      corrected === null
        ? { QualityLabels: 0 }
        : {
            QualityLabels: corrected.labels,
            QualityCorrected: corrected.mean,
            QualityCorrectedLower: corrected.lower,
            QualityCorrectedUpper: corrected.upper,
          };
    return Object.entries(values).map(
      ([name, value]): Datum => ({
        name,
        dimensions: { Endpoint: escaped(endpoint), Variant: escaped(variant) },
        timestampMs: nowMs,
        unit: "None",
        values: [value],
        counts: [1],
      }),
    );
  });
}
