import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import middy from "@middy/core";
import { connectDrift } from "./connectDrift.ts";
import { type MeasuredNow, measureEndpoint } from "./measure.ts";

const logger = new Logger({ serviceName: "drift-measure" });
// once per cold start
const deps = { ...connectDrift(process.env), cloudwatch: new CloudWatchClient(), sagemaker: new SageMakerClient() };

export const handler = middy(async (input: { endpoint: string }): Promise<MeasuredNow> => {
  const outcome = await measureEndpoint(input, deps);
  if (outcome.unpriced.length > 0)
    logger.warn("assay.yml has no price for these instances: servingBudget.usdPerInstanceHour", { unpriced: outcome.unpriced });
  logger.info("done", { ...outcome });
  return outcome;
}).use(injectLambdaContext(logger));
