import { BatchProcessor, EventType, processPartialResponse } from "@aws-lambda-powertools/batch";
import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import middy from "@middy/core";
import type { Context, SQSEvent, SQSRecord } from "aws-lambda";
import { openLedger } from "../shared/aws/ledger.ts";
import { putMetrics } from "../shared/aws/metrics.ts";
import { openTable } from "../shared/aws/table.ts";
import { deployedAssay } from "./deployedAssay.ts";
import { variable } from "./environment.ts";
import { judgeDatums } from "./judge/judgeDatums.ts";
import { judgeTask, type TaskOutcome } from "./judge/judgeTask.ts";
import { judgeTaskIn } from "./judge/judgeTaskIn.ts";

const logger = new Logger({ serviceName: "judge" });
const deps = connect(process.env); // once per cold start
const batch = new BatchProcessor(EventType.SQS);

export const handler = middy(async (event: SQSEvent, context: Context) => {
  const outcomes: TaskOutcome[] = [];
  const onRecord = async ({ messageId, body }: SQSRecord): Promise<void> => {
    try {
      const outcome = await judgeTask(judgeTaskIn(body), `${context.awsRequestId}/${messageId}`, deps);
      logger.info(outcome.status, { messageId, ...outcome });
      outcomes.push(outcome);
    } catch (error) {
      // The batch processor turns this into a partial failure and says nothing itself.
      logger.error("the message comes again", { messageId, error: error as Error });
      throw error;
    }
  };
  // A batch of one whose judge is overloaded is no failure of the function.
  const response = await processPartialResponse(event, onRecord, batch, { context, throwOnFullBatchFailure: false });
  try {
    await putMetrics(deps.cloudwatch, await judgeDatums(outcomes, deps.ledger, deps.nowMs()));
  } catch (error) {
    // The judgements are kept and the ledger has the cost: to judge all again would publish nothing either.
    logger.error("the metrics of this batch are lost", { error: error as Error });
  }
  return response;
}).use(injectLambdaContext(logger));

function connect(env: NodeJS.ProcessEnv) {
  const table = openTable(new DynamoDBClient(), variable(env, "TABLE_NAME"));
  return {
    assay: deployedAssay(),
    table,
    ledger: openLedger(table),
    s3: new S3Client(),
    // The ledger counts one call a reservation; a call that fails is made again when its message comes again.
    runtime: new SageMakerRuntimeClient({ maxAttempts: 1 }),
    cloudwatch: new CloudWatchClient(),
    resultsBucket: variable(env, "RESULTS_BUCKET"),
    nowMs: () => Date.now(),
  };
}
