import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { StateChange } from "../../../local/cloudwatch/alarms.ts";
import { alarmArn, cloudWatchAt, lambda, seconds } from "./cloudWatch.ts";

let aws: ReturnType<typeof cloudWatchAt>;
beforeEach(() => {
  aws = cloudWatchAt("2026-03-02T09:41:07Z");
});
afterEach(() => {
  expect(aws.held()).toBe(0); // or time would stand still for ever
  aws.clock.uninstall();
});

const until = (time: string) => aws.clock.tickAsync(seconds(time) * 1_000 - Date.now());
const putAlarm = (more: Record<string, unknown> = {}) =>
  aws.call("PutMetricAlarm", {
    AlarmName: "high",
    Namespace: "T",
    MetricName: "m",
    Statistic: "Maximum",
    Period: 60,
    EvaluationPeriods: 3,
    DatapointsToAlarm: 2,
    Threshold: 5,
    ComparisonOperator: "GreaterThanThreshold",
    TreatMissingData: "notBreaching",
    AlarmActions: [lambda("remediate")],
    ...more,
  });
const putComposite = (AlarmName: string, AlarmRule: string, more: Record<string, unknown> = {}) =>
  aws.call("PutCompositeAlarm", { AlarmName, AlarmRule, ...more });

test("evaluates ten seconds after each whole minute, and acts once on each change of state", async () => {
  await putAlarm({ OKActions: [lambda("all-clear")] });
  expect(await aws.stateOf("high")).toBe("INSUFFICIENT_DATA");
  await aws.put("m", "09:39", 9);
  await aws.put("m", "09:40", 9);
  await until("09:41:09");
  expect(await aws.stateOf("high")).toBe("INSUFFICIENT_DATA");
  await until("09:41:10");
  expect(await aws.stateOf("high")).toBe("ALARM");
  await aws.put("m", "09:41", 9);
  await until("09:43:30");
  expect(aws.invocations.map(({ input }) => input.FunctionName)).toEqual([lambda("remediate")]);
  await until("09:47:30");
  expect(await aws.stateOf("high")).toBe("OK");
  expect(aws.invocations.map(({ input }) => input.FunctionName)).toEqual([lambda("remediate"), lambda("all-clear")]);
});

test("sees points that arrive two minutes late, as captures do", async () => {
  await putAlarm();
  for (const [arrives, minute, value] of [
    ["09:41:59", "09:39", 9],
    ["09:42:59", "09:40", 9],
    ["09:43:59", "09:41", 1],
    ["09:44:59", "09:42", 1],
  ] as const) {
    await until(arrives);
    await aws.put("m", minute, value);
  }
  const changes = (await history("high")).map(({ HistorySummary }) => HistorySummary);
  expect(changes).toEqual(["Alarm updated from INSUFFICIENT_DATA to OK", "Alarm updated from OK to ALARM"]);
  await until("09:45:10");
  expect(await aws.stateOf("high")).toBe("OK");
});

test.each(["notBreaching", "ignore"])(
  "sparse data within the threshold never flaps when missing data is %s",
  async (TreatMissingData) => {
    const changes: StateChange[] = [];
    aws.part.onStateChange((change) => changes.push(change));
    await putAlarm({ TreatMissingData });
    for (const minute of ["09:42", "09:50", "10:20"]) {
      await until(`${minute}:50`);
      await aws.put("m", minute, 1);
    }
    await until("11:00");
    expect(changes.map(({ from, to }) => [from, to])).toEqual([["INSUFFICIENT_DATA", "OK"]]);
  },
);

test("a share with too few answers has no point: too little is no alarm, and no all-clear either", async () => {
  const ofHardFailures = (Id: string, Stat: string) => ({
    Id,
    MetricStat: { Metric: { Namespace: "T", MetricName: "HardFailures" }, Period: 300, Stat },
    ReturnData: false,
  });
  await aws.call("PutMetricAlarm", {
    AlarmName: "failing",
    Metrics: [
      { Id: "enough", Expression: "IF(n >= 20, share)", Label: "Share of hard failures" },
      ofHardFailures("n", "SampleCount"),
      ofHardFailures("share", "Average"),
    ],
    EvaluationPeriods: 1,
    Threshold: 0.1,
    ComparisonOperator: "GreaterThanThreshold",
    TreatMissingData: "ignore",
  });
  const answers = (minute: string, good: number, bad: number) =>
    aws.call("PutMetricData", {
      Namespace: "T",
      MetricData: [{ MetricName: "HardFailures", Timestamp: seconds(minute), Values: [0, 1], Counts: [good, bad] }],
    });
  await answers("09:41", 2, 17);
  await until("09:42:30");
  expect(await aws.stateOf("failing")).toBe("INSUFFICIENT_DATA");
  await answers("09:42", 1, 1);
  await until("09:43:30");
  expect(await aws.stateOf("failing")).toBe("ALARM");
  await until("10:30");
  expect(await aws.stateOf("failing")).toBe("ALARM");
  await answers("10:30", 30, 1);
  await until("10:31:30");
  expect(await aws.stateOf("failing")).toBe("OK");
});

