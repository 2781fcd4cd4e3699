import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import middy from "@middy/core";
import type { CloudWatchAlarmEvent } from "aws-lambda";
import { openTable } from "../shared/aws/table.ts";
import { deployedAssay } from "./deployedAssay.ts";
import { variable } from "./environment.ts";
import { type RemediateDeps, remediateAlarm } from "./remediate/remediateAlarm.ts";

const logger = new Logger({ serviceName: "remediate" });
const deps = connect(process.env); // once per cold start

export const handler = middy(async (event: CloudWatchAlarmEvent): Promise<void> => {
  const { alarmName } = event.alarmData;
  try {
    const remediated = await remediateAlarm(event, deps);
    logger.info(remediated.status, { alarmName, ...remediated });
  } catch (error) {
    logger.error("the alarm comes again", { alarmName, error: error as Error });
    throw error; // Lambda invokes again, twice, then keeps the event at the failure destination
  }
}).use(injectLambdaContext(logger));

function connect(env: NodeJS.ProcessEnv): RemediateDeps {
  return {
    assay: deployedAssay(),
    stage: variable(env, "STAGE"),
    table: openTable(new DynamoDBClient(), variable(env, "TABLE_NAME")),
    s3: new S3Client(),
    cloudwatch: new CloudWatchClient(),
    sagemaker: new SageMakerClient(),
    resultsBucket: variable(env, "RESULTS_BUCKET"),
    nowMs: () => Date.now(),
  };
}
