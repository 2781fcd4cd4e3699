import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetQueueAttributesCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Embedded, startEmbedded } from "../embeddedAws.ts";
import { deployFunction } from "./deployFunction.ts";

const startMs = Date.parse("2026-03-02T09:00:00Z");
const minuteMs = 60_000;

let aws: Embedded;
beforeAll(async () => {
  aws = await startEmbedded();
});
afterAll(() => aws.stop());

/** An asynchronous invocation at a moment of its own, and an hour for what follows. */
async function invoked(name: string, at: Embedded = aws): Promise<void> {
  await at.step(startMs);
  await new LambdaClient(at.client).send(new InvokeCommand({ FunctionName: name, InvocationType: "Event", Payload: '{"n":1}' }));
  await at.advance(startMs + 60 * minuteMs);
}
type Invocation = { function: string; ok: boolean; error?: string };
async function invocationsOf(name: string): Promise<Invocation[]> {
  const { invocations } = await aws.control<{ invocations: Invocation[] }>("happened");
  return invocations.filter((invocation) => invocation.function === name);
}
/** The log of a function: seconds since the start, and what was said. */
async function logOf(name: string, { client }: Embedded = aws): Promise<[number, string][]> {
  const { events = [] } = await new CloudWatchLogsClient(client).send(
    new FilterLogEventsCommand({ logGroupName: `/aws/lambda/${name}`, startTime: startMs }),
  );
  return events.map(({ timestamp, message }) => [(timestamp! - startMs) / 1_000, message!]);
}
const secondsOf = (log: [number, string][], said: string) => log.flatMap(([at, text]) => (text.startsWith(said) ? [at] : []));
const noRetries = {
  Type: "AWS::Lambda::EventInvokeConfig",
  Properties: { FunctionName: { Ref: "Function" }, Qualifier: "$LATEST", MaximumRetryAttempts: 0 },
};
/** A request of the function's own, which its fault makes slow. */
const callingSource = `
import http from "node:http";
export const handler = () => new Promise((resolve, reject) => {
  const { AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID } = process.env;
  const authorization = "AWS4-HMAC-SHA256 Credential=" + AWS_ACCESS_KEY_ID + "/20260302/eu-west-1/sts/aws4_request, SignedHeaders=host, Signature=-";
  const headers = { authorization, "content-type": "application/x-www-form-urlencoded" };
  http.request(AWS_ENDPOINT_URL, { method: "POST", headers }, (response) => {
    response.resume().once("end", () => { console.log("answered " + response.statusCode); resolve("done"); });
  }).once("error", reject).end("Action=GetCallerIdentity&Version=2011-06-15");
});`;

test("what an asynchronous invocation throws is tried again after one and two minutes, then goes to its destination", async () => {
  await deployFunction(aws, "throws", {
    source: 'export const handler = () => { throw new RangeError("too far"); };',
    allowed: [{ Action: ["sqs:SendMessage"], Resource: { "Fn::GetAtt": ["Lost", "Arn"] } }],
    more: {
      Lost: { Type: "AWS::SQS::Queue", Properties: { QueueName: "lost" } },
      Config: {
        Type: "AWS::Lambda::EventInvokeConfig",
        Properties: {
          FunctionName: { Ref: "Function" },
          Qualifier: "$LATEST",
          DestinationConfig: { OnFailure: { Destination: { "Fn::GetAtt": ["Lost", "Arn"] } } },
        },
      },
    },
  });
  await invoked("throws");
  expect(await invocationsOf("throws")).toMatchObject(Array(3).fill({ ok: false, error: "RangeError: too far" }));
  expect(secondsOf(await logOf("throws"), "START")).toEqual([0, 60, 180]);
  const { Messages = [] } = await new SQSClient(aws.client).send(
    new ReceiveMessageCommand({ QueueUrl: `${aws.endpoint}/000000000000/lost`, MaxNumberOfMessages: 10 }),
  );
  expect(Messages.map(({ Body }) => JSON.parse(Body!))).toEqual([
    expect.objectContaining({
      requestContext: expect.objectContaining({ condition: "RetriesExhausted", approximateInvokeCount: 3 }),
      requestPayload: { n: 1 },
      responsePayload: expect.objectContaining({ errorType: "RangeError", errorMessage: "too far" }),
    }),
  ]);
});

