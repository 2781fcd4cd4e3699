import { type CloudWatchClient, paginateDescribeAlarmHistory, paginateGetMetricData } from "@aws-sdk/client-cloudwatch";
import { paginateQuery } from "@aws-sdk/lib-dynamodb";
import type { Alarmed, Metric, MetricValues, ReportSource } from "../reporting/span/source.ts";
import type { Results } from "./foldedWindows.ts";
import { keysUnder, readJson, readText } from "./results.ts";
import type { Table } from "./table.ts";

/**
 * A deployed stack as a report reads it.
 * @param alarms names of an endpoint's
 * @param text   reads captured text, for who may
 */
export function stackSource(
  { s3, resultsBucket }: Results,
  table: Table,
  cloudwatch: CloudWatchClient,
  { alarms, text }: { alarms(endpoint: string): string[]; text: ReportSource["text"] },
): ReportSource {
  return {
    keys: (prefix) => keysUnder(s3, resultsBucket, prefix),
    read: (key) => readText(s3, resultsBucket, key),
    json: <T>(key: string) => readJson<T>(s3, resultsBucket, key),
    async items(pk, skPrefix) {
      const found: Record<string, unknown>[] = [];
      const input = {
        TableName: table.name,
        KeyConditionExpression: skPrefix === "" ? "pk = :pk" : "pk = :pk AND begins_with(sk, :sk)",
        ExpressionAttributeValues: { ":pk": pk, ...(skPrefix === "" ? {} : { ":sk": skPrefix }) },
      };
      for await (const { Items = [] } of paginateQuery({ client: table.client }, input)) found.push(...Items);
      return found;
    },
    metrics: (asked, fromMs, untilMs, periodMs) => readMetrics(cloudwatch, asked, fromMs, untilMs, periodMs),
    alarms: (endpoint, fromMs, untilMs) => alarmsOf(cloudwatch, alarms(endpoint), fromMs, untilMs),
    text,
  };
}

/** One call takes 500 queries. */
const queriesPerCall = 500;

async function readMetrics(
  cloudwatch: CloudWatchClient,
  asked: readonly Metric[],
  fromMs: number,
  untilMs: number,
  periodMs: number,
): Promise<MetricValues[]> {
  const values = asked.map(() => new Map<number, number>());
  for (let at = 0; at < asked.length; at += queriesPerCall) {
    const MetricDataQueries = asked.slice(at, at + queriesPerCall).map(({ namespace, name, dimensions, stat }, k) => ({
      Id: `m${at + k}`,
      MetricStat: {
        Metric: {
          Namespace: namespace,
          MetricName: name,
          Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
        },
        Period: periodMs / 1_000,
        Stat: stat,
      },
    }));
    const input = { StartTime: new Date(fromMs), EndTime: new Date(untilMs), MetricDataQueries };
    for await (const { MetricDataResults = [] } of paginateGetMetricData({ client: cloudwatch }, input)) {
      for (const { Id, Timestamps = [], Values = [] } of MetricDataResults)
        for (const [k, time] of Timestamps.entries()) values[Number(Id!.slice(1))]!.set(time.getTime(), Values[k]!); // ids are ours; a value for each time
    }
  }
  return values;
}

/** When they were on. CloudWatch keeps their history for a month. */
async function alarmsOf(
  cloudwatch: CloudWatchClient,
  names: readonly string[],
  fromMs: number,
  untilMs: number,
): Promise<Alarmed[]> {
  const began: Alarmed[] = [];
  for (const AlarmName of names) {
    const pages = paginateDescribeAlarmHistory(
      { client: cloudwatch },
      {
        AlarmName,
        AlarmTypes: ["MetricAlarm", "CompositeAlarm"],
        HistoryItemType: "StateUpdate",
        StartDate: new Date(fromMs),
        EndDate: new Date(untilMs),
        ScanBy: "TimestampAscending",
      },
    );
    let on: Alarmed | null = null;
    for await (const { AlarmHistoryItems = [] } of pages) {
      for (const { HistoryData, Timestamp } of AlarmHistoryItems) {
        const { newState } = JSON.parse(HistoryData ?? "{}") as { newState?: { stateValue?: string } };
        if (newState?.stateValue === undefined || !Timestamp) continue;
        const at = Timestamp.toISOString();
        if (newState.stateValue !== "ALARM") {
          if (on !== null) on.until = at;
          on = null;
        } else if (on === null) {
          on = { at, until: null, text: AlarmName };
          began.push(on);
        }
      }
    }
  }
  return began.sort((a, b) => (a.at < b.at ? -1 : 1));
}
