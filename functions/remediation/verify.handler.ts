import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import middy from "@middy/core";
import { readOpenFindings } from "../../shared/aws/monitorFindings.ts";
import type { AttemptKey } from "../../shared/remediation/record.ts";
import type { Look } from "../../shared/remediation/verification.ts";
import { deployedAssay } from "../deployedAssay.ts";
import { connectRecords } from "./connectRecords.ts";
import { type VerifyDeps, verifyAction } from "./verify.ts";

const logger = new Logger({ serviceName: "remediation-verify" });
const deps = connect(process.env); // once per cold start

export const handler = middy(async (input: { record: AttemptKey }): Promise<Look> => {
  const seen = await verifyAction(input, deps);
  logger.info(seen.verdict, { id: input.record.id, because: seen.because, figures: seen.figures });
  return seen;
}).use(injectLambdaContext(logger));

function connect(env: NodeJS.ProcessEnv): VerifyDeps {
  const records = connectRecords(env);
  return {
    ...records,
    sagemaker: new SageMakerClient(),
    assay: deployedAssay(),
    openFindings: (endpoint) => readOpenFindings(records.table, endpoint),
  };
}