test("a percentile can be watched", async () => {
  await putAlarm({ Statistic: undefined, ExtendedStatistic: "p90", EvaluationPeriods: 1, DatapointsToAlarm: 1 });
  await aws.put("m", "09:40", 1, 1, 1, 1, 1, 1, 1, 1, 1, 100);
  await until("09:41:30");
  expect(await aws.stateOf("high")).toBe("ALARM"); // p90 is 10.9; the average too would be over 5, the median is not
  await putAlarm({ Statistic: undefined, ExtendedStatistic: "p50", EvaluationPeriods: 1, DatapointsToAlarm: 1 });
  await until("09:42:30");
  expect(await aws.stateOf("high")).toBe("OK");
});

test("the payload of a metric alarm", async () => {
  await putAlarm({ AlarmDescription: "Too high", Dimensions: [{ Name: "Endpoint", Value: "e" }], Unit: "Count" });
  const MetricData = ["09:39", "09:40"].map((minute) => ({
    MetricName: "m",
    Dimensions: [{ Name: "Endpoint", Value: "e" }],
    Timestamp: seconds(minute),
    Values: [9, 1],
    Unit: "Count",
  }));
  await aws.call("PutMetricData", { Namespace: "T", MetricData });
  await until("09:41:10");
  expect(aws.invocations).toMatchObject([
    {
      service: "lambda",
      operation: "Invoke",
      input: { FunctionName: lambda("remediate"), InvocationType: "Event" },
      as: { kind: "service", service: "lambda.alarms.cloudwatch.amazonaws.com", sourceArn: alarmArn("high") },
    },
  ]);
  const reason =
    "Threshold Crossed: 2 out of the last 2 datapoints [9.0 (02/03/26 09:40:00), 9.0 (02/03/26 09:39:00)] were greater than the threshold (5.0) (minimum 2 datapoints for OK -> ALARM transition).";
  expect(aws.payloads()).toEqual([
    {
      source: "aws.cloudwatch",
      alarmArn: alarmArn("high"),
      accountId: "000000000000",
      time: "2026-03-02T09:41:10.000+0000",
      region: "eu-west-1",
      alarmData: {
        alarmName: "high",
        state: { value: "ALARM", reason, reasonData: expect.any(String), timestamp: "2026-03-02T09:41:10.000+0000" },
        previousState: {
          value: "INSUFFICIENT_DATA",
          reason: "Unchecked: Initial alarm creation",
          timestamp: "2026-03-02T09:41:07.000+0000",
        },
        configuration: {
          description: "Too high",
          metrics: [
            {
              id: "uuid-of-alarm-metric",
              metricStat: {
                metric: { namespace: "T", name: "m", dimensions: { Endpoint: "e" } },
                period: 60,
                stat: "Maximum",
                unit: "Count",
              },
              returnData: true,
            },
          ],
        },
      },
    },
  ]);
  const { alarmData } = aws.payloads()[0] as { alarmData: { state: { reasonData: string } } };
  expect(JSON.parse(alarmData.state.reasonData)).toEqual({
    version: "1.0",
    queryDate: "2026-03-02T09:41:10.000+0000",
    startDate: "2026-03-02T09:39:00.000+0000",
    statistic: "Maximum",
    period: 60,
    recentDatapoints: [9, 9],
    threshold: 5,
    evaluatedDatapoints: [
      { timestamp: "2026-03-02T09:40:00.000+0000", sampleCount: 2, value: 9 },
      { timestamp: "2026-03-02T09:39:00.000+0000", sampleCount: 2, value: 9 },
    ],
  });
});

