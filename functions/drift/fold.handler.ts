import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import middy from "@middy/core";
import { connectDrift } from "./connectDrift.ts";
import { type Folded, foldReadyWindows } from "./fold.ts";

const logger = new Logger({ serviceName: "drift-fold" });
const deps = connectDrift(process.env); // once per cold start

export const handler = middy(async (input: { endpoint: string }): Promise<Folded> => {
  const outcome = await foldReadyWindows(input, deps);
  if (outcome.failed.length > 0)
    logger.error(
      "grades or weights of these variants are impossible, or these objects cannot be read: they were left out of a window",
      { ...outcome },
    );
  logger.info("done", { ...outcome });
  return outcome;
}).use(injectLambdaContext(logger));
