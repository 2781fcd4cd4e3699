import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { alarms } from "../../infrastructure/alarms.ts";
import { deadLetterQueues } from "../../infrastructure/queues.ts";
import type { Assay, EndpointSettings } from "../../shared/config/assay.ts";
import { defaultSettings } from "../../shared/config/schema.ts";
import { isFused, watchedAlarms } from "../../shared/monitoring/alarmNames.ts";
import { alarmArn, cloudWatchAt, lambda } from "../local/cloudwatch/cloudWatch.ts";
import { judge } from "../shared/judging/settings.ts";

const stage = "prod";
const settings: EndpointSettings & { variants: string[] } = {
  ...defaultSettings,
  variants: ["stable"],
  judge,
  evaluationBudgetMicroUsdPerDay: 24_000_000,
  servingBudget: { microUsdPerDay: 50_000_000, microUsdPerInstanceHour: { stable: 1_000_000 } },
};
const assay: Assay = { captures: { bucket: null, prefix: "" }, endpoints: { chat: settings } } as unknown as Assay;

type Put = { AlarmName: string; AlarmActions?: string[]; [name: string]: unknown };
const resources = Object.entries(alarms(assay, stage)).filter(([, { Type }]) => Type.startsWith("AWS::CloudWatch::"));
const topicArn = "arn:aws:sns:eu-west-1:000000000000:assay-prod-alarms";
/** As CloudFormation resolves a value: alarms by their names, the function and the topic by their ARNs. */
function resolved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(resolved);
  if (typeof value !== "object" || value === null) return value;
  const [[name, of] = []] = Object.entries(value);
  if (name === "Fn::GetAtt") {
    const [id, attribute] = of as [string, string];
    return attribute === "Arn" ? lambda("remediate") : attribute === "TopicArn" ? topicArn : id;
  }
  if (name === "Fn::Sub") return String(of).replace(/\$\{(\w+)\}/g, (_, id: string) => String(alarmIn(id)?.AlarmName ?? id));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolved(inner)]));
}
const alarmIn = (id: string) => alarms(assay, stage)[id]?.Properties as Put | undefined;
const puts = resources
  .map(([, { Type, Properties }]) => ({ isComposite: Type.endsWith("CompositeAlarm"), put: resolved(Properties) as Put }))
  .sort((a, b) => Number(a.isComposite) - Number(b.isComposite));
const names = puts.map(({ put }) => put.AlarmName);

let aws: ReturnType<typeof cloudWatchAt>;
beforeEach(async () => {
  // The afternoon: a budget that is whole is ahead of nothing, and one that is gone is ahead of everything.
  aws = cloudWatchAt("2026-03-02T12:00:00Z");
  for (const { isComposite, put } of puts) await aws.call(isComposite ? "PutCompositeAlarm" : "PutMetricAlarm", put);
});
afterEach(() => aws.clock.uninstall());

const variant = { EndpointName: "chat", VariantName: "stable" };
const own = { Endpoint: "chat", Variant: "stable" };
type Measured = { namespace: string; metric: string; of: Record<string, string>; bad: number[]; good: number[] };
const many = (value: number) => Array<number>(150).fill(value);
/** What is measured each minute, while all is wrong and while all is well. */
const measured: Measured[] = [
  { namespace: "Assay", metric: "HardFailures", of: own, bad: many(1), good: many(0) },
  { namespace: "AWS/SageMaker", metric: "ModelLatency", of: variant, bad: many(2e7), good: many(1e6) },
  { namespace: "AWS/SageMaker", metric: "Invocation5XXErrors", of: variant, bad: many(1), good: many(0) },
  { namespace: "AWS/SageMaker", metric: "Invocations", of: variant, bad: many(1), good: many(1) },
  { namespace: "/aws/sagemaker/Endpoints", metric: "GPUMemoryUtilization", of: variant, bad: [99], good: [90] },
  { namespace: "Assay", metric: "Coverage", of: own, bad: [0.2], good: [0.98] },
  { namespace: "Assay", metric: "Evidence", of: { ...own, Signal: "quality" }, bad: [1.2], good: [0.1] },
  { namespace: "Assay", metric: "Evidence", of: { Endpoint: "chat", Signal: "capture" }, bad: [1], good: [0] },
  { namespace: "Assay", metric: "Judgements", of: { Endpoint: "chat", Status: "graded" }, bad: [0], good: [3] },
  { namespace: "Assay", metric: "JudgeBudgetLeft", of: { Endpoint: "chat" }, bad: [0], good: [24] },
  { namespace: "Assay", metric: "ServingCostProjected", of: { Endpoint: "chat" }, bad: [51], good: [48] },
  { namespace: "Assay", metric: "RemediationActive", of: { Endpoint: "chat" }, bad: [1], good: [0] },
  ...Object.keys(deadLetterQueues).map((QueueName) => ({
    namespace: "AWS/SQS",
    metric: "ApproximateAgeOfOldestMessage",
    of: { QueueName },
    bad: [900],
    good: [0],
  })),
];

