import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { ApplicationAutoScalingClient } from "@aws-sdk/client-application-auto-scaling";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import middy from "@middy/core";
import type { AttemptKey } from "../../shared/remediation/record.ts";
import { type ActDeps, type Acted, act } from "./act.ts";
import { connectRecords } from "./connectRecords.ts";

const logger = new Logger({ serviceName: "remediation-act" });
const deps: ActDeps = {
  ...connectRecords(process.env), // once per cold start
  sagemaker: new SageMakerClient(),
  scaling: new ApplicationAutoScalingClient(),
};

export const handler = middy(async (input: { record: AttemptKey; which: "change" | "undo" }): Promise<Acted> => {
  const acted = await act(input, deps);
  logger.info(acted.state, { id: input.record.id, which: input.which, because: acted.because });
  return acted;
}).use(injectLambdaContext(logger));
