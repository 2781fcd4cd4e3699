import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { readEstimates } from "../../shared/aws/estimates.ts";
import { readMetricFigures } from "../../shared/aws/liveFigures.ts";
import { putJson } from "../../shared/aws/results.ts";
import { readServingOf } from "../../shared/aws/servingDays.ts";
import { shadowPairsOfDay } from "../../shared/aws/shadowPairs.ts";
import { judgeVersion } from "../../shared/judging/judgeVersion.ts";
import { estimatesOf, mergeGroups } from "../../shared/monitoring/estimates.ts";
import { compareLive, errorOfLiveComparison } from "../../shared/monitoring/liveComparison.ts";
import { newestWindows } from "../../shared/monitoring/readiness.ts";
import { comparisonKey } from "../../shared/monitoring/resultKeys.ts";
import { type ShadowDifference, shadowDifference } from "../../shared/monitoring/shadow.ts";
import { iso } from "../../shared/monitoring/windows.ts";
import type { DriftDeps } from "./watch.ts";

type LiveDeps = DriftDeps & { cloudwatch: CloudWatchClient };

/**
 * Writes what the live variants of an endpoint are beside each other on the day of the newest settled window, in place of what was written of
 * that day before: the last one of a day is the day's report. A shadow is compared by the requests that it shares with the variant that it
 * mirrors. Nothing to do where there is one variant.
 * @param shadows variants that get a copy of its requests now
 */
export async function compareLiveVariants(endpoint: string, shadows: readonly string[], deps: LiveDeps): Promise<void> {
  const { variants: listed, judge, quality } = deps.assay.endpoints[endpoint]!; // the plan has looked
  const variants = [...new Set([...listed, ...shadows])];
  if (variants.length < 2) return;
  const nowMs = deps.nowMs();
  const { settled } = newestWindows(nowMs);
  const date = settled.slice(0, 10);
  const metrics = await readMetricFigures(deps.cloudwatch, endpoint, variants, date);
  const answering = variants.filter((variant) => metrics.get(variant)!.answers > 0); // there is one for each
  const mirrored = answering.filter((variant) => !shadows.includes(variant));
  if (answering.length < 2 || mirrored.length === 0) return;
  const hours = judge === null ? [] : await readEstimates(deps, endpoint, "hour", date);
  // Of another judge, grades mean something else.
  const own = judge === null ? [] : hours.filter((hour) => hour.judgeVersion === judgeVersion(judge));
  const estimates = estimatesOf(mergeGroups(own.map(({ sums }) => sums)), own.at(-1)?.betas ?? {});
  const serving = await readServingOf(deps.table, endpoint, date);
  const figures = answering.map((variant) => ({
    variant,
    shadow: shadows.includes(variant),
    ...metrics.get(variant)!, // there is one for each
    quality: estimates.find((of) => of.variant === variant && of.segment === null && of.criterion === "quality")?.quality ?? null,
    servingMicroUsd: serving !== null && Object.hasOwn(serving.costMicroUsd, variant) ? serving.costMicroUsd[variant]! : null,
  }));
  const paired: Record<string, ShadowDifference | null> = {};
  // SageMaker mirrors the requests of one variant only, so where there are several, nobody is in the shadow.
  for (const shadow of judge !== null && mirrored.length === 1 ? shadows : []) {
    const span = { date, settled, judgeVersion: judgeVersion(judge!) };
    const pairs = await shadowPairsOfDay(deps, { endpoint, variant: mirrored[0]!, shadow }, span);
    paired[shadow] = shadowDifference(pairs, quality.tolerance, errorOfLiveComparison);
  }
  const about = { endpoint, date, asOf: iso(nowMs), tolerance: quality.tolerance };
  const compared = compareLive(about, figures, paired);
  await putJson(deps.s3, deps.resultsBucket, comparisonKey(endpoint, date), compared);
}
