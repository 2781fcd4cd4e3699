import { describeAlarms } from "../../shared/aws/alarms.ts";
import { describeServedConfiguration, readConfigurationLog, saveConfigurationLog } from "../../shared/aws/configurations.ts";
import { describeEndpoint } from "../../shared/aws/endpoints.ts";
import { putMetrics } from "../../shared/aws/metrics.ts";
import { readLock } from "../../shared/aws/remediations.ts";
import { settingsOf } from "../../shared/config/assay.ts";
import { watchedAlarms } from "../../shared/monitoring/alarmNames.ts";
import { findingId } from "../../shared/monitoring/finding.ts";
import { iso } from "../../shared/monitoring/windows.ts";
import { reasonIsGone } from "../../shared/remediation/actions/scaleBack.ts";
import { observed } from "../../shared/remediation/configurations.ts";
import { activeDatum } from "../../shared/remediation/metrics.ts";
import { worseVariants } from "../../shared/remediation/openFindings.ts";
import type { Added, Spare } from "../../shared/remediation/situation.ts";
import { type RemediateDeps, remediate } from "./remediate.ts";

/**
 * What no alarm tells: which configuration of an endpoint serves well, so that there is one to go back to; and which capacity that was
 * added is needed no more.
 * @throws what AWS says: the next tick looks again
 */
export async function lookAround(endpoint: string, deps: RemediateDeps): Promise<void> {
  const nowMs = deps.nowMs();
  const watched = watchedAlarms(deps.assay, deps.stage).filter((alarm) => alarm.endpoint === endpoint);
  const alarms = await describeAlarms(deps.cloudwatch, watched);
  const lock = await readLock(deps.table, endpoint, nowMs);
  const described = await describeEndpoint(deps.sagemaker, endpoint);
  // While it is being changed it serves a bit of both.
  if (described?.status === "InService") {
    const served = await describeServedConfiguration(deps.sagemaker, described);
    const worse = worseVariants(await deps.openFindings(endpoint));
    const isSound = lock.owner === null && worse.size === 0 && alarms.every(({ state }) => state !== "ALARM");
    const soundMs = settingsOf(deps.assay, endpoint).remediation.verifyHours * 3_600_000;
    const log = await readConfigurationLog(deps.table, endpoint);
    await saveConfigurationLog(deps.table, endpoint, observed(log, served, isSound, soundMs, nowMs));
  }
  // Said again at every tick: a remediation that died without a word would else silence the alarms for ever.
  await putMetrics(deps.cloudwatch, [activeDatum(endpoint, lock.owner !== null, nowMs)]);
  for (const added of lock.added) if (reasonIsGone(added, alarms, nowMs)) await remediate(spareOf(endpoint, added), deps);
}

function spareOf(endpoint: string, added: Added): Spare {
  const since = iso(added.atMs);
  const id = findingId([endpoint, added.id, "spare", since]);
  return { id, endpoint, variant: added.variant, cause: "capacity", kind: "spare", since, added };
}
