import { CloudWatchClient, DescribeAlarmsCommand, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { GetObjectCommand, ListObjectsV2Command, S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import {
  DescribeEndpointCommand,
  type EndpointStatus,
  SageMakerClient,
  SageMakerServiceException,
  UpdateEndpointWeightsAndCapacitiesCommand,
} from "@aws-sdk/client-sagemaker";
import { SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import { beforeEach, expect, test } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { describeAlarms } from "../../../shared/aws/alarms.ts";
import { listCaptures, openCapture } from "../../../shared/aws/captures.ts";
import { changeEndpoint } from "../../../shared/aws/changeEndpoint.ts";
import { describeEndpoint } from "../../../shared/aws/endpoints.ts";
import { type JudgeTask, sendJudgeTasks } from "../../../shared/aws/judgeTasks.ts";
import { putMetrics } from "../../../shared/aws/metrics.ts";
import type { AlarmKind } from "../../../shared/monitoring/alarmNames.ts";
import type { Datum } from "../../../shared/monitoring/metrics.ts";

const region = "eu-west-1";
const [s3, sqs, cloudwatch, sagemaker] = [
  new S3Client({ region }),
  new SQSClient({ region }),
  new CloudWatchClient({ region }),
  new SageMakerClient({ region }),
];
const aws = { s3: mockClient(s3), sqs: mockClient(sqs), cloudwatch: mockClient(cloudwatch), sagemaker: mockClient(sagemaker) };
beforeEach(() => {
  for (const mock of Object.values(aws)) mock.reset();
});

test.each([
  { it: "an overwritten object is another one", said: "PreconditionFailed", thrown: "CaptureReplaced" },
  { it: "a missing object stays an error", said: "NoSuchKey", thrown: "NoSuchKey" },
  { it: "a refusal stays an error", said: "AccessDenied", thrown: "AccessDenied" },
])("captures: $it", async ({ said, thrown }) => {
  aws.s3.on(GetObjectCommand).rejects(new S3ServiceException({ name: said, $fault: "client", $metadata: {} }));
  await expect(openCapture(s3, { bucket: "b", key: "k", etag: "e1" })).rejects.toMatchObject({ name: thrown });
  expect(aws.s3.commandCalls(GetObjectCommand)[0]?.args[0].input).toEqual({ Bucket: "b", Key: "k", IfMatch: '"e1"' });
});

test("captures: lists all pages, without quotes around etags", async () => {
  aws.s3
    .on(ListObjectsV2Command)
    .resolvesOnce({ Contents: [{ Key: "a", Size: 1, ETag: '"e1"' }], IsTruncated: true, NextContinuationToken: "more" })
    .resolvesOnce({ Contents: [{ Key: "b", Size: 2, ETag: '"e2"' }] });
  const listed = [];
  for await (const capture of listCaptures(s3, "bucket", "prod/")) listed.push(capture);
  expect(listed).toEqual([
    { key: "a", size: 1, etag: "e1" },
    { key: "b", size: 2, etag: "e2" },
  ]);
});

const task = (eventId: string): JudgeTask => ({
  version: 1,
  eventId,
  endpoint: "chat",
  variant: "stable",
  time: "2026-03-02T09:41:07Z",
  window: "2026-03-02T09:30:00Z",
  pi: 0.2,
  segment: "all",
  objectId: "o",
  source: { bucket: "b", key: "k", offset: 0, length: 9 },
  scores: {},
});
test.each([
  { it: "none: no request", tasks: [], requests: [] },
  { it: "23: ten a request", tasks: Array.from({ length: 23 }, (_, i) => task(String(i))), requests: [10, 10, 3] },
  { it: "large ones: one MiB a request", tasks: ["a", "b", "c"].map((letter) => task(letter.repeat(400_000))), requests: [2, 1] },
])("judge tasks, $it", async ({ tasks, requests }) => {
  aws.sqs.on(SendMessageBatchCommand).resolves({});
  await sendJudgeTasks(sqs, "https://queue", tasks);
  const entries = aws.sqs.commandCalls(SendMessageBatchCommand).map(({ args }) => args[0].input.Entries ?? []);
  expect(entries.map(({ length }) => length)).toEqual(requests);
  expect(entries.flat().map(({ MessageBody }) => JSON.parse(MessageBody!))).toEqual(tasks);
});

test("judge tasks: one that SQS refused is an error with its code", async () => {
  aws.sqs.on(SendMessageBatchCommand).resolves({ Failed: [{ Id: "1", Code: "InternalError", SenderFault: false }] });
  await expect(sendJudgeTasks(sqs, "https://queue", [task("a"), task("b")])).rejects.toMatchObject({
    name: "JudgeTasksRefused",
    message: expect.stringContaining("1 of 2 judge tasks: InternalError"),
  });
});

test("metrics: all datums in order, at most 1,000 a request", async () => {
  aws.cloudwatch.on(PutMetricDataCommand).resolves({});
  const datums = Array.from({ length: 1201 }, (_, i): Datum => {
    return { name: `M${i}`, dimensions: { Endpoint: "chat" }, timestampMs: 60_000 * i, unit: "Count", values: [i], counts: [1] };
  });
  await putMetrics(cloudwatch, datums);
  const sent = aws.cloudwatch.commandCalls(PutMetricDataCommand).map(({ args }) => args[0].input);
  expect(Math.max(...sent.map(({ MetricData = [] }) => MetricData.length))).toBeLessThanOrEqual(1000);
  expect(sent.flatMap(({ MetricData = [] }) => MetricData.map(({ MetricName }) => MetricName))).toEqual(
    datums.map(({ name }) => name),
  );
  expect(sent[0]).toMatchObject({
    Namespace: "Assay",
    MetricData: expect.arrayContaining([
      {
        MetricName: "M3",
        Dimensions: [{ Name: "Endpoint", Value: "chat" }],
        Timestamp: new Date(180_000),
        Unit: "Count",
        Values: [3],
        Counts: [1],
      },
    ]),
  });
});

test("alarms: asks for metric alarms by name, a hundred a request", async () => {
  aws.cloudwatch.on(DescribeAlarmsCommand).callsFake(({ AlarmNames }) => ({
    MetricAlarms: AlarmNames.map((AlarmName: string) => ({
      AlarmName,
      StateValue: AlarmName === "v7-latency" ? "ALARM" : "OK",
      StateTransitionedTimestamp: new Date(60_000),
    })),
  }));
  const kinds: AlarmKind[] = ["hard-failures", "latency", "errors", "slow-and-failing", "evidence", "worse-and-slow"];
  const watched = Array.from({ length: 50 }, (_, i) =>
    kinds.map((kind) => ({ name: `v${i}-${kind}`, endpoint: "chat", variant: `v${i}`, kind })),
  ).flat();
  const states = await describeAlarms(cloudwatch, watched);
  expect(states).toHaveLength(150);
  expect(states.filter(({ state }) => state === "ALARM")).toEqual([
    { endpoint: "chat", variant: "v7", kind: "latency", state: "ALARM", sinceMs: 60_000 },
  ]);
  expect(aws.cloudwatch.commandCalls(DescribeAlarmsCommand)).toHaveLength(2);
});

const DeployedImages = [{ SpecifiedImage: "image" }];
const described = (EndpointStatus: EndpointStatus, stable: number, candidate: number) => ({
  EndpointName: "chat",
  EndpointArn: "arn:aws:sagemaker:eu-west-1:000000000000:endpoint/chat",
  CreationTime: new Date(0),
  LastModifiedTime: new Date(0),
  EndpointStatus,
  ProductionVariants: [
    { VariantName: "stable", DeployedImages, CurrentWeight: 1, DesiredWeight: stable, CurrentInstanceCount: 2 },
    { VariantName: "candidate", DeployedImages, CurrentWeight: 1, DesiredWeight: candidate, CurrentInstanceCount: 1 },
  ],
});
const validation = (message: string) =>
  new SageMakerServiceException({ name: "ValidationException", message, $fault: "client", $metadata: {} });
const weights = [
  { variant: "candidate", weight: 0 },
  { variant: "stable", weight: 2 },
];
const before = [
  { variant: "candidate", weight: 1 },
  { variant: "stable", weight: 1 },
];
const [old, wanted] = [described("InService", 1, 1), described("Updating", 2, 0)];
const inProgress = validation("Cannot update in-progress endpoint");

test.each([
  { it: "sets them", states: [old], says: undefined, updates: 1, thrown: null },
  { it: "leaves alone what is desired already", states: [wanted], says: undefined, updates: 0, thrown: null },
  {
    it: "is content when another delivery set them meanwhile",
    states: [old, wanted],
    says: inProgress,
    updates: 1,
    thrown: null,
  },
  {
    it: "says that the endpoint is busy",
    states: [old, described("Updating", 1, 1)],
    says: inProgress,
    updates: 1,
    thrown: "EndpointBusy",
  },
  {
    it: "leaves alone what somebody else set meanwhile",
    states: [described("InService", 3, 1)],
    says: undefined,
    updates: 0,
    thrown: "ChangedMeanwhile",
  },
  {
    it: "keeps another validation error",
    states: [old, old],
    says: validation("no such variant"),
    updates: 1,
    thrown: "ValidationException",
  },
])("weights: $it", async ({ states, says, updates, thrown }) => {
  const describing = aws.sagemaker.on(DescribeEndpointCommand);
  for (const state of states) describing.resolvesOnce(state);
  const updating = aws.sagemaker.on(UpdateEndpointWeightsAndCapacitiesCommand);
  if (says) updating.rejects(says);
  else updating.resolves({});
  const name = await changeEndpoint(sagemaker, "chat", { kind: "weights", weights }, { kind: "weights", weights: before }).then(
    () => null,
    (error: Error) => error.name,
  );
  expect(name).toBe(thrown);
  expect(aws.sagemaker.commandCalls(UpdateEndpointWeightsAndCapacitiesCommand)).toHaveLength(updates);
});

test("an endpoint that SageMaker does not know is null; a refusal is an error", async () => {
  aws.sagemaker
    .on(DescribeEndpointCommand)
    .rejectsOnce(validation('Could not find endpoint "arn".'))
    .resolvesOnce({ ...old, ShadowProductionVariants: [{ VariantName: "next" }] });
  expect(await describeEndpoint(sagemaker, "chat")).toBeNull();
  expect(await describeEndpoint(sagemaker, "chat")).toEqual({
    status: "InService",
    configuration: "",
    shadows: ["next"],
    components: [],
    variants: [
      { name: "stable", weight: 1, desiredWeight: 1, instances: 2, desiredInstances: 2 },
      { name: "candidate", weight: 1, desiredWeight: 1, instances: 1, desiredInstances: 1 },
    ],
  });
  aws.sagemaker
    .on(DescribeEndpointCommand)
    .rejects(new SageMakerServiceException({ name: "AccessDeniedException", $fault: "client", $metadata: {} }));
  await expect(describeEndpoint(sagemaker, "chat")).rejects.toMatchObject({ name: "AccessDeniedException" });
});
