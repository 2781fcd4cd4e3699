import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import middy from "@middy/core";
import type { AttemptKey } from "../../shared/remediation/record.ts";
import { deployedAssay } from "../deployedAssay.ts";
import { connectRecords } from "./connectRecords.ts";
import { type DeepenDeps, type Deepened, deepen } from "./deepen.ts";

const logger = new Logger({ serviceName: "remediation-deepen" });
const deps: DeepenDeps = { ...connectRecords(process.env), assay: deployedAssay(), sagemaker: new SageMakerClient() }; // once per cold start

export const handler = middy(async (input: { record: AttemptKey }): Promise<Deepened> => {
  const outcome = await deepen(input, deps);
  logger.info(outcome.state, { id: input.record.id, because: outcome.because });
  return outcome;
}).use(injectLambdaContext(logger));
