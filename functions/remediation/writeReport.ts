import { putPage } from "../../shared/aws/results.ts";
import type { Assay } from "../../shared/config/assay.ts";
import { remediationReportKey } from "../../shared/monitoring/resultKeys.ts";
import type { RemediationRecord } from "../../shared/remediation/record.ts";
import { page } from "../../shared/reporting/page/page.ts";
import { remediationReport } from "../../shared/reporting/remediationReport.ts";
import { aroundRemediation } from "../../shared/reporting/span/around.ts";
import type { ReportSource } from "../../shared/reporting/span/source.ts";
import type { RecordDeps } from "./publishRecord.ts";

export type ReportDeps = Pick<RecordDeps, "s3" | "resultsBucket" | "nowMs"> & { assay: Assay; source: ReportSource };

/**
 * Writes the report of a remediation, in place of an earlier one. It has no captured text: `assay report` adds that for who may read it.
 * @returns its key
 */
export async function writeReport(
  record: RemediationRecord,
  { s3, resultsBucket, nowMs, assay, source }: ReportDeps,
): Promise<string> {
  const key = remediationReportKey(record.id);
  const around = await aroundRemediation(source, record, assay, nowMs());
  await putPage(s3, resultsBucket, key, page(remediationReport(record, around)));
  return key;
}