test("what the deployed service invokes asynchronously may come twice and late, as events do", async () => {
  const arn = { "Fn::GetAtt": ["Function", "Arn"] };
  await deployFunction(aws, "told-twice", {
    source: "export const handler = () => {};",
    more: {
      Rule: { Type: "AWS::Events::Rule", Properties: { ScheduleExpression: "rate(1 hour)", Targets: [{ Id: "it", Arn: arn }] } },
      Permission: {
        Type: "AWS::Lambda::Permission",
        Properties: { FunctionName: arn, Action: "lambda:InvokeFunction", Principal: "events.amazonaws.com" },
      },
    },
  });
  await aws.step(startMs - minuteMs);
  await aws.control("faults", { events: { duplicateShare: 1, lateShare: 1, lateSeconds: 300 } });
  await aws.advance(startMs + 30 * minuteMs);
  await aws.control("faults", {});
  const [first, second, ...others] = secondsOf(await logOf("told-twice"), "START");
  expect([first, others]).toEqual([0, []]);
  expect(second).toBeGreaterThan(0);
  expect(second).toBeLessThanOrEqual(300);
});

test.each([
  {
    it: "a call that takes longer than the function may",
    name: "too-slow",
    ms: 4_000,
    ok: false,
    error: "Task timed out after 3.00 seconds",
  },
  { it: "a slow call within its time", name: "slow", ms: 2_000, ok: true },
])("$it: the clock, not the machine, decides", async ({ name, ms, ok, error }) => {
  await deployFunction(aws, name, {
    source: callingSource,
    properties: { Timeout: 3 },
    allowed: [{ Action: ["sts:GetCallerIdentity"], Resource: "*" }],
    more: { NoRetries: noRetries },
  });
  await aws.control("faults", { faults: [{ function: name, kind: "slow", at: { invocation: 1, call: 1 }, ms }] });
  await invoked(name);
  await aws.control("faults", {});
  expect(await invocationsOf(name)).toEqual([
    expect.objectContaining({ ok, ...(error ? { error: expect.stringContaining(error) } : {}) }),
  ]);
  expect(secondsOf(await logOf(name), "answered 200")).toHaveLength(ok ? 1 : 0);
});

test("a function that takes more memory than it has is ended, and the next invocation begins anew", async () => {
  await deployFunction(aws, "greedy", {
    source: "export const handler = () => { const all = []; for (;;) all.push(Array.from({ length: 1e5 }, () => ({ all }))); };",
    properties: { MemorySize: 128 },
    more: { NoRetries: noRetries },
  });
  await invoked("greedy");
  await invoked("greedy");
  const ended = { ok: false, error: expect.stringMatching(/^Runtime\.ExitError: .*memory/) };
  expect(await invocationsOf("greedy")).toEqual([expect.objectContaining(ended), expect.objectContaining(ended)]);
});

/** A function that reads a queue and says what it got; bodies that begin with "bad" fail, alone. */
async function deployReader(name: string, mapping: Record<string, unknown>) {
  await deployFunction(aws, name, {
    source: `export const handler = ({ Records }) => {
      console.log("got " + Records.map(({ body }) => body).join(","));
      return { batchItemFailures: Records.filter(({ body }) => body.startsWith("bad")).map(({ messageId }) => ({ itemIdentifier: messageId })) };
    };`,
    allowed: [
      {
        Action: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
        Resource: { "Fn::GetAtt": ["Queue", "Arn"] },
      },
    ],
    more: {
      Dead: { Type: "AWS::SQS::Queue", Properties: { QueueName: `${name}-dead` } },
      Queue: {
        Type: "AWS::SQS::Queue",
        Properties: {
          QueueName: name,
          VisibilityTimeout: 60,
          RedrivePolicy: { deadLetterTargetArn: { "Fn::GetAtt": ["Dead", "Arn"] }, maxReceiveCount: 2 },
        },
      },
      Mapping: {
        Type: "AWS::Lambda::EventSourceMapping",
        Properties: { FunctionName: { Ref: "Function" }, EventSourceArn: { "Fn::GetAtt": ["Queue", "Arn"] }, ...mapping },
      },
    },
  });
  await aws.step(startMs);
  const sqs = new SQSClient(aws.client);
  const QueueUrl = `${aws.endpoint}/000000000000/${name}`;
  return {
    send: async (...bodies: string[]) => {
      for (const MessageBody of bodies) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    },
    dead: async () => {
      const asked = new GetQueueAttributesCommand({
        QueueUrl: `${QueueUrl}-dead`,
        AttributeNames: ["ApproximateNumberOfMessages"],
      });
      return Number((await sqs.send(asked)).Attributes!.ApproximateNumberOfMessages);
    },
    got: async () => (await logOf(name)).filter(([, text]) => text.startsWith("got")),
  };
}

test("of a batch only what the function names comes again, and moves on after its last attempt", async () => {
  const { send, got, dead } = await deployReader("partial", { FunctionResponseTypes: ["ReportBatchItemFailures"] });
  await send("good-1", "bad-2", "good-3");
  await aws.advance(startMs + 10 * minuteMs);
  expect(await got()).toEqual([
    [0, "got good-1,bad-2,good-3"],
    [60, "got bad-2"],
  ]);
  expect(await dead()).toBe(1);
});

