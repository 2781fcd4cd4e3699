import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Embedded, startEmbedded } from "../embeddedAws.ts";

const startMs = Date.parse("2026-03-02T09:00:00Z");
const at = (seconds: number) => startMs + seconds * 1_000;

let aws: Embedded;
let sqs: SQSClient;
beforeAll(async () => {
  aws = await startEmbedded();
  sqs = new SQSClient(aws.client);
});
afterAll(() => aws.stop());

let count = 0;
async function queue(Attributes: Record<string, string> = {}) {
  await aws.step(startMs);
  const QueueName = `queue-${++count}`;
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
  return {
    QueueUrl,
    arn: `arn:aws:sqs:eu-west-1:000000000000:${QueueName}`,
    send: (MessageBody: string, DelaySeconds = 0) => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, DelaySeconds })),
    receive: async (VisibilityTimeout?: number) => {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout }),
      );
      return Messages;
    },
  };
}
const bodies = (messages: { Body?: string | undefined }[]) => messages.map(({ Body }) => Body).sort();

test("what is sent is received, once", async () => {
  const { QueueUrl, send, receive } = await queue();
  await send("one");
  const Entries = ["two", "three"].map((MessageBody) => ({ Id: MessageBody, MessageBody }));
  await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  expect(bodies(await receive())).toEqual(["one", "three", "two"]);
  expect(await receive()).toEqual([]);
});

test("a delayed message comes when the clock says so", async () => {
  const { send, receive } = await queue();
  await send("late", 90);
  await aws.advance(at(89));
  expect(await receive()).toEqual([]);
  await aws.advance(at(90));
  expect(bodies(await receive())).toEqual(["late"]);
});

test("a received message comes back when its visibility ends, or when it is given back", async () => {
  const { QueueUrl, send, receive } = await queue({ VisibilityTimeout: "40" });
  await send("again");
  await receive();
  await aws.advance(at(39));
  expect(await receive()).toEqual([]);
  await aws.advance(at(40));
  const [message] = await receive(600);
  await aws.advance(at(100));
  expect(await receive()).toEqual([]);
  await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: message!.ReceiptHandle, VisibilityTimeout: 0 }));
  expect(bodies(await receive())).toEqual(["again"]);
});

test("what was received too often moves to the dead-letter queue", async () => {
  const dead = await queue();
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 2 });
  const { send, receive } = await queue({ VisibilityTimeout: "10", RedrivePolicy });
  await send("poison");
  for (const seconds of [10, 20]) {
    expect(bodies(await receive())).toEqual(["poison"]);
    await aws.advance(at(seconds));
  }
  expect(await receive()).toEqual([]);
  expect(bodies(await dead.receive())).toEqual(["poison"]);
});
