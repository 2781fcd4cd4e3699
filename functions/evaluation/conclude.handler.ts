import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { S3Client } from "@aws-sdk/client-s3";
import middy from "@middy/core";
import { variable } from "../environment.ts";
import { type ConcludeDeps, type Concluded, conclude, type ToConclude } from "./conclude.ts";

const logger = new Logger({ serviceName: "evaluation-conclude" });
const deps = connect(process.env); // once per cold start

export const handler = middy(async (input: ToConclude): Promise<Concluded> => {
  const outcome = await conclude(input, deps);
  logger.info("done", { ...outcome });
  return outcome;
}).use(injectLambdaContext(logger));

function connect(env: NodeJS.ProcessEnv): ConcludeDeps {
  return {
    s3: new S3Client(),
    resultsBucket: variable(env, "RESULTS_BUCKET"),
    nowMs: () => Date.now(),
  };
}
