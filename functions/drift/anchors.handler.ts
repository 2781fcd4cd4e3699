import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import middy from "@middy/core";
import { connectJudges } from "../../shared/aws/judge.ts";
import { openLedger } from "../../shared/aws/ledger.ts";
import { type AnchorsDeps, type AnchorsRead, readAnchors } from "./anchors.ts";
import { connectDrift } from "./connectDrift.ts";

const logger = new Logger({ serviceName: "drift-anchors" });
const deps = connect(process.env); // once per cold start

export const handler = middy(async (input: { endpoint: string; owner: string }): Promise<AnchorsRead> => {
  const outcome = await readAnchors(input, deps);
  logger.info("done", { ...outcome });
  return outcome;
}).use(injectLambdaContext(logger));

function connect(env: NodeJS.ProcessEnv): AnchorsDeps {
  const drift = connectDrift(env);
  return {
    ...drift,
    cloudwatch: new CloudWatchClient(),
    ledger: openLedger(drift.table),
    // The ledger counts one call a reservation; the state machine waits, and this function repeats itself.
    askJudge: connectJudges(new SageMakerRuntimeClient({ maxAttempts: 1 }), drift.nowMs),
  };
}
