import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { readAnswer } from "../../shared/aws/captures.ts";
import { stackSource } from "../../shared/aws/reportSource.ts";
import { openTable } from "../../shared/aws/table.ts";
import { type Assay, settingsOf } from "../../shared/config/assay.ts";
import { captureAlarmName, judgeAlarmName, watchedAlarms } from "../../shared/monitoring/alarmNames.ts";
import type { ReportSource, Wanted } from "../../shared/reporting/span/source.ts";
import { stackOutputs } from "../stack.ts";

/** A deployed stage as a report reads it, with the texts that whoever asks may read. @throws WrongUse where there is none */
export async function openStack(stage: string, assay: Assay): Promise<ReportSource> {
  const { ResultsBucketName, TableName } = await stackOutputs(stage, ["ResultsBucketName", "TableName"]);
  const s3 = new S3Client();
  const alarms = (endpoint: string) => {
    const own = watchedAlarms(assay, stage).filter((alarm) => alarm.endpoint === endpoint);
    return [...own.map(({ name }) => name), captureAlarmName(stage, endpoint), judgeAlarmName(stage, endpoint)];
  };
  const text = async (wanted: Wanted) => {
    try {
      const answer = await readAnswer(s3, wanted, settingsOf(assay, wanted.endpoint));
      return answer && { question: answer.prompt, answer: answer.completion };
    } catch {
      return null; // gone, or not for whoever asks: the report says that it has no text
    }
  };
  const table = openTable(new DynamoDBClient(), TableName);
  return stackSource({ s3, resultsBucket: ResultsBucketName }, table, new CloudWatchClient(), { alarms, text });
}
