import type { ApplicationAutoScalingClient } from "@aws-sdk/client-application-auto-scaling";
import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import type { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { describeAlarms, wasInAlarm } from "../../shared/aws/alarms.ts";
import { readConfigurationLog } from "../../shared/aws/configurations.ts";
import { describeEndpoint } from "../../shared/aws/endpoints.ts";
import { readPause } from "../../shared/aws/pause.ts";
import type { Lock } from "../../shared/aws/remediations.ts";
import { readComponentScaling, readScaling } from "../../shared/aws/scaling.ts";
import type { Table } from "../../shared/aws/table.ts";
import type { Assay } from "../../shared/config/assay.ts";
import { alarmName, watchedAlarms } from "../../shared/monitoring/alarmNames.ts";
import type { MonitorFinding } from "../../shared/monitoring/finding.ts";
import { configurationsOf } from "../../shared/remediation/configurations.ts";
import { worseVariants } from "../../shared/remediation/openFindings.ts";
import { isMonitored, type Situation, type Trouble } from "../../shared/remediation/situation.ts";
import { readCosts } from "./readCosts.ts";

export type SituationDeps = {
  assay: Assay;
  stage: string;
  table: Table;
  cloudwatch: CloudWatchClient;
  sagemaker: SageMakerClient;
  scaling: ApplicationAutoScalingClient;
  nowMs: () => number;
};

/** SageMaker takes no more for one deployment. */
const mostRollbackAlarms = 10;

/**
 * All that a decision about a trouble looks at.
 * @param open what the monitor of the endpoint has found and not closed
 * @param own  name of the execution that is decided about, whose past is left out
 */
export async function readSituation(
  trouble: Trouble,
  open: readonly MonitorFinding[],
  lock: Lock,
  own: string,
  deps: SituationDeps,
): Promise<Situation> {
  const { endpoint: name, variant, since } = trouble;
  const watched = watchedAlarms(deps.assay, deps.stage).filter(({ endpoint }) => endpoint === name);
  const endpoint = await describeEndpoint(deps.sagemaker, name);
  const latency = isMonitored(trouble) && variant !== null ? alarmName(deps.stage, name, variant, "latency") : null;
  const names = endpoint?.variants.map((v) => v.name) ?? [];
  const alarms = await describeAlarms(deps.cloudwatch, watched);
  const isQuiet = ({ variant: of, kind }: { variant: string; kind: string }) =>
    alarms.some((alarm) => alarm.variant === of && alarm.kind === kind && alarm.state !== "ALARM");
  return {
    endpoint,
    alarms,
    worse: worseVariants(open),
    wasSlow: latency !== null && (await wasInAlarm(deps.cloudwatch, latency, Date.parse(since))),
    scaling: await readScaling(deps.scaling, name, names),
    componentScaling: await readComponentScaling(
      deps.scaling,
      (endpoint?.components ?? []).map((component) => component.name),
    ),
    configurations: configurationsOf(await readConfigurationLog(deps.table, name), endpoint?.configuration ?? ""),
    costs: endpoint && (await readCosts(name, deps)),
    paused: await readPause(deps.table),
    // One that is on already would send a deployment back at once.
    rollbackAlarms: watched
      .filter((alarm) => (alarm.kind === "latency" || alarm.kind === "errors") && isQuiet(alarm))
      .slice(0, mostRollbackAlarms)
      .map((alarm) => alarm.name),
    history: {
      actions: lock.actions.filter(({ id }) => id !== own),
      lockedBy: lock.owner === own ? null : lock.owner,
    },
  };
}
