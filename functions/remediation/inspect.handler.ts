import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import middy from "@middy/core";
import type { Inspection } from "../../shared/remediation/inspection.ts";
import type { AttemptKey } from "../../shared/remediation/record.ts";
import { connectRecords } from "./connectRecords.ts";
import { type InspectDeps, inspectEndpoint } from "./inspect.ts";

const logger = new Logger({ serviceName: "remediation-inspect" });
const deps: InspectDeps = { ...connectRecords(process.env), sagemaker: new SageMakerClient() }; // once per cold start

export const handler = middy(async (input: { record: AttemptKey; which: "change" | "undo" }): Promise<Inspection> => {
  const inspection = await inspectEndpoint(input, deps);
  logger.info(inspection.state, { id: input.record.id, which: input.which, because: inspection.because });
  return inspection;
}).use(injectLambdaContext(logger));
