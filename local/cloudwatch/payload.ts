import type { CloudWatchAlarmEvent, CloudWatchAlarmMetricDataQuery, CloudWatchAlarmState } from "aws-lambda";
import type { World } from "../world.ts";
import type { Alarm, MetricAlarm, StateRecord } from "./alarm.ts";
import type { Point } from "./judge.ts";
import type { MetricStore } from "./store.ts";

/** `2026-03-02T09:41:07.000+0000`: how CloudWatch writes a time in its events. */
const eventTime = (timeMs: number): string => new Date(timeMs).toISOString().replace("Z", "+0000");

/**
 * What a Lambda function is invoked with when an alarm changes its state.
 * Source: Amazon CloudWatch User Guide, "Invoke a Lambda function from an alarm"
 */
export function alarmEvent(alarm: Alarm, previous: StateRecord, { accountId, region }: World): CloudWatchAlarmEvent {
  const description = alarm.description === null ? {} : { description: alarm.description };
  return {
    source: "aws.cloudwatch",
    alarmArn: alarm.arn,
    accountId,
    time: eventTime(alarm.state.atMs),
    region,
    alarmData: {
      alarmName: alarm.name,
      state: stateIn(alarm.state),
      previousState: stateIn(previous),
      configuration:
        alarm.kind === "composite"
          ? { ...description, alarmRule: alarm.ruleText }
          : { ...description, metrics: metricsIn(alarm) },
    },
  };
}

/**
 * What the event bus is told when an alarm changes its state.
 * Source: Amazon CloudWatch User Guide, "Alarm events and EventBridge"
 */
export function stateChangeEvent(alarm: Alarm, previous: StateRecord, world: World): Record<string, unknown> {
  const { alarmName, state, previousState, configuration } = alarmEvent(alarm, previous, world).alarmData;
  return {
    version: "0",
    id: world.uuid("alarm-event"),
    "detail-type": "CloudWatch Alarm State Change",
    source: "aws.cloudwatch",
    account: world.accountId,
    time: `${new Date(alarm.state.atMs).toISOString().slice(0, 19)}Z`,
    region: world.region,
    resources: [alarm.arn],
    detail: { alarmName, state, previousState, configuration },
  };
}

/** `reasonData` of a metric alarm: what it looked at. Newest first, but for `recentDatapoints`. */
export function evaluationData(alarm: MetricAlarm, evaluated: readonly Point[], store: MetricStore, nowMs: number): string {
  const real = evaluated.filter(({ value }) => value !== null);
  return JSON.stringify({
    version: "1.0",
    queryDate: eventTime(nowMs),
    ...(real.length > 0 ? { startDate: eventTime(real.at(-1)!.atMs) } : {}),
    ...(alarm.statistic === null ? {} : { statistic: alarm.statistic }),
    period: alarm.watched.periodMs / 1_000,
    recentDatapoints: real.map(({ value }) => value).reverse(),
    threshold: alarm.rule.threshold,
    evaluatedDatapoints: evaluated.map(({ atMs, value }) => {
      const sampleCount = alarm.sampleCount?.at(store, atMs) ?? null;
      return {
        timestamp: eventTime(atMs),
        ...(sampleCount === null ? {} : { sampleCount }),
        ...(value === null ? {} : { value }),
      };
    }),
  });
}

/** `reasonData` of a composite alarm. */
export const triggeringData = (children: readonly Alarm[]): string =>
  JSON.stringify({
    triggeringAlarms: children.map(({ arn, state }) => ({
      arn,
      state: { value: state.value, timestamp: eventTime(state.atMs) },
    })),
  });

function stateIn({ value, reason, reasonData, atMs }: StateRecord): CloudWatchAlarmState {
  return { value, reason, ...(reasonData === null ? {} : { reasonData }), timestamp: eventTime(atMs) };
}

function metricsIn({ queries }: MetricAlarm): CloudWatchAlarmMetricDataQuery[] {
  return queries.map(({ Id: id, MetricStat, Expression, Label, ReturnData: returnData }) => {
    if (!MetricStat) return { id, expression: Expression!, label: Label ?? id, returnData };
    const { Metric, Period: period, Stat: stat, Unit } = MetricStat;
    const dimensions = Object.fromEntries(Metric.Dimensions.map(({ Name, Value }) => [Name, Value]));
    return {
      id,
      metricStat: {
        metric: { namespace: Metric.Namespace, name: Metric.MetricName, dimensions },
        period,
        stat,
        ...(Unit === undefined ? {} : { unit: Unit }),
      },
      ...(Label === undefined ? {} : { label: Label }),
      returnData,
    };
  });
}
