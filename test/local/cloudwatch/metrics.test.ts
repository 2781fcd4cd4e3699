import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { cloudWatchAt, seconds } from "./cloudWatch.ts";

let aws: ReturnType<typeof cloudWatchAt>;
beforeEach(() => {
  aws = cloudWatchAt("2026-03-02T09:41:07Z");
});
afterEach(() => aws.clock.uninstall());

const stat = (MetricName: string, Stat: string, Period = 60, more = {}) => ({
  Id: "q",
  MetricStat: { Metric: { Namespace: "T", MetricName, ...more }, Period, Stat },
});
async function get(queries: Record<string, unknown>[], from = "09:30", to = "09:42", more = {}) {
  const { MetricDataResults } = (await aws.call("GetMetricData", {
    MetricDataQueries: queries,
    StartTime: seconds(from),
    EndTime: seconds(to),
    ScanBy: "TimestampAscending",
    ...more,
  })) as { MetricDataResults: { Id: string; Timestamps: number[]; Values: number[] }[] };
  return MetricDataResults;
}

test.each([
  { Stat: "Sum", gives: 20 },
  { Stat: "Average", gives: 4 },
  { Stat: "Minimum", gives: 1 },
  { Stat: "Maximum", gives: 9 },
  { Stat: "SampleCount", gives: 5 },
  { Stat: "p0", gives: 1 },
  { Stat: "p50", gives: 4 }, // of 1 2 4 4 9
  { Stat: "p87.5", gives: 6.5 }, // half-way from 4 to 9
  { Stat: "p100", gives: 9 },
])("$Stat of Values and Counts, put in pieces", async ({ Stat, gives }) => {
  const Timestamp = seconds("09:40:59");
  await aws.call("PutMetricData", {
    Namespace: "T",
    MetricData: [
      { MetricName: "m", Timestamp, Values: [9, 4], Counts: [1, 2] },
      { MetricName: "m", Timestamp: seconds("09:40"), Value: 2 },
      { MetricName: "m", Timestamp: seconds("09:40:30"), StatisticValues: { SampleCount: 1, Sum: 1, Minimum: 1, Maximum: 1 } },
    ],
  });
  expect(await get([stat("m", Stat)])).toMatchObject([{ Timestamps: [seconds("09:40")], Values: [gives] }]);
});

test("a statistic set hides its distribution, so percentiles have no point", async () => {
  const StatisticValues = { SampleCount: 3, Sum: 30, Minimum: 1, Maximum: 20 };
  await aws.call("PutMetricData", { Namespace: "T", MetricData: [{ MetricName: "m", StatisticValues }] });
  expect(await get([stat("m", "p50")])).toMatchObject([{ Values: [] }]);
  expect(await get([stat("m", "Average")])).toMatchObject([{ Values: [10] }]);
});

test("periods begin at their multiples, hold all their minutes and come newest first by default", async () => {
  await aws.put("m", "09:34", 1);
  await aws.put("m", "09:35", 2);
  await aws.put("m", "09:39", 3);
  const results = await get([stat("m", "Sum", 300)], "09:31", "09:41", { ScanBy: "TimestampDescending" });
  expect(results).toMatchObject([{ Timestamps: [seconds("09:35"), seconds("09:30")], Values: [5, 1] }]);
});

test("a datum without a time is of now, and other dimensions or units are another metric", async () => {
  const Dimensions = [
    { Name: "b", Value: "2" },
    { Name: "a", Value: "1" },
  ];
  await aws.call("PutMetricData", {
    Namespace: "T",
    MetricData: [
      { MetricName: "m", Dimensions, Value: 1, Unit: "Count" },
      { MetricName: "m", Dimensions, Value: 10, Unit: "Percent" },
      { MetricName: "m", Value: 100 },
    ],
  });
  const reordered = { Dimensions: [...Dimensions].reverse() };
  expect(await get([stat("m", "Sum", 60, reordered)])).toMatchObject([{ Timestamps: [seconds("09:41")], Values: [11] }]);
  const { MetricStat } = stat("m", "Sum", 60, reordered);
  expect(await get([{ Id: "q", MetricStat: { ...MetricStat, Unit: "Count" } }])).toMatchObject([{ Values: [1] }]);
  expect(await get([stat("m", "Sum")])).toMatchObject([{ Values: [100] }]);
});

test("metric math has a point where its operands have one, and returns what is asked for", async () => {
  await aws.put("bad", "09:39", 1, 0, 0, 0);
  await aws.put("bad", "09:40", 1, 1);
  const results = await get([
    { Id: "share", Expression: "IF(n >= 4, mean)", Label: "Share of the bad" },
    { ...stat("bad", "SampleCount"), Id: "n", ReturnData: false },
    { ...stat("bad", "Average"), Id: "mean", ReturnData: false },
  ]);
  expect(results).toEqual([
    { Id: "share", Label: "Share of the bad", Timestamps: [seconds("09:39")], Values: [0.25], StatusCode: "Complete" },
  ]);
});

test("ListMetrics finds by namespace, name and dimension", async () => {
  const metric = (MetricName: string, Endpoint: string) => ({
    MetricName,
    Dimensions: [{ Name: "Endpoint", Value: Endpoint }],
    Value: 1,
  });
  await aws.call("PutMetricData", { Namespace: "T", MetricData: [metric("m", "e1"), metric("m", "e2"), metric("k", "e1")] });
  const names = async (filter: Record<string, unknown>) => {
    const { Metrics } = (await aws.call("ListMetrics", filter)) as {
      Metrics: { MetricName: string; Dimensions: { Value: string }[] }[];
    };
    return Metrics.map(({ MetricName, Dimensions }) => `${MetricName} ${Dimensions[0]!.Value}`);
  };
  expect(await names({ Namespace: "T" })).toEqual(["m e1", "m e2", "k e1"]);
  expect(await names({ MetricName: "m", Dimensions: [{ Name: "Endpoint", Value: "e2" }] })).toEqual(["m e2"]);
  expect(await names({ Dimensions: [{ Name: "toString" }] })).toEqual([]);
  expect(await names({ Namespace: "U" })).toEqual([]);
});

