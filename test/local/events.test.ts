import { expect, test } from "@jest/globals";
import { createEvents } from "../../local/events.ts";
import { AwsError, type Call } from "../../local/world.ts";
import { recordingWorld } from "./recordingWorld.ts";

const call: Call = { principal: { kind: "admin" }, requestId: "r" };
const queueArn = "arn:aws:sqs:eu-west-1:000000000000:captures";
const event = { id: "e-1", source: "aws.s3", detail: { bucket: { name: "b" }, object: { key: 'odd "key".jsonl', size: 7 } } };

async function busWith(
  target: object,
  sendMessage: (input: Record<string, unknown>) => Record<string, unknown> = () => ({}),
  State = "ENABLED",
) {
  const { world, calls } = recordingWorld({ "sqs:SendMessage": sendMessage });
  const events = createEvents(world);
  const run = async (operation: string, input: Record<string, unknown>) => events.operations[operation]!(input, call);
  await run("PutRule", { Name: "captures", EventPattern: '{"source":["aws.s3"]}', State });
  await run("PutTargets", { Rule: "captures", Targets: [{ Id: "q", Arn: queueArn, ...target }] });
  return { events, calls, run };
}
const refuse = () => {
  throw new AwsError("AccessDenied", "no", 403);
};

test.each([
  { it: "the event itself", target: {}, body: JSON.stringify(event) },
  { it: "a part of it", target: { InputPath: "$.detail.bucket" }, body: '{"name":"b"}' },
  { it: "a constant", target: { Input: '{"a":1}' }, body: '{"a":1}' },
  {
    it: "a template's text and numbers",
    target: {
      InputTransformer: {
        InputPathsMap: { key: "$.detail.object.key", size: "$.detail.object.size" },
        InputTemplate: '{"key": <key>, "text": "of <key>", "size": <size>}',
      },
    },
    body: '{"key": "odd \\"key\\".jsonl", "text": "of odd \\"key\\".jsonl", "size": 7}',
  },
])("a matching rule sends its queue $it, as the events service and for the rule", async ({ target, body }) => {
  const { events, calls } = await busWith(target);
  await events.deliver(event);
  await events.deliver({ ...event, source: "aws.ec2" });
  expect(calls).toEqual([
    {
      service: "sqs",
      operation: "SendMessage",
      input: { QueueUrl: "http://127.0.0.1:4566/000000000000/captures", MessageBody: body },
      as: { kind: "service", service: "events.amazonaws.com", sourceArn: "arn:aws:events:eu-west-1:000000000000:rule/captures" },
    },
  ]);
});

test("a queue that refuses gets nothing, the put that caused the event goes on, and the failure can be seen", async () => {
  const { events } = await busWith({}, refuse);
  await events.deliver(event);
  expect(events.failedDeliveries).toMatchObject([
    { targetArn: queueArn, eventId: "e-1", code: "AccessDenied", deadLettered: false },
  ]);
});

test("what a queue refuses goes to the target's dead-letter queue", async () => {
  const { events, calls } = await busWith({ DeadLetterConfig: { Arn: `${queueArn}-dlq` } }, ({ QueueUrl }) =>
    String(QueueUrl).endsWith("-dlq") ? {} : refuse(),
  );
  await events.deliver(event);
  expect(calls.map(({ input }) => input.QueueUrl)).toEqual([
    "http://127.0.0.1:4566/000000000000/captures",
    "http://127.0.0.1:4566/000000000000/captures-dlq",
  ]);
  expect(events.failedDeliveries).toMatchObject([{ deadLettered: true }]);
});

test("a disabled rule and a removed target deliver nothing", async () => {
  const disabled = await busWith({}, () => ({}), "DISABLED");
  await disabled.events.deliver(event);
  expect(disabled.calls).toEqual([]);
  const { events, calls, run } = await busWith({});
  await expect(run("DeleteRule", { Name: "captures" })).rejects.toThrow("it has targets");
  await run("RemoveTargets", { Rule: "captures", Ids: ["q"] });
  await events.deliver(event);
  expect(calls).toEqual([]);
  await run("DeleteRule", { Name: "captures" });
  await expect(run("DescribeRule", { Name: "captures" })).rejects.toMatchObject({ code: "ResourceNotFoundException" });
});

test("PutEvents delivers custom events, and refuses to speak as an AWS service", async () => {
  const { calls, run } = await busWith({});
  await run("PutRule", { Name: "captures", EventPattern: '{"source":["shop"]}' });
  const entry = { DetailType: "Sold", Detail: '{"n":1}' };
  expect(
    await run("PutEvents", {
      Entries: [
        { ...entry, Source: "shop" },
        { ...entry, Source: "aws.s3" },
      ],
    }),
  ).toMatchObject({
    FailedEntryCount: 1,
    Entries: [{ EventId: expect.any(String) }, { ErrorCode: "NotAuthorizedForSourceException" }],
  });
  expect(calls.map(({ input }) => JSON.parse(String(input.MessageBody)))).toMatchObject([
    { source: "shop", "detail-type": "Sold", detail: { n: 1 } },
  ]);
});

test.each([
  {
    it: "a schedule it cannot evaluate",
    operation: "PutRule",
    input: { Name: "x", ScheduleExpression: "cron(0 9 ? * MON-FRI *)" },
    says: "MON-FRI",
  },
  {
    it: "a pattern it cannot evaluate",
    operation: "PutRule",
    input: { Name: "x", EventPattern: '{"a":[{"cidr":"x"}]}' },
    says: "cidr",
  },
  {
    it: "another bus",
    operation: "PutRule",
    input: { Name: "x", EventPattern: '{"a":[1]}', EventBusName: "mine" },
    says: "EventBusName",
  },
  {
    it: "a target that nothing is delivered to",
    operation: "PutTargets",
    input: { Rule: "captures", Targets: [{ Id: "f", Arn: "arn:aws:sns:x" }] },
    says: "arn:aws:sns:x",
  },
  {
    it: "a target's member it does not honour",
    operation: "PutTargets",
    input: { Rule: "captures", Targets: [{ Id: "f", Arn: queueArn, RoleArn: "r" }] },
    says: "RoleArn",
  },
])("refuses $it, naming it", async ({ operation, input, says }) => {
  const { run } = await busWith({});
  await expect(run(operation, input)).rejects.toThrow(says);
});
