import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import middy from "@middy/core";
import { closeMonitorFinding } from "../../shared/aws/monitorFindings.ts";
import { readRecord } from "../../shared/aws/remediations.ts";
import { stackSource } from "../../shared/aws/reportSource.ts";
import { deployedAssay } from "../deployedAssay.ts";
import { connectRecords } from "./connectRecords.ts";
import { type Ending, type FinishDeps, finish } from "./finish.ts";
import { type ReportDeps, writeReport } from "./writeReport.ts";

const logger = new Logger({ serviceName: "remediation-finish" });
const deps = connect(process.env); // once per cold start

export const handler = middy(async (input: Ending) => {
  const ended = await finish(input, deps);
  logger.info(ended.status, { id: input.record.id });
  await report(input);
  return ended;
}).use(injectLambdaContext(logger));

/** What ended has ended, whether or not it can be reported: `assay report` writes it anew. */
async function report({ record: key }: Ending): Promise<void> {
  try {
    const stored = await readRecord(deps.table, key);
    if (stored) await writeReport(stored.record, deps);
  } catch (error) {
    logger.warn("no report", { id: key.id, error: (error as Error).name });
  }
}

function connect(env: NodeJS.ProcessEnv): FinishDeps & ReportDeps {
  const records = connectRecords(env);
  const { table, cloudwatch, nowMs } = records;
  return {
    ...records,
    assay: deployedAssay(),
    // Neither captured text nor the history of alarms is this function's to read.
    source: stackSource(records, table, cloudwatch, { alarms: () => [], text: async () => null }),
    closeFinding: (endpoint, id, because) => closeMonitorFinding(table, endpoint, id, because, nowMs()),
  };
}
