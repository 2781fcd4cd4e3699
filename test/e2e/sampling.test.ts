import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DescribeStackResourceCommand } from "@aws-sdk/client-cloudformation";
import { ListMetricsCommand } from "@aws-sdk/client-cloudwatch";
import { FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { baselineKey } from "../../shared/monitoring/resultKeys.ts";
import { merge, type StoredSummary } from "../../shared/monitoring/summary.ts";
import { everyKindOfLine, sameAnswer } from "./captureLines.ts";
import { npmStart } from "./command.ts";
import { createJudge } from "./judge.ts";
import { type Stack, startStack } from "./stack.ts";

const sample = "assay-local-sample";
const minuteMs = 60_000;
/** A message comes back after six minutes, five times at most; its event may be ten minutes late. */
const [comesBackMs, lateSeconds] = [7 * minuteMs, 600];
const startMs = Date.parse("2026-03-02T09:45:00Z");

/** The example, with an endpoint whose sampling is paced and stratified: that takes everything that sample may do. */
const folder = mkdtempSync(join(tmpdir(), "assay-e2e-"));
const configuration = join(folder, "assay.yml");
writeFileSync(
  configuration,
  `${readFileSync(new URL("../../assay.yml", import.meta.url), "utf8")}
  paced:
    variants: [watched]
    segment: { by: language }
    judge:
      endpoint: support-judge
      model: Qwen/Qwen3-30B-A3B-Instruct-2507
      rubric: { quality: 1 means that the answer solves what was asked; 0 means that it does not. }
      usdPerMillionInputTokens: 0.15
      usdPerMillionOutputTokens: 0.60
    evaluationBudget: { usdPerDay: 5 }
`,
);

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ ASSAY_CONFIG: configuration });
  await createJudge(stack, [{ prompt: "-", completion: "-", grades: { quality: 1 } }]);
});
afterAll(async () => {
  await stack.stop();
  rmSync(folder, { recursive: true });
});

type Happened = { faults: { kind: string; call: number }[]; invocations: { function: string; ok: boolean }[] };
const happened = () => stack.aws.control<Happened>("happened");
const invocationsOfSample = async () => (await happened()).invocations.filter((run) => run.function === sample).length;
const crash = (at: object) => ({ function: sample, kind: "crash", at });

/** How many messages a queue holds, hidden and delayed ones included. */
async function held(queueOutput: string): Promise<number> {
  const names = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
  ] as const;
  const QueueUrl = stack.output(queueOutput);
  const { Attributes = {} } = await stack.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...names] }));
  return names.reduce((sum, name) => sum + Number(Attributes[name]), 0);
}

/** Lets time pass until no message waits. @returns the moment */
async function emptied(fromMs: number): Promise<number> {
  let nowMs = fromMs + 2 * minuteMs;
  await stack.aws.advance(nowMs);
  for (let attempt = 1; attempt <= 5 && (await held("CaptureQueueUrl")) > 0; attempt++) {
    nowMs += comesBackMs;
    await stack.aws.advance(nowMs);
  }
  return nowMs;
}