const datum = (more: Record<string, unknown>) => ({ Namespace: "T", MetricData: [{ MetricName: "m", ...more }] });
test.each([
  {
    it: "AWS's own namespace",
    input: { ...datum({ Value: 1 }), Namespace: "AWS/SageMaker" },
    code: "InvalidParameterValue",
    says: "AWS/SageMaker",
  },
  {
    it: "151 values",
    input: datum({ Values: Array.from({ length: 151 }, (_, i) => i) }),
    code: "InvalidParameterValue",
    says: "150",
  },
  {
    it: "1001 metrics",
    input: { Namespace: "T", MetricData: Array(1001).fill({ MetricName: "m", Value: 1 }) },
    code: "InvalidParameterValue",
    says: "1000",
  },
  { it: "counts that do not fit", input: datum({ Values: [1, 2], Counts: [1] }), code: "InvalidParameterValue", says: "Counts" },
  {
    it: "a value and values",
    input: datum({ Value: 1, Values: [1] }),
    code: "InvalidParameterCombination",
    says: "MetricData.member.1.Value and",
  },
  { it: "no value at all", input: datum({}), code: "MissingParameter", says: "member.1 (m)" },
  { it: "not a number", input: datum({ Value: Number.NaN }), code: "InvalidParameterValue", says: "Value" },
  {
    it: "a time of more than two weeks ago",
    input: datum({ Value: 1, Timestamp: seconds("2026-02-16T09:41:06Z") }),
    code: "InvalidParameterValue",
    says: "Timestamp",
  },
  {
    it: "a time of over two hours ahead",
    input: datum({ Value: 1, Timestamp: seconds("11:41:08") }),
    code: "InvalidParameterValue",
    says: "Timestamp",
  },
  {
    it: "a dimension that is not ASCII",
    input: datum({ Value: 1, Dimensions: [{ Name: "Endpoint", Value: "süd" }] }),
    code: "InvalidParameterValue",
    says: "Dimensions",
  },
  { it: "a unit of our own", input: datum({ Value: 1, Unit: "Tokens" }), code: "InvalidParameterValue", says: "Unit" },
  {
    it: "high resolution",
    input: datum({ Value: 1, StorageResolution: 1 }),
    code: "InvalidParameterValue",
    says: "StorageResolution",
  },
  {
    it: "a member it does not honour",
    input: { ...datum({ Value: 1 }), EntityMetricData: [] },
    code: "InvalidParameterValue",
    says: "EntityMetricData",
  },
])("PutMetricData refuses $it", async ({ input, code, says }) => {
  await expect(aws.call("PutMetricData", input)).rejects.toMatchObject({ code, message: expect.stringContaining(says) });
});

test("takes two weeks back, and a request that is refused leaves nothing behind", async () => {
  const good = { MetricName: "m", Value: 1, Timestamp: seconds("2026-02-16T09:41:08Z") };
  await expect(aws.call("PutMetricData", { Namespace: "T", MetricData: [good, { MetricName: "m" }] })).rejects.toThrow();
  expect(await get([stat("m", "Sum")], "2026-02-16T09:00:00Z")).toMatchObject([{ Values: [] }]);
  await aws.call("PutMetricData", { Namespace: "T", MetricData: [good] });
  expect(await get([stat("m", "Sum")], "2026-02-16T09:00:00Z")).toMatchObject([
    { Timestamps: [seconds("2026-02-16T09:41:00Z")] },
  ]);
});

test("a service puts to its own namespace from within", async () => {
  await aws.call("PutMetricData", { Namespace: "AWS/SageMaker", MetricData: [{ MetricName: "Invocations", Value: 1 }] }, "");
  expect(await aws.call("ListMetrics", { Namespace: "AWS/SageMaker" })).toMatchObject({
    Metrics: [{ MetricName: "Invocations" }],
  });
});

const math = (...Expressions: string[]) => Expressions.map((Expression, i) => ({ Id: `e${i}`, Expression }));
test.each([
  { it: "an unknown function", queries: math("RATE(m1)"), says: "RATE" },
  { it: "an id that no query has", queries: math("m1 + 1"), says: "e0 reads m1" },
  { it: "a circle", queries: math("e1 + 1", "e0 + 1"), says: "e0 → e1 → e0" },
  { it: "an expression of no metric", queries: math("1 + 1"), says: "reads no metric" },
  { it: "one id twice", queries: [stat("m", "Sum"), stat("m", "Average")], says: "not unique" },
  { it: "an unknown statistic", queries: [stat("m", "tm99")], says: "tm99" },
  { it: "a percentile over 100", queries: [stat("m", "p101")], says: "p101" },
  {
    it: "two periods in one expression",
    queries: [
      { Id: "e", Expression: "a / b" },
      { ...stat("m", "Sum", 60), Id: "a" },
      { ...stat("m", "Sum", 300), Id: "b" },
    ],
    says: "different periods",
  },
])("GetMetricData refuses $it", async ({ queries, says }) => {
  await expect(get(queries)).rejects.toMatchObject({ code: "ValidationError", message: expect.stringContaining(says) });
});
