import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import middy from "@middy/core";
import { variable } from "../environment.ts";
import { watchCapacity } from "./capacity.ts";
import { connectDrift } from "./connectDrift.ts";
import { type CoverageDeps, type Covered, coverEndpoint } from "./coverage.ts";

const logger = new Logger({ serviceName: "drift-coverage" });
const deps = connect(process.env); // once per cold start

export const handler = middy(async (input: { endpoint: string }): Promise<Covered> => {
  const outcome = await coverEndpoint(input, deps);
  await watchCapacity(input.endpoint, deps);
  logger.info("done", { ...outcome });
  return outcome;
}).use(injectLambdaContext(logger));

function connect(env: NodeJS.ProcessEnv): CoverageDeps {
  return {
    ...connectDrift(env),
    cloudwatch: new CloudWatchClient(),
    sagemaker: new SageMakerClient(),
    lambda: new LambdaClient(),
    remediateFunction: variable(env, "REMEDIATE_FUNCTION_NAME"),
  };
}
