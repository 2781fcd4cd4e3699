import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import middy from "@middy/core";
import { type Concluded, concludeAlarms } from "./conclude.ts";
import { connectDrift } from "./connectDrift.ts";

const logger = new Logger({ serviceName: "drift-conclude" });
// Once per cold start.
const deps = { ...connectDrift(process.env), cloudwatch: new CloudWatchClient(), sagemaker: new SageMakerClient() };

export const handler = middy(async (input: { endpoint: string; anchorsFailed: boolean }): Promise<Concluded> => {
  const outcome = await concludeAlarms(input, deps);
  logger.info("done", { ...outcome });
  return outcome;
}).use(injectLambdaContext(logger));