/** Sends what lies in the dead-letter queue to the queue it came from. @returns whether anything did */
async function redrive(): Promise<boolean> {
  const QueueUrl = stack.output("CaptureDeadLetterQueueUrl");
  for (let any = false; ; any = true) {
    const { Messages = [] } = await stack.sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    if (Messages.length === 0) return any;
    for (const { Body, ReceiptHandle } of Messages) {
      await stack.sqs.send(new SendMessageCommand({ QueueUrl: stack.output("CaptureQueueUrl"), MessageBody: Body }));
      await stack.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
}

describe("disturbed", () => {
  /** The same objects at the same moment, with an empty table and an empty bucket before; only the faults differ. */
  async function booksAfter(faults: { faults?: object[]; events?: object }, objects = 2): Promise<Record<string, string>> {
    await stack.empty(stack.output("ResultsBucketName"));
    await stack.emptyTable();
    await stack.aws.step(startMs);
    await stack.aws.control("faults", faults);
    for (let n = 0; n < objects; n++) {
      await stack.capture(
        `chat/stable/2026/03/02/09/41-0${n}-118-5f0c7c1e.jsonl`,
        everyKindOfLine(n * 100, 12, "2026-03-02T09:41"),
      );
    }
    let nowMs = await emptied(startMs + (faults.events ? lateSeconds * 1_000 : 0));
    await stack.aws.control("faults", {});
    // Whoever met five crashes waits there, as an operator would find it.
    if (await redrive()) nowMs = await emptied(nowMs);
    expect({ waiting: await held("CaptureQueueUrl"), dead: await held("CaptureDeadLetterQueueUrl") }).toEqual({
      waiting: 0,
      dead: 0,
    });
    return stack.results("scored/", "summaries/", "quarantine/");
  }

  test("an undisturbed run enters every record once", async () => {
    const books = await booksAfter({});
    const summaries = Object.entries(books).flatMap(([key, text]) =>
      key.startsWith("summaries/") ? [(JSON.parse(text) as StoredSummary).summary] : [],
    );
    const total = summaries.reduce(merge);
    expect(total.counts).toEqual({
      captured: 34,
      answered: 24,
      modelErrors: 2,
      inputOnly: 2,
      outputOnly: 0,
      quarantined: 6,
      lost: 0,
    });
    expect(total.hardFailures).toBe(6);
    expect(total.chosen.length).toBeGreaterThan(0);
    const lines = (folder: string) =>
      Object.entries(books).flatMap(([key, text]) => (key.startsWith(folder) ? text.trimEnd().split("\n") : []));
    expect({ scored: lines("scored/").length, quarantined: lines("quarantine/").length }).toEqual({ scored: 28, quarantined: 6 });
  });

  test("a crash of sample between any two of its calls changes no byte of the books", async () => {
    const undisturbed = await booksAfter({}, 1);
    let call = 0;
    for (let crashes = 1; crashes > 0; ) {
      const before = (await happened()).faults.length;
      const at = { invocation: (await invocationsOfSample()) + 1, call: ++call };
      expect({ call, books: await booksAfter({ faults: [crash(at)] }, 1) }).toEqual({ call, books: undisturbed });
      crashes = (await happened()).faults.length - before;
    }
    // Claimed, read, written, counted and finished.
    expect(call).toBeGreaterThan(5);
  });

  const objects = 8; // one batch, when nothing is disturbed
  let undisturbed: Record<string, string>;
  beforeAll(async () => {
    undisturbed = await booksAfter({}, objects);
  });

  test("crashes anywhere, few or many, change no byte of the books", async () => {
    const before = (await happened()).faults.length;
    for (const share of [0.03, 0.08]) {
      expect({ share, books: await booksAfter({ faults: [crash({ share })] }, objects) }).toEqual({ share, books: undisturbed });
    }
    expect((await happened()).faults.length).toBeGreaterThan(before);
  });

  test.each([
    { it: "twice", events: { duplicateShare: 1 }, faults: [] },
    { it: "late and out of order", events: { lateShare: 0.7, lateSeconds }, faults: [] },
    {
      it: "twice, late, out of order and to a function that crashes",
      events: { duplicateShare: 0.5, lateShare: 0.5, lateSeconds },
      faults: [crash({ share: 0.04 })],
    },
  ])("events delivered $it change no byte of the books", async ({ events, faults }) => {
    const before = await invocationsOfSample();
    expect(await booksAfter({ events, faults }, objects)).toEqual(undisturbed);
    expect((await invocationsOfSample()) - before).toBeGreaterThan(1);
  });
});

describe("least privilege", () => {
  const books = ["scored/", "summaries/", "quarantine/"];
  const say = /^(sampled|finished_before|the message comes again)$/;

  /** What can be seen of one capture object of a variant of its own. Its first reading dies, so that the second starts cold. */
  async function observed(variant: string, fromMs: number) {
    const at = { invocation: (await invocationsOfSample()) + 1, call: 1 };
    await stack.aws.control("faults", { faults: [crash(at)] });
    await stack.capture(`paced/${variant}/2026/03/02/12/01-00-118-5f0c7c1e.jsonl`, everyKindOfLine(0, 12, "2026-03-02T12:01"));
    await stack.aws.advance(fromMs + 2 * minuteMs + comesBackMs);
    await stack.aws.control("faults", {});

    const found = await stack.results(...books);
    const { Metrics = [] } = await stack.cloudwatch.send(
      new ListMetricsCommand({ Namespace: "Assay", Dimensions: [{ Name: "Variant", Value: variant }] }),
    );
    const { events = [] } = await stack.logs.send(
      new FilterLogEventsCommand({ logGroupName: `/aws/lambda/${sample}`, startTime: fromMs }),
    );
    return {
      books: Object.entries(found).flatMap(([key, text]) => (`${key}${text}`.includes(variant) ? [key.split("/")[0]] : [])),
      metrics: Metrics.map(({ MetricName }) => MetricName).sort(),
      said: events.flatMap(({ message }) => messageIn(message!)),
      waiting: await held("CaptureQueueUrl"),
      dead: await held("CaptureDeadLetterQueueUrl"),
    };
  }
  const messageIn = (line: string): string[] => {
    if (!line.startsWith("{")) return [];
    const { message } = JSON.parse(line) as { message: string };
    return say.test(message) ? [message] : [];
  };

  test("without any one grant of sample's role, books, metrics, queue or log differ", async () => {
    const { StackResourceDetail } = await stack.cloudformation.send(
      new DescribeStackResourceCommand({ StackName: "assay-local", LogicalResourceId: "SampleRole" }),
    );
    const roleName = StackResourceDetail!.PhysicalResourceId!;
    const { grants } = await stack.aws.control<{ grants: { action: string; resource: string }[] }>("grants", { roleName });
    expect(grants.length).toBeGreaterThan(0);

    // A baseline that is approved, and predicts nothing: sample looks whether it does.
    const approved = { pk: "endpoint#paced", sk: "baseline", version: "b1", approvedAt: "2026-03-01T00:00:00Z" };
    const Item = Object.fromEntries(Object.entries(approved).map(([name, S]) => [name, { S }]));
    await new DynamoDBClient(stack.aws.client).send(new PutItemCommand({ TableName: stack.output("TableName"), Item }));
    const Body = JSON.stringify({ endpoint: "paced", version: "b1", criteria: {} });
    await stack.s3.send(
      new PutObjectCommand({ Bucket: stack.output("ResultsBucketName"), Key: baselineKey("paced", "b1"), Body }),
    );

    let nowMs = Date.parse("2026-03-02T12:00:00Z");
    let n = 0;
    await stack.aws.step(nowMs);
    const next = async () => {
      const seen = await observed(`variant-${++n}`, nowMs);
      await stack.aws.control("restore");
      for (const prefix of books) await stack.empty(stack.output("ResultsBucketName"), prefix);
      for (const queue of ["CaptureQueueUrl", "CaptureDeadLetterQueueUrl"]) {
        await stack.sqs.send(new PurgeQueueCommand({ QueueUrl: stack.output(queue) }));
      }
      // An event source that was refused asks again after a minute.
      nowMs += 11 * minuteMs;
      await stack.aws.advance(nowMs);
      return seen;
    };

    const allowed = await next();
    expect(allowed).toMatchObject({ books: ["scored", "summaries", "quarantine"], said: ["sampled"], waiting: 0, dead: 0 });
    expect(allowed.metrics.length).toBeGreaterThan(0);
    expect(await next()).toEqual(allowed); // what differs below differs by the grant

    const superfluous: object[] = [];
    for (const grant of grants) {
      await stack.aws.control("suspend", { roleName, ...grant });
      const seen = await next();
      if (JSON.stringify(seen) === JSON.stringify(allowed)) superfluous.push(grant);
    }
    expect(superfluous).toEqual([]);
    expect(await next()).toEqual(allowed);
  });
});

test("an alarm for an endpoint that does not exist is held, with a sentence that says what to do", async () => {
  const fromMs = Date.parse("2026-03-04T14:00:00Z");
  await stack.aws.step(fromMs);
  await stack.capture("support-chat/candidate/2026/03/04/14/01-00-118-5f0c7c1e.jsonl", sameAnswer(40, "2026-03-04T14:01", ""));
  await stack.aws.advance(fromMs + 30 * minuteMs);
  const records = Object.values(await stack.results("remediations/")).map((text) => JSON.parse(text));
  expect(records).toContainEqual(
    expect.objectContaining({
      endpoint: "support-chat",
      variant: "candidate",
      status: "held",
      decision: expect.objectContaining({
        kind: "hold",
        because: "endpoint support-chat does not exist: remove it from assay.yml, or create it and deploy again",
      }),
    }),
  );
});

test("a port in use is a sentence", async () => {
  const { port } = new URL(stack.aws.endpoint);
  const { code, stderr } = await npmStart(["--port", port]);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: `Port ${port} on 127.0.0.1 is in use. Stop what listens there, or give another with --port (0: any free one).\n`,
  });
});
