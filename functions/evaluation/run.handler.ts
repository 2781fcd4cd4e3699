import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import middy from "@middy/core";
import { connectJudges } from "../../shared/aws/judge.ts";
import { openLedger } from "../../shared/aws/ledger.ts";
import { openTable } from "../../shared/aws/table.ts";
import { deployedAssay } from "../deployedAssay.ts";
import { variable } from "../environment.ts";
import { plugIns } from "../plugIns.ts";
import { loadRegexEngine } from "../regexEngine.ts";
import { type Batch, type BatchOutcome, type RunDeps, runBatch } from "./run.ts";

const logger = new Logger({ serviceName: "evaluation-run" });
const deps = connect(process.env); // once per cold start
await loadRegexEngine(deps.assay);

export const handler = middy(async (input: Batch): Promise<BatchOutcome> => {
  const outcome = await runBatch(input, deps);
  logger.info("done", { ...outcome });
  return outcome;
}).use(injectLambdaContext(logger));

function connect(env: NodeJS.ProcessEnv): RunDeps {
  // The ledger counts one call a reservation; the state machine waits, and this function repeats itself.
  const runtime = new SageMakerRuntimeClient({ maxAttempts: 1 });
  const nowMs = () => Date.now();
  return {
    assay: deployedAssay(),
    plugIns,
    s3: new S3Client(),
    runtime,
    askJudge: connectJudges(runtime, nowMs),
    ledger: openLedger(openTable(new DynamoDBClient(), variable(env, "TABLE_NAME"))),
    resultsBucket: variable(env, "RESULTS_BUCKET"),
    nowMs,
  };
}
