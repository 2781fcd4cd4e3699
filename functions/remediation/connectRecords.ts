import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SNSClient } from "@aws-sdk/client-sns";
import { openTable } from "../../shared/aws/table.ts";
import { variable } from "../environment.ts";
import type { RecordDeps } from "./publishRecord.ts";

/** The clients that every writer of remediation records needs. @throws Error that names a variable that is not set */
export function connectRecords(env: NodeJS.ProcessEnv): RecordDeps {
  return {
    stage: variable(env, "STAGE"),
    table: openTable(new DynamoDBClient(), variable(env, "TABLE_NAME")),
    s3: new S3Client(),
    cloudwatch: new CloudWatchClient(),
    sns: new SNSClient(),
    resultsBucket: variable(env, "RESULTS_BUCKET"),
    pagesTopicArn: variable(env, "PAGES_TOPIC_ARN"),
    nowMs: () => Date.now(),
  };
}
