import { type CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import type { WatchedAlarm } from "../monitoring/alarmNames.ts";
import type { AlarmState } from "../remediation/policy.ts";

/** CloudWatch takes 100 names a request. */
const namesPerRequest = 100;

/**
 * How the metric alarms among `watched` stand; one that is not deployed is missing in the answer. Composites are left out on
 * purpose: to see them a role would need the permission for every alarm of the account, and their children say the same.
 */
export async function describeAlarms(cloudwatch: CloudWatchClient, watched: readonly WatchedAlarm[]): Promise<AlarmState[]> {
  const byName = new Map(watched.filter(({ kind }) => kind !== "slow-and-failing").map((alarm) => [alarm.name, alarm]));
  const names = [...byName.keys()];
  const states: AlarmState[] = [];
  for (let i = 0; i < names.length; i += namesPerRequest) {
    const { MetricAlarms = [] } = await cloudwatch.send(
      new DescribeAlarmsCommand({
        AlarmNames: names.slice(i, i + namesPerRequest),
        AlarmTypes: ["MetricAlarm"],
        MaxRecords: namesPerRequest,
      }),
    );
    for (const { AlarmName, StateValue } of MetricAlarms) {
      const { variant, kind } = byName.get(AlarmName!)!; // we asked for these names only
      states.push({ variant, kind, state: StateValue! });
    }
  }
  return states;
}
