import { createHash } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { labelQueue, NoLabelQueue, type QueuedDays } from "../../shared/aws/labelQueues.ts";
import { readAll, readLast } from "../../shared/aws/labels.ts";
import { openTable } from "../../shared/aws/table.ts";
import type { EndpointSettings, JudgeSettings } from "../../shared/config/assay.ts";
import type { JudgeQuality } from "../../shared/labels/humanGrades.ts";
import type { DayImpact } from "../../shared/labels/impact.ts";
import type { Label } from "../../shared/labels/label.ts";
import { impactsOf, importedKey, judgeQualitiesOf, labelledEstimatesOf, queuesOf } from "../../shared/labels/labelKeys.ts";
import { labelLines } from "../../shared/labels/labelLines.ts";
import type { LabelQueue } from "../../shared/labels/queue.ts";
import type { StoredEstimates } from "../../shared/monitoring/estimates.ts";
import { WrongUse } from "../exit.ts";
import { inAws, stackOutputs } from "../stack.ts";

/** What is known of an endpoint's labels; `null`: nothing yet. */
export type Known = { judge: JudgeQuality | null; labelled: StoredEstimates | null; impact: DayImpact[] };

/** The labels of a deployed stage. @throws WrongUse, as each of its methods, with what to do instead */
export async function openLabels(stage: string) {
  const { ResultsBucketName, TableName } = await stackOutputs(stage, ["ResultsBucketName", "TableName"]);
  const results = { s3: new S3Client(), resultsBucket: ResultsBucketName };
  const asked = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await inAws(`The labels of stage ${stage}`, work);
    } catch (error) {
      const { cause } = error as Error;
      throw cause instanceof NoLabelQueue ? new WrongUse(cause.message, { cause }) : error;
    }
  };
  return {
    /** Drops labels where the stack takes them from. The same labels again are the same object. @returns how many of them somebody was asked for */
    drop: (endpoint: string, labels: readonly Label[]): Promise<number> =>
      asked(async () => {
        const Body = labelLines(labels);
        const Key = importedKey(endpoint, createHash("sha256").update(Body).digest("hex"));
        await results.s3.send(
          new PutObjectCommand({ Bucket: ResultsBucketName, Key, Body, ContentType: "application/x-ndjson" }),
        );
        const queues = await readAll<LabelQueue>(results, queuesOf(endpoint));
        const ids = new Set(
          queues.flatMap(({ answers }) => answers.flatMap(({ eventId, inferenceId }) => [eventId, inferenceId])),
        );
        return labels.filter((label) => "grades" in label && ids.has(label.id)).length;
      }),
    queue: (days: QueuedDays, wanted: number, judge: JudgeSettings, settings: EndpointSettings) =>
      asked(() =>
        labelQueue(days, wanted, judge, settings, {
          ...results,
          table: openTable(new DynamoDBClient(), TableName),
          nowMs: Date.now,
        }),
      ),
    known: (endpoint: string): Promise<Known> =>
      asked(async () => ({
        judge: await readLast<JudgeQuality>(results, judgeQualitiesOf(endpoint)),
        labelled: await readLast<StoredEstimates>(results, labelledEstimatesOf(endpoint)),
        impact: await readAll<DayImpact>(results, impactsOf(endpoint)),
      })),
  };
}
