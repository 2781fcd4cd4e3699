import { BatchProcessor, EventType, processPartialResponse } from "@aws-lambda-powertools/batch";
import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { SQSClient } from "@aws-sdk/client-sqs";
import middy from "@middy/core";
import type { Context, SQSEvent, SQSRecord } from "aws-lambda";
import { connectJudges } from "../shared/aws/judge.ts";
import { openJudgeGates } from "../shared/aws/judgeGates.ts";
import { openLedger } from "../shared/aws/ledger.ts";
import { putMetrics } from "../shared/aws/metrics.ts";
import { isRemediated } from "../shared/aws/remediations.ts";
import { openTable } from "../shared/aws/table.ts";
import { deployedAssay } from "./deployedAssay.ts";
import { variable } from "./environment.ts";
import { judgeDatums } from "./judge/judgeDatums.ts";
import { type JudgeMessageDeps, judgeMessage, type MessageOutcome } from "./judge/judgeMessage.ts";

const logger = new Logger({ serviceName: "judge" });
const deps = connect(process.env); // once per cold start
const batch = new BatchProcessor(EventType.SQS);
/** What begins must end before the function does: a call of a minute, and the writing before and after it. */
const longestWorkMs = 65_000;

export const handler = middy(async (event: SQSEvent, context: Context) => {
  const outcomes: MessageOutcome[] = [];
  const forBatch = { ...deps, isRemediated: once(deps.isRemediated) };
  const latestMs = deps.nowMs() + context.getRemainingTimeInMillis() - longestWorkMs;
  const onRecord = async ({ messageId, body }: SQSRecord): Promise<void> => {
    try {
      const outcome = await judgeMessage(body, { owner: `${context.awsRequestId}/${messageId}`, latestMs }, forBatch);
      logger.info(outcome.status, { messageId, ...outcome });
      outcomes.push(outcome);
    } catch (error) {
      // The batch processor turns this into a partial failure and says nothing itself.
      logger.error("the message comes again", { messageId, error: error as Error });
      throw error;
    }
  };
  // A batch of one that failed is no failure of the function.
  const response = await processPartialResponse(event, onRecord, batch, { context, throwOnFullBatchFailure: false });
  try {
    await putMetrics(deps.cloudwatch, await judgeDatums(outcomes, deps.ledger, deps.nowMs()));
  } catch (error) {
    // The judgements are kept and the ledger has the cost: to judge all again would publish nothing either.
    logger.error("the metrics of this batch are lost", { error: error as Error });
  }
  return response;
}).use(injectLambdaContext(logger));

/** For the seconds of a batch what is so of an endpoint stays so. */
function once(ask: (endpoint: string) => Promise<boolean>): typeof ask {
  const answers = new Map<string, Promise<boolean>>();
  return (endpoint) => {
    const answer = answers.get(endpoint) ?? ask(endpoint);
    answers.set(endpoint, answer);
    return answer;
  };
}

function connect(env: NodeJS.ProcessEnv): JudgeMessageDeps & { cloudwatch: CloudWatchClient } {
  const table = openTable(new DynamoDBClient(), variable(env, "TABLE_NAME"));
  const nowMs = () => Date.now();
  return {
    assay: deployedAssay(),
    isRemediated: (endpoint) => isRemediated(table, endpoint, nowMs()),
    ledger: openLedger(table),
    s3: new S3Client(),
    sqs: new SQSClient(),
    judgeQueueUrl: variable(env, "JUDGE_QUEUE_URL"),
    // The ledger counts one call a reservation; a call that fails is made again when its message comes again.
    askJudge: connectJudges(new SageMakerRuntimeClient({ maxAttempts: 1 }), nowMs),
    throughGate: openJudgeGates(nowMs),
    cloudwatch: new CloudWatchClient(),
    resultsBucket: variable(env, "RESULTS_BUCKET"),
    nowMs,
  };
}
