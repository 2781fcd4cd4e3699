import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import middy from "@middy/core";
import { type Concluded, concludeAlarms } from "./conclude.ts";
import { connectDrift } from "./connectDrift.ts";

const logger = new Logger({ serviceName: "drift-conclude" });
const deps = { ...connectDrift(process.env), sagemaker: new SageMakerClient() }; // once per cold start

export const handler = middy(async (input: { endpoint: string; anchorsFailed: boolean }): Promise<Concluded> => {
  const outcome = await concludeAlarms(input, deps);
  logger.info("done", { ...outcome });
  return outcome;
}).use(injectLambdaContext(logger));