test("the payload's metrics of an alarm on an expression", async () => {
  const ofMetric = (Id: string, MetricName: string) => ({
    Id,
    MetricStat: { Metric: { Namespace: "T", MetricName }, Period: 60, Stat: "Sum" },
    ReturnData: false,
  });
  await putAlarm({
    ...{ Namespace: undefined, MetricName: undefined, Statistic: undefined, Period: undefined },
    Metrics: [{ Id: "rate", Expression: "m / k", Label: "Rate" }, ofMetric("m", "m"), ofMetric("k", "k")],
  });
  await aws.call("SetAlarmState", { AlarmName: "high", StateValue: "ALARM", StateReason: "a drill" });
  const metricStat = (name: string) => ({ metric: { namespace: "T", name, dimensions: {} }, period: 60, stat: "Sum" });
  expect(aws.payloads()).toMatchObject([
    {
      alarmData: {
        state: { value: "ALARM", reason: "a drill" },
        configuration: {
          metrics: [
            { id: "rate", expression: "m / k", label: "Rate", returnData: true },
            { id: "m", metricStat: metricStat("m"), returnData: false },
            { id: "k", metricStat: metricStat("k"), returnData: false },
          ],
        },
      },
    },
  ]);
});

test("a composite follows its children in the same pass, nested ones too, and names what moved it", async () => {
  await putAlarm({ AlarmName: "latency", AlarmActions: [] });
  await putAlarm({ AlarmName: "failures", MetricName: "k", AlarmActions: [] });
  await putComposite("z-slow-and-failing", 'ALARM("latency") AND ALARM("failures")', { AlarmActions: [lambda("remediate")] });
  await putComposite("a-of-composites", "NOT ALARM(z-slow-and-failing)", { OKActions: [lambda("outer")] });
  await aws.put("m", "09:39", 9);
  await aws.put("m", "09:40", 9);
  await until("09:41:30");
  expect(await aws.stateOf("z-slow-and-failing")).toBe("OK");
  expect(await aws.stateOf("a-of-composites")).toBe("ALARM");
  await aws.put("m", "09:41", 9);
  await aws.put("k", "09:40", 9);
  await aws.put("k", "09:41", 9);
  await until("09:42:10");
  expect(aws.invocations.map(({ input, as }) => [input.FunctionName, as])).toEqual([
    [
      lambda("remediate"),
      { kind: "service", service: "lambda.alarms.cloudwatch.amazonaws.com", sourceArn: alarmArn("z-slow-and-failing") },
    ],
    [
      lambda("outer"),
      { kind: "service", service: "lambda.alarms.cloudwatch.amazonaws.com", sourceArn: alarmArn("a-of-composites") },
    ],
  ]);
  const timestamp = "2026-03-02T09:42:10.000+0000";
  expect(aws.payloads()[0]).toEqual({
    source: "aws.cloudwatch",
    alarmArn: alarmArn("z-slow-and-failing"),
    accountId: "000000000000",
    time: timestamp,
    region: "eu-west-1",
    alarmData: {
      alarmName: "z-slow-and-failing",
      state: {
        value: "ALARM",
        reason: `${alarmArn("failures")} transitioned to ALARM at Monday 02 March, 2026 09:42:10 UTC`,
        reasonData: JSON.stringify({ triggeringAlarms: [{ arn: alarmArn("failures"), state: { value: "ALARM", timestamp } }] }),
        timestamp,
      },
      previousState: expect.objectContaining({ value: "OK" }),
      configuration: { alarmRule: 'ALARM("latency") AND ALARM("failures")' },
    },
  });
});

test("an action that is refused is kept where one can see it, and the other actions and alarms go on", async () => {
  aws.refused.add(lambda("forbidden"));
  await putAlarm({ AlarmName: "first", AlarmActions: [lambda("forbidden"), lambda("remediate")] });
  await putAlarm({ AlarmName: "second" });
  await aws.put("m", "09:39", 9);
  await aws.put("m", "09:40", 9);
  await until("09:41:10");
  expect(aws.invocations.map(({ input }) => input.FunctionName)).toEqual([lambda("remediate"), lambda("remediate")]);
  expect(aws.part.failedActions).toEqual([
    {
      alarm: "first",
      action: lambda("forbidden"),
      code: "AccessDeniedException",
      message: "Not allowed.",
      atMs: seconds("09:41:10") * 1_000,
    },
  ]);
  expect((await history("first", "Action")).map(({ HistorySummary }) => HistorySummary)).toEqual([
    `Failed to execute action ${lambda("forbidden")}. Received error: "Not allowed."`,
    `Successfully executed action ${lambda("remediate")}`,
  ]);
});