/** Measures each minute for so long. `except`: metrics that say the other thing. */
async function live(minutes: number, how: "bad" | "good", ...except: string[]): Promise<void> {
  const other = how === "bad" ? "good" : "bad";
  for (let minute = 0; minute < minutes; minute++) {
    const Timestamp = Date.now() / 1000;
    for (const { namespace, metric, of, ...said } of measured) {
      const Values = said[except.includes(metric) ? other : how];
      const Dimensions = Object.entries(of).map(([Name, Value]) => ({ Name, Value }));
      const Counts = Values.map(() => 1);
      const MetricData = [{ MetricName: metric, Dimensions, Timestamp, Values: Values.slice(0, 1), Counts: [Counts.length] }];
      await aws.call("PutMetricData", { Namespace: namespace, MetricData }, ""); // as a part of the embedded AWS
    }
    await aws.clock.tickAsync(60_000);
  }
}
const states = async () => Object.fromEntries(await Promise.all(names.map(async (name) => [name, await aws.stateOf(name)])));
const inState = async (state: string) => Object.entries(await states()).flatMap(([name, own]) => (own === state ? [name] : []));

test("every alarm goes on when all is wrong, and off when all is well again", async () => {
  // With its judge away nobody knows of grades; and while grades fell, a slow variant is not merely slow.
  const notThen = ["worse-not-judge", "slow-not-worse"].map((kind) => `assay-prod-chat-stable-${kind}`);
  await live(70, "bad");
  expect(new Set(await inState("ALARM"))).toEqual(new Set(names.filter((name) => !notThen.includes(name))));
  await live(60, "bad", "Judgements");
  expect(await aws.stateOf(notThen[0]!)).toBe("ALARM");
  await live(40, "good", "ModelLatency");
  expect(await aws.stateOf(notThen[1]!)).toBe("ALARM");
  await live(200, "good");
  expect(new Set(await inState("OK"))).toEqual(new Set(names));
});

test("sparse traffic changes nothing: an alarm keeps the state that its last answers gave it", async () => {
  await live(40, "bad");
  const before = await states();
  await aws.clock.tickAsync(120 * 60_000);
  const deadLetters = Object.values(deadLetterQueues).map((name) => `assay-prod-${name}`);
  const after = await states();
  for (const name of names) if (!deadLetters.includes(name)) expect([name, after[name]]).toEqual([name, before[name]]);
});

test.each(["quality", "tone"])(
  "evidence of %s alone is enough for its alarm, and silence of all criteria changes nothing",
  async (Signal) => {
    const evidence = "assay-prod-chat-stable-evidence";
    const publish = async (value: number) => {
      const Dimensions = Object.entries({ ...own, Signal }).map(([Name, Value]) => ({ Name, Value }));
      const datum = { MetricName: "Evidence", Dimensions, Timestamp: Date.now() / 1000, Value: value };
      await aws.call("PutMetricData", { Namespace: "Assay", MetricData: [datum] }, "");
      await aws.clock.tickAsync(20 * 60_000);
    };
    await publish(1.2);
    expect(await aws.stateOf(evidence)).toBe("ALARM");
    await aws.clock.tickAsync(120 * 60_000);
    expect(await aws.stateOf(evidence)).toBe("ALARM");
    await publish(0.2);
    expect(await aws.stateOf(evidence)).toBe("OK");
  },
);

test("what is fused of others calls nobody while a remediation runs, and afterwards where it still holds", async () => {
  const told = (kind: string) =>
    aws.invocations.filter(({ as }) => as?.kind === "service" && as.sourceArn === alarmArn(`assay-prod-chat-stable-${kind}`));
  await live(40, "bad");
  expect(await aws.stateOf("assay-prod-chat-stable-slow-and-failing")).toBe("ALARM");
  expect(told("slow-and-failing")).toHaveLength(0);
  expect(told("hard-failures")).toHaveLength(1);
  await live(40, "bad", "RemediationActive");
  expect(told("slow-and-failing").map(({ service }) => service)).toEqual(["lambda", "sns"]);
});

test("every change is an event, and what no remediation cures is told to people", async () => {
  await live(40, "bad");
  const changed = aws.events.map(({ detail }) => (detail as { alarmName: string }).alarmName);
  expect(aws.events[0]).toMatchObject({ source: "aws.cloudwatch", "detail-type": "CloudWatch Alarm State Change" });
  expect(changed).toEqual(expect.arrayContaining(["assay-prod-chat-stable-gpu-memory", "assay-prod-chat-serving-cost"]));
  const published = aws.invocations.filter(({ service }) => service === "sns").map(({ input }) => input);
  expect(published).toContainEqual(
    expect.objectContaining({ TopicArn: topicArn, Subject: 'ALARM: "assay-prod-chat-stable-gpu-memory"' }),
  );
});

test("a variant has at most six alarms of its own, and every alarm says what it means and what to do", () => {
  const single = watchedAlarms(assay, stage).filter(({ kind }) => !isFused(kind));
  expect(single).toHaveLength(6);
  for (const { put } of puts) expect(String(put.AlarmDescription)).toMatch(/^.{80,1024}$/);
});
