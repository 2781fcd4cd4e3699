import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import middy from "@middy/core";
import { connectDrift } from "./connectDrift.ts";
import { type DriftPlan, planDrift } from "./plan.ts";

const logger = new Logger({ serviceName: "drift-plan" });
const deps = connectDrift(process.env); // once per cold start

export const handler = middy(async (input: unknown): Promise<DriftPlan> => {
  const outcome = await planDrift(input, deps);
  logger.info("done", { ...outcome });
  return outcome;
}).use(injectLambdaContext(logger));
