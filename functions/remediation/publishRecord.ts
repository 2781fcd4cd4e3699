import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import type { S3Client } from "@aws-sdk/client-s3";
import type { SNSClient } from "@aws-sdk/client-sns";
import { putMetrics } from "../../shared/aws/metrics.ts";
import { publishPage } from "../../shared/aws/pages.ts";
import { markPublished, type StoredRecord, saveRecord } from "../../shared/aws/remediations.ts";
import { putJson } from "../../shared/aws/results.ts";
import type { Table } from "../../shared/aws/table.ts";
import { remediationKey } from "../../shared/monitoring/resultKeys.ts";
import { remediationDatums } from "../../shared/remediation/metrics.ts";
import { pageOf } from "../../shared/remediation/page.ts";
import type { RemediationRecord } from "../../shared/remediation/record.ts";

/** What everybody needs who writes a remediation record. */
export type RecordDeps = {
  stage: string;
  table: Table;
  s3: S3Client;
  cloudwatch: CloudWatchClient;
  sns: SNSClient;
  resultsBucket: string;
  pagesTopicArn: string;
  nowMs: () => number;
};

/** Saves a record over the one that was read, then publishes it. @throws RecordMoved */
export async function settle(
  read: Pick<StoredRecord, "revision" | "told"> | null,
  record: RemediationRecord,
  deps: RecordDeps,
): Promise<StoredRecord> {
  return publish(await saveRecord(deps.table, record, read, deps.nowMs()), deps);
}

/**
 * The record's copy in the results bucket; and, if it says something new, its metrics and its page. What was published is not
 * published again, but for a crash on the way, after which metrics and page may come twice.
 */
export async function publish(stored: StoredRecord, deps: RecordDeps): Promise<StoredRecord> {
  if (stored.published) return stored;
  const { record } = stored;
  await putJson(deps.s3, deps.resultsBucket, remediationKey(record.id), record);
  const saying = sayingOf(record);
  if (stored.told !== saying) {
    await putMetrics(deps.cloudwatch, remediationDatums(record, deps.nowMs()));
    const page = pageOf(record, deps.stage);
    if (page) await publishPage(deps.sns, deps.pagesTopicArn, page);
  }
  await markPublished(deps.table, stored, saying);
  return { ...stored, published: true, told: saying };
}

function sayingOf({ attempt, status, decision }: RemediationRecord): string {
  return [attempt, status, decision.kind, decision.kind === "hold" ? decision.until : ""].join(" ");
}
