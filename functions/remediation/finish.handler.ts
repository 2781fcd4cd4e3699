import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import middy from "@middy/core";
import { closeMonitorFinding } from "../../shared/aws/monitorFindings.ts";
import { connectRecords } from "./connectRecords.ts";
import { type Ending, type FinishDeps, finish } from "./finish.ts";

const logger = new Logger({ serviceName: "remediation-finish" });
const deps = connect(process.env); // once per cold start

export const handler = middy(async (input: Ending) => {
  const ended = await finish(input, deps);
  logger.info(ended.status, { id: input.record.id });
  return ended;
}).use(injectLambdaContext(logger));

function connect(env: NodeJS.ProcessEnv): FinishDeps {
  const records = connectRecords(env);
  const { table, nowMs } = records;
  return { ...records, closeFinding: (endpoint, id, because) => closeMonitorFinding(table, endpoint, id, because, nowMs()) };
}
