import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { readEstimates } from "../../shared/aws/estimates.ts";
import { readMetricFigures } from "../../shared/aws/liveFigures.ts";
import { putJson } from "../../shared/aws/results.ts";
import { readServingOf } from "../../shared/aws/servingDays.ts";
import { judgeVersion } from "../../shared/judging/judgeVersion.ts";
import { estimatesOf, mergeGroups } from "../../shared/monitoring/estimates.ts";
import { compareLive } from "../../shared/monitoring/liveComparison.ts";
import { newestWindows } from "../../shared/monitoring/readiness.ts";
import { comparisonKey } from "../../shared/monitoring/resultKeys.ts";
import { iso } from "../../shared/monitoring/windows.ts";
import type { DriftDeps } from "./watch.ts";

/**
 * Writes what the live variants of an endpoint are beside each other on the day of the newest settled window, in place of what was written of
 * that day before: the last one of a day is the day's report. Nothing to do where there is one variant.
 */
export async function compareLiveVariants(endpoint: string, deps: DriftDeps & { cloudwatch: CloudWatchClient }): Promise<void> {
  const { variants, judge, quality } = deps.assay.endpoints[endpoint]!; // the plan has looked
  if (variants.length < 2) return;
  const nowMs = deps.nowMs();
  const date = newestWindows(nowMs).settled.slice(0, 10);
  const metrics = await readMetricFigures(deps.cloudwatch, endpoint, variants, date);
  const answering = variants.filter((variant) => metrics.get(variant)!.answers > 0); // there is one for each
  if (answering.length < 2) return;
  const hours = judge === null ? [] : await readEstimates(deps, endpoint, "hour", date);
  // Of another judge, grades mean something else.
  const own = judge === null ? [] : hours.filter((hour) => hour.judgeVersion === judgeVersion(judge));
  const estimates = estimatesOf(mergeGroups(own.map(({ sums }) => sums)), own.at(-1)?.betas ?? {});
  const serving = await readServingOf(deps.table, endpoint, date);
  const figures = answering.map((variant) => ({
    variant,
    ...metrics.get(variant)!, // there is one for each
    quality: estimates.find((of) => of.variant === variant && of.segment === null && of.criterion === "quality")?.quality ?? null,
    servingMicroUsd: serving !== null && Object.hasOwn(serving.costMicroUsd, variant) ? serving.costMicroUsd[variant]! : null,
  }));
  const compared = compareLive({ endpoint, date, asOf: iso(nowMs), tolerance: quality.tolerance }, figures);
  await putJson(deps.s3, deps.resultsBucket, comparisonKey(endpoint, date), compared);
}
