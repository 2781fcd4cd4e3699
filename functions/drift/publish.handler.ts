import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { LambdaClient } from "@aws-sdk/client-lambda";
import middy from "@middy/core";
import { variable } from "../environment.ts";
import { connectDrift } from "./connectDrift.ts";
import { type PublishDeps, type Published, publishState } from "./publish.ts";

const logger = new Logger({ serviceName: "drift-publish" });
const deps = connect(process.env); // once per cold start

export const handler = middy(async (input: { endpoint: string }): Promise<Published> => {
  const outcome = await publishState(input, deps);
  logger.info("done", { ...outcome });
  return outcome;
}).use(injectLambdaContext(logger));

function connect(env: NodeJS.ProcessEnv): PublishDeps {
  return {
    ...connectDrift(env),
    cloudwatch: new CloudWatchClient(),
    lambda: new LambdaClient(),
    remediateFunction: variable(env, "REMEDIATE_FUNCTION_NAME"),
  };
}
