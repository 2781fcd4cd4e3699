import { type CloudWatchClient, DescribeAlarmsCommand, paginateDescribeAlarmHistory } from "@aws-sdk/client-cloudwatch";
import { type AlarmKind, isFused, type WatchedAlarm } from "../monitoring/alarmNames.ts";
import type { AlarmState } from "../remediation/situation.ts";

/** CloudWatch takes 100 names a request. */
const namesPerRequest = 100;

/** Composites are left out because to see them a role would need the permission for every alarm of the account. */
const isUnread = (kind: AlarmKind) => kind === "evidence" || isFused(kind);

/**
 * How the metric alarms among `watched` stand; one that is not deployed is missing in the answer. Composites and
 * evidence are left out: the children of the one say the same, and of the other the monitor's findings know the direction, too.
 */
export async function describeAlarms(
  cloudwatch: CloudWatchClient,
  watched: readonly WatchedAlarm[],
): Promise<(AlarmState & { endpoint: string })[]> {
  const byName = new Map(watched.filter(({ kind }) => !isUnread(kind)).map((alarm) => [alarm.name, alarm]));
  const names = [...byName.keys()];
  const states: (AlarmState & { endpoint: string })[] = [];
  for (let i = 0; i < names.length; i += namesPerRequest) {
    const { MetricAlarms = [] } = await cloudwatch.send(
      new DescribeAlarmsCommand({
        AlarmNames: names.slice(i, i + namesPerRequest),
        AlarmTypes: ["MetricAlarm"],
        MaxRecords: namesPerRequest,
      }),
    );
    for (const { AlarmName, StateValue, StateTransitionedTimestamp } of MetricAlarms) {
      const { endpoint, variant, kind } = byName.get(AlarmName!)!; // we asked for these names only
      states.push({ endpoint, variant, kind, state: StateValue!, sinceMs: StateTransitionedTimestamp?.getTime() ?? 0 });
    }
  }
  return states;
}

/** Whether an alarm was on at some time since a moment (epoch milliseconds), even if it is over by now. */
export async function wasInAlarm(cloudwatch: CloudWatchClient, alarm: string, sinceMs: number): Promise<boolean> {
  const changes = paginateDescribeAlarmHistory(
    { client: cloudwatch },
    { AlarmName: alarm, AlarmTypes: ["MetricAlarm"], HistoryItemType: "StateUpdate", StartDate: new Date(sinceMs) },
  );
  for await (const { AlarmHistoryItems = [] } of changes) {
    for (const { HistoryData } of AlarmHistoryItems) {
      const { oldState, newState } = JSON.parse(HistoryData!) as Record<"oldState" | "newState", { stateValue: string }>;
      if (oldState.stateValue === "ALARM" || newState.stateValue === "ALARM") return true;
    }
  }
  return false;
}
