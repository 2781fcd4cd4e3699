import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type Embedded, startEmbedded } from "../embeddedAws.ts";

const startMs = Date.parse("2026-03-02T09:00:00Z");

let aws: Embedded;
let sqs: SQSClient;
beforeAll(async () => {
  aws = await startEmbedded();
  sqs = new SQSClient(aws.client);
});
afterAll(() => aws.stop());

const nowMs = async () => (await aws.control<{ nowMs: number }>("health")).nowMs;

test("stepped time stands still until it is asked to pass", async () => {
  await aws.step(startMs);
  await sqs.send(new CreateQueueCommand({ QueueName: "busy" }));
  for (let n = 0; n < 20; n++) {
    await sqs.send(
      new SendMessageCommand({ QueueUrl: `${aws.endpoint}/000000000000/busy`, MessageBody: "-", DelaySeconds: 900 }),
    );
  }
  expect(await nowMs()).toBe(startMs);
});

test("it passes exactly as far as it is asked, whatever is due on the way and beyond", async () => {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "delayed" }));
  let atMs = startMs;
  await aws.step(atMs);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 900 }), fc.integer({ min: 0, max: 1_000_000 }), async (delay, passes) => {
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "-", DelaySeconds: delay }));
      await aws.advance(atMs + passes);
      atMs += passes;
      expect(await nowMs()).toBe(atMs);
    }),
    { seed: 7, numRuns: 30 },
  );
});

test("to ask for a moment that has passed changes nothing", async () => {
  await aws.step(startMs);
  await aws.advance(startMs - 60_000);
  expect(await nowMs()).toBe(startMs);
});

test("real time goes on from where the stepped clock stood", async () => {
  await aws.step(startMs);
  await aws.control("follow");
  const [earlier, later] = [await nowMs(), await nowMs()];
  expect(earlier).toBeGreaterThanOrEqual(startMs);
  expect(later).toBeGreaterThanOrEqual(earlier);
  await aws.step(startMs);
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: `${aws.endpoint}/000000000000/busy` }));
  expect(Messages).toBeUndefined(); // their delay counts from when they were sent
});