test("SetAlarmState acts like a change of state, takes composites along, and lasts until the next evaluation", async () => {
  await putAlarm();
  await putComposite("above", "ALARM(high)", { AlarmActions: [lambda("outer")] });
  const drill = { AlarmName: "high", StateValue: "ALARM", StateReason: "a drill" };
  await aws.call("SetAlarmState", drill);
  await aws.call("SetAlarmState", drill);
  expect(aws.invocations.map(({ input }) => input.FunctionName)).toEqual([lambda("remediate"), lambda("outer")]);
  await until("09:41:10");
  expect(await aws.stateOf("high")).toBe("OK");
  expect(await aws.stateOf("above")).toBe("OK");
});

test("an alarm whose actions are off changes its state all the same; an update keeps the state", async () => {
  await putAlarm({ ActionsEnabled: false });
  await aws.put("m", "09:39", 9);
  await aws.put("m", "09:40", 9);
  await until("09:41:10");
  await putAlarm({ Threshold: 6 });
  expect(await aws.stateOf("high")).toBe("ALARM");
  await aws.put("m", "09:41", 9);
  await until("09:42:30");
  expect(aws.invocations).toEqual([]);
});

test("vended metrics are measured before each evaluation; what is removed meanwhile vends nothing", async () => {
  let age = 30;
  const Dimensions = [{ Name: "QueueName", Value: "dead-letters" }];
  aws.part.vend(() => [
    { Namespace: "AWS/SQS", MetricName: "ApproximateAgeOfOldestMessage", Dimensions, Value: age, Unit: "Seconds" },
  ]);
  aws.part.vend(() => aws.call("DeleteAlarms", { AlarmNames: ["gone"] }).then(() => []));
  await putAlarm({
    ...{ Namespace: "AWS/SQS", MetricName: "ApproximateAgeOfOldestMessage", Dimensions },
    ...{ EvaluationPeriods: 1, DatapointsToAlarm: 1, Threshold: 60 },
  });
  await until("09:41:30");
  expect(await aws.stateOf("high")).toBe("OK");
  age = 90;
  await until("09:42:10");
  expect(await aws.stateOf("high")).toBe("ALARM");
});

test("no alarm, no timer", async () => {
  expect(aws.clock.countTimers()).toBe(0);
  await putAlarm();
  expect(aws.clock.countTimers()).toBe(1);
  await until("09:45");
  expect(aws.clock.countTimers()).toBe(1);
  await aws.call("DeleteAlarms", { AlarmNames: ["high"] });
  expect(aws.clock.countTimers()).toBe(0);
});

test("DescribeAlarms gives back what was put, by name, prefix, kind and state, and only metric alarms unless asked", async () => {
  await putAlarm({ AlarmName: "b" });
  await putAlarm({ AlarmName: "a-1", AlarmDescription: "first" });
  await putComposite("a-2", "ALARM(a-1)");
  await aws.call("SetAlarmState", { AlarmName: "a-1", StateValue: "ALARM", StateReason: "a drill" });
  const names = async (filter: Record<string, unknown>) => {
    const { MetricAlarms, CompositeAlarms, NextToken } = (await aws.call("DescribeAlarms", filter)) as Record<
      string,
      { AlarmName: string }[]
    >;
    return [[...MetricAlarms!, ...CompositeAlarms!].map(({ AlarmName }) => AlarmName), NextToken];
  };
  const AlarmTypes = ["MetricAlarm", "CompositeAlarm"];
  expect(await names({})).toEqual([["a-1", "b"], undefined]);
  expect(await names({ AlarmNamePrefix: "a", AlarmTypes })).toEqual([["a-1", "a-2"], undefined]);
  expect(await names({ AlarmNames: ["b", "a-2", "gone"], AlarmTypes })).toEqual([["b", "a-2"], undefined]);
  expect(await names({ StateValue: "ALARM", AlarmTypes })).toEqual([["a-1", "a-2"], undefined]);
  expect(await names({ MaxRecords: 1 })).toEqual([["a-1"], "1"]);
  expect(await names({ MaxRecords: 1, NextToken: "1" })).toEqual([["b"], undefined]);
  expect(await aws.call("DescribeAlarms", { AlarmNames: ["a-1"] })).toMatchObject({
    MetricAlarms: [
      {
        ...{ AlarmName: "a-1", AlarmArn: alarmArn("a-1"), AlarmDescription: "first", ActionsEnabled: true },
        ...{ Namespace: "T", MetricName: "m", Statistic: "Maximum", Period: 60, Threshold: 5 },
        ...{ EvaluationPeriods: 3, DatapointsToAlarm: 2, ComparisonOperator: "GreaterThanThreshold" },
        ...{ TreatMissingData: "notBreaching", AlarmActions: [lambda("remediate")], OKActions: [], InsufficientDataActions: [] },
        ...{ StateValue: "ALARM", StateReason: "a drill", StateUpdatedTimestamp: seconds("09:41:07") },
      },
    ],
    CompositeAlarms: [],
  });
});