test("a batch is due when it is full or its window has passed", async () => {
  const { send, got } = await deployReader("windowed", { BatchSize: 3, MaximumBatchingWindowInSeconds: 20 });
  await send("a", "b");
  await aws.advance(startMs + 19_000);
  expect(await got()).toEqual([]);
  await aws.advance(startMs + 30_000);
  await send("c", "d", "e", "f");
  await aws.advance(startMs + 60_000);
  expect(await got()).toEqual([
    [20, "got a,b"],
    [30, "got c,d,e"],
    [30, "got f"], // what is left over goes with a full batch; on AWS it would wait for its own window
  ]);
});

test("time stands still in a function but for its own timers, and chance is the seed's", async () => {
  const source = `export const handler = async () => {
    const began = Date.now();
    for (let i = 0; i < 1e6; i++) Math.sqrt(i);
    console.log("worked " + (Date.now() - began));
    await new Promise((resolve) => setTimeout(resolve, 600_000));
    console.log("waited " + (Date.now() - began), Math.random(), crypto.randomUUID());
  };`;
  const told: [number, string][][] = [];
  for (const seed of ["one", "one", "two"]) {
    const its = await startEmbedded(seed);
    try {
      await deployFunction(its, "timely", { source, properties: { Timeout: 900 } });
      await invoked("timely", its);
      told.push(await logOf("timely", its));
    } finally {
      await its.stop();
    }
  }
  const [first, again, other] = told;
  expect(first!.map(([, text]) => text.split(" ").slice(0, 2).join(" "))).toEqual(
    expect.arrayContaining(["worked 0", "waited 600000"]),
  );
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
});

/** Requests of S3 by hand, so that each byte moves when the handler says so. */
const byHand = (steps: string) => `
import http from "node:http";
const { AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID } = process.env;
const authorization = "AWS4-HMAC-SHA256 Credential=" + AWS_ACCESS_KEY_ID + "/20260302/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=-";
const large = 4_000_000;
const begin = (method, key, headers = {}) =>
  http.request(AWS_ENDPOINT_URL + "/" + process.env.BUCKET + "/" + key, { method, headers: { authorization, ...headers } });
const answered = (request) => new Promise((resolve, reject) => request.once("response", resolve).once("error", reject));
const toItsEnd = async (response) => { let size = 0; for await (const chunk of response) size += chunk.length; return size; };
const put = async (key, body) => {
  const request = begin("PUT", key, { "content-length": body.length });
  request.end(body);
  return toItsEnd(await answered(request));
};
export const handler = async () => { ${steps} };`;

test.each([
  {
    it: "reads a large answer only after another request",
    name: "reads-later",
    steps: `
      await put("large", Buffer.alloc(large));
      const reading = begin("GET", "large");
      reading.end();
      const response = await answered(reading);
      await put("small", Buffer.from("s"));
      console.log("read " + await toItsEnd(response));`,
    says: "read 4000000",
  },
  {
    it: "goes on with an upload only after another request",
    name: "uploads-later",
    steps: `
      await put("small", Buffer.from("s"));
      const writing = begin("PUT", "large", { "content-length": large });
      const response = answered(writing);
      writing.write(Buffer.alloc(large / 2));
      const reading = begin("GET", "small");
      reading.end();
      await toItsEnd(await answered(reading));
      writing.end(Buffer.alloc(large / 2));
      console.log("written " + (await response).statusCode);`,
    says: "written 200",
  },
  {
    it: "ends while requests are open",
    name: "ends-early",
    steps: `
      const left = ["one", "other"].map((key) => begin("PUT", key, { "content-length": 1 }));
      const gone = left.map((request) => new Promise((resolve) => request.once("socket", resolve)));
      for (const request of left) request.on("error", () => {}).end("x");
      await Promise.all(gone);
      console.log("left open " + left.length);`,
    says: "left open 2",
  },
])("a handler that $it keeps nobody waiting", async ({ name, steps, says }) => {
  await deployFunction(aws, name, {
    source: byHand(steps),
    properties: { Environment: { Variables: { BUCKET: `${name}-code` } } },
    allowed: [{ Action: ["s3:GetObject", "s3:PutObject"], Resource: `arn:aws:s3:::${name}-code/*` }],
  });
  await invoked(name);
  expect(await invocationsOf(name)).toEqual([expect.objectContaining({ ok: true })]);
  expect((await logOf(name)).map(([, text]) => text)).toContain(says);
});
