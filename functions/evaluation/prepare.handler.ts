import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { S3Client } from "@aws-sdk/client-s3";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import middy from "@middy/core";
import { deployedAssay } from "../deployedAssay.ts";
import { variable } from "../environment.ts";
import { type PrepareDeps, type Prepared, prepareEvaluation } from "./prepare.ts";

const logger = new Logger({ serviceName: "evaluation-prepare" });
const deps = connect(process.env); // once per cold start

export const handler = middy(async (input: unknown): Promise<Prepared> => {
  const outcome = await prepareEvaluation(input, deps);
  logger.info("done", { ...outcome });
  return outcome;
}).use(injectLambdaContext(logger));

function connect(env: NodeJS.ProcessEnv): PrepareDeps {
  return {
    assay: deployedAssay(),
    s3: new S3Client(),
    sagemaker: new SageMakerClient(),
    resultsBucket: variable(env, "RESULTS_BUCKET"),
    nowMs: () => Date.now(),
  };
}
