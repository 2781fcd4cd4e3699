import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import middy from "@middy/core";
import { connectJudges } from "../../shared/aws/judge.ts";
import { openLedger } from "../../shared/aws/ledger.ts";
import { askBaselines, type BaselineDeps } from "./baseline.ts";
import { connectDrift } from "./connectDrift.ts";

const logger = new Logger({ serviceName: "drift-baseline" });
const deps = connect(process.env); // once per cold start

export const handler = middy(async (input: { asked: unknown; owner: string }) => {
  const outcome = await askBaselines(input, deps);
  logger.info("done", { baselines: outcome.baselines.map(({ endpoint, version, status }) => ({ endpoint, version, status })) });
  return outcome;
}).use(injectLambdaContext(logger));

function connect(env: NodeJS.ProcessEnv): BaselineDeps {
  const drift = connectDrift(env);
  return {
    ...drift,
    sagemaker: new SageMakerClient(),
    ledger: openLedger(drift.table),
    // The ledger counts one call a reservation; the state machine waits, and this function repeats itself.
    askJudge: connectJudges(new SageMakerRuntimeClient({ maxAttempts: 1 }), drift.nowMs),
  };
}
