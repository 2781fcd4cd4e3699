import { BatchProcessor, EventType, processPartialResponse } from "@aws-lambda-powertools/batch";
import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import middy from "@middy/core";
import type { Context, SQSEvent, SQSRecord } from "aws-lambda";
import { createKnownSegments } from "../shared/aws/knownSegments.ts";
import { createPredictors } from "../shared/aws/predictors.ts";
import { createSamplingPolicies } from "../shared/aws/samplingPolicies.ts";
import { openTable } from "../shared/aws/table.ts";
import { deployedAssay } from "./deployedAssay.ts";
import { variable } from "./environment.ts";
import { plugIns } from "./plugIns.ts";
import { loadRegexEngine } from "./regexEngine.ts";
import { captureObjectIn } from "./sample/captureObjectIn.ts";
import { type SampleDeps, sampleObject } from "./sample/sampleObject.ts";

const logger = new Logger({ serviceName: "sample" });
const deps = connect(process.env); // once per cold start
await loadRegexEngine(deps.assay);
const batch = new BatchProcessor(EventType.SQS);

export const handler = middy((event: SQSEvent, context: Context) =>
  processPartialResponse(event, onRecord, batch, {
    context,
    // One after the other: memory is bounded by one line, not by ten of 25 MB each.
    processInParallel: false,
    // A batch of one whose object is claimed elsewhere is no failure of the function.
    throwOnFullBatchFailure: false,
  }),
).use(injectLambdaContext(logger));

async function onRecord({ messageId, body }: SQSRecord, context?: Context): Promise<void> {
  try {
    const sampled = await sampleObject(captureObjectIn(body), `${context?.awsRequestId}/${messageId}`, deps);
    logger.info(sampled.status, { messageId, ...sampled });
  } catch (error) {
    // The batch processor turns this into a partial failure and says nothing itself.
    logger.error("the message comes again", { messageId, error: error as Error });
    throw error;
  }
}

function connect(env: NodeJS.ProcessEnv): SampleDeps {
  const store = {
    table: openTable(new DynamoDBClient(), variable(env, "TABLE_NAME")),
    s3: new S3Client(),
    resultsBucket: variable(env, "RESULTS_BUCKET"),
  };
  return {
    assay: deployedAssay(),
    plugIns,
    ...store,
    sqs: new SQSClient(),
    cloudwatch: new CloudWatchClient(),
    policies: createSamplingPolicies(store.table),
    segments: createKnownSegments(store.table),
    predictors: createPredictors(store),
    judgeQueueUrl: variable(env, "JUDGE_QUEUE_URL"),
    nowMs: () => Date.now(),
  };
}
