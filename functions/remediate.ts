import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { ApplicationAutoScalingClient } from "@aws-sdk/client-application-auto-scaling";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { SFNClient } from "@aws-sdk/client-sfn";
import middy from "@middy/core";
import type { CloudWatchAlarmEvent } from "aws-lambda";
import { readOpenFindings } from "../shared/aws/monitorFindings.ts";
import type { MonitorFinding } from "../shared/monitoring/finding.ts";
import { deployedAssay } from "./deployedAssay.ts";
import { variable } from "./environment.ts";
import { type RemediateDeps, remediate } from "./remediate/remediate.ts";
import { remediateAlarm, remediateAlarmsThatAreOn } from "./remediate/remediateAlarm.ts";
import { connectRecords } from "./remediation/connectRecords.ts";
import { type Heard, hear, type Word } from "./remediation/hear.ts";

/** The drift workflow sends each open finding at every tick. */
type DriftEvent = { source: "assay.drift"; finding: MonitorFinding };
/** The schedule asks about every alarm that is on. */
type TickEvent = { source: "assay.tick" };

const logger = new Logger({ serviceName: "remediate" });
const deps = connect(process.env); // once per cold start

export const handler = middy(async (event: Event): Promise<Heard | undefined> => {
  const about = aboutOf(event);
  try {
    if (isWord(event)) {
      const heard = await hear(event, deps);
      logger.info(heard.state, { ...about, says: event.says, status: heard.status });
      return heard;
    }
    if (isTick(event)) {
      logger.info("looked at the alarms that are on", { alarms: await remediateAlarmsThatAreOn(deps) });
    } else if (isFromDrift(event)) {
      const { status, id, decision, failure } = await remediate(event.finding, deps);
      logger.info(status, { status, id, because: failure ?? decision.because });
    } else {
      const remediated = await remediateAlarm(event, deps);
      logger.info(remediated.status, { ...about, ...remediated });
    }
    return undefined;
  } catch (error) {
    logger.error("the event comes again", { ...about, error: error as Error });
    throw error; // Lambda invokes again, twice, then keeps the event at the failure destination
  }
}).use(injectLambdaContext(logger));

type Event = CloudWatchAlarmEvent | DriftEvent | TickEvent | Word;
const isWord = (event: Event): event is Word => event.source === "assay.person";
const isFromDrift = (event: Event): event is DriftEvent => event.source === "assay.drift";
const isTick = (event: Event): event is TickEvent => event.source === "assay.tick";

/** What a log line may say of an event. */
function aboutOf(event: Event): Record<string, string> {
  if (isTick(event)) return { source: event.source };
  if (isWord(event)) return { remediation: event.record.id };
  return isFromDrift(event) ? { finding: event.finding.id } : { alarmName: event.alarmData.alarmName };
}

function connect(env: NodeJS.ProcessEnv): RemediateDeps {
  const records = connectRecords(env);
  return {
    ...records,
    assay: deployedAssay(),
    sagemaker: new SageMakerClient(),
    scaling: new ApplicationAutoScalingClient(),
    sfn: new SFNClient(),
    stateMachineArn: variable(env, "REMEDIATION_STATE_MACHINE_ARN"),
    openFindings: (endpoint) => readOpenFindings(records.table, endpoint),
  };
}