test.each<{ it: string; input: Record<string, unknown>; says: string }>([
  {
    it: "an action that is neither function nor topic",
    input: { AlarmActions: ["arn:aws:automate:eu-west-1:ec2:stop"] },
    says: "arn:aws:automate:eu-west-1:ec2:stop",
  },
  { it: "a member it does not honour", input: { EvaluationWindow: {} }, says: "EvaluationWindow" },
  { it: "M over N", input: { DatapointsToAlarm: 4 }, says: "DatapointsToAlarm (4)" },
  { it: "a period of less than a minute", input: { Period: 10 }, says: "Period" },
  { it: "over a day", input: { Period: 3600, EvaluationPeriods: 25 }, says: "one day" },
  { it: "an anomaly band", input: { ComparisonOperator: "GreaterThanUpperThreshold" }, says: "ComparisonOperator" },
  {
    it: "ignoring percentiles of few values",
    input: { EvaluateLowSampleCountPercentile: "ignore" },
    says: "EvaluateLowSampleCountPercentile",
  },
  { it: "no statistic", input: { Statistic: undefined }, says: "Statistic" },
  { it: "an unknown statistic", input: { Statistic: undefined, ExtendedStatistic: "tm90" }, says: "tm90" },
  {
    it: "a metric and metrics",
    input: { Metrics: [{ Id: "e", Expression: "m" }] },
    says: "MetricName, Namespace, Statistic, Period",
  },
  {
    it: "two results",
    input: {
      ...{ MetricName: undefined, Namespace: undefined, Statistic: undefined, Period: undefined },
      Metrics: ["a", "b"].map((Id) => ({
        Id,
        MetricStat: { Metric: { Namespace: "T", MetricName: Id }, Period: 60, Stat: "Sum" },
      })),
    },
    says: "Exactly one",
  },
])("PutMetricAlarm refuses $it", async ({ input, says }) => {
  await expect(putAlarm(input)).rejects.toMatchObject({ code: "ValidationError", message: expect.stringContaining(says) });
  expect(await aws.stateOf("high")).toBeUndefined();
});

test.each<{ it: string; attempt(): Promise<unknown>; code: string; says: string }>([
  {
    it: "a rule about an alarm that does not exist",
    attempt: () => putComposite("c", "ALARM(gone)"),
    code: "ValidationError",
    says: "[gone]",
  },
  {
    it: "a rule about itself",
    attempt: () => putComposite("inner", "ALARM(outer)"),
    code: "ValidationError",
    says: "inner → outer → inner",
  },
  {
    it: "a suppressor",
    attempt: () => putComposite("c", "TRUE", { ActionsSuppressor: "high" }),
    code: "ValidationError",
    says: "ActionsSuppressor",
  },
  {
    it: "to delete what a composite reads",
    attempt: () => aws.call("DeleteAlarms", { AlarmNames: ["inner"] }),
    code: "ValidationError",
    says: "outer",
  },
  {
    it: "to delete what does not exist",
    attempt: () => aws.call("DeleteAlarms", { AlarmNames: ["gone"] }),
    code: "ResourceNotFound",
    says: "gone",
  },
  {
    it: "to set the state of what does not exist",
    attempt: () => aws.call("SetAlarmState", { AlarmName: "gone", StateValue: "OK", StateReason: "" }),
    code: "ResourceNotFound",
    says: "gone",
  },
])("refuses $it", async ({ attempt, code, says }) => {
  await putAlarm();
  await putComposite("inner", "ALARM(high)");
  await putComposite("outer", "OK(inner)");
  await expect(attempt()).rejects.toMatchObject({ code, message: expect.stringContaining(says) });
});

async function history(AlarmName: string, HistoryItemType = "StateUpdate") {
  const { AlarmHistoryItems } = (await aws.call("DescribeAlarmHistory", {
    AlarmName,
    HistoryItemType,
    ScanBy: "TimestampAscending",
  })) as { AlarmHistoryItems: { HistorySummary: string }[] };
  return AlarmHistoryItems;
}
