import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { SQSClient } from "@aws-sdk/client-sqs";
import { judgeMessage } from "../../functions/judge/judgeMessage.ts";
import { connectJudges } from "../../shared/aws/judge.ts";
import { openJudgeGates } from "../../shared/aws/judgeGates.ts";
import type { JudgeTask } from "../../shared/aws/judgeTasks.ts";
import { openLedger } from "../../shared/aws/ledger.ts";
import { openTable } from "../../shared/aws/table.ts";
import { parseAssay } from "../../shared/config/load.ts";

const judgeMs = 200;
/** As serverless.yml has it. */
const messagesAtOnce = 10;
const region = "eu-west-1";
const key = "captures/chat/stable/2026/03/02/09/41-07-118-5f0c7c1e.jsonl";

/**
 * Lets the judge function work through batches of ten tasks on real time: captures, ledger and judgements in the embedded AWS, in a process
 * of its own; a judge that answers after 200 ms. One environment of the function, warm.
 */
export async function throughput(
  batches: number,
  progress: (text: string) => void,
): Promise<{ judgedPerSecond: number; batchMs: number; judged: number }> {
  const aws = spawn(process.execPath, ["local/main.ts", "--port", "0", "--region", region], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const judge = createServer((request, response) => {
    request.resume().once("end", () => setTimeout(() => response.end(reply), judgeMs));
  });
  try {
    judge.listen(0, "127.0.0.1");
    await once(judge, "listening");
    const endpoint = await endpointOf(aws.stdout);
    const client = { endpoint, region, credentials: { accessKeyId: "local", secretAccessKey: "local" } };
    const s3 = new S3Client({ ...client, forcePathStyle: true });
    const dynamo = new DynamoDBClient(client);
    await dynamo.send(
      new CreateTableCommand({
        TableName: "assay",
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: ["pk", "sk"].map((AttributeName) => ({ AttributeName, AttributeType: "S" as const })),
        KeySchema: [
          { AttributeName: "pk", KeyType: "HASH" },
          { AttributeName: "sk", KeyType: "RANGE" },
        ],
      }),
    );
    for (const Bucket of ["captures", "results"]) await s3.send(new CreateBucketCommand({ Bucket }));
    const lines = Array.from({ length: (batches + 1) * messagesAtOnce }, (_, n) => captured(n));
    await s3.send(new PutObjectCommand({ Bucket: "captures", Key: key, Body: lines.join("\n") }));

    const table = openTable(dynamo, "assay");
    const nowMs = () => Date.now();
    const url = `http://127.0.0.1:${(judge.address() as AddressInfo).port}/v1`;
    const deps = {
      assay: assayWith(url),
      isRemediated: async () => false,
      ledger: openLedger(table),
      s3,
      sqs: new SQSClient(client),
      judgeQueueUrl: "none",
      askJudge: connectJudges(new SageMakerRuntimeClient({ ...client, maxAttempts: 1 }), nowMs),
      throughGate: openJudgeGates(nowMs),
      resultsBucket: "results",
      nowMs,
    };
    const tasks = tasksOf(lines);
    let judged = 0;
    const judgeBatch = async (n: number) => {
      const batch = tasks.slice(n * messagesAtOnce, (n + 1) * messagesAtOnce);
      const attempt = { owner: `batch-${n}`, latestMs: nowMs() + 25_000 };
      const outcomes = await Promise.all(batch.map((task) => judgeMessage(JSON.stringify(task), attempt, deps)));
      judged += outcomes.filter(({ status }) => status === "graded").length;
    };
    await judgeBatch(0); // connections, and code that runs for the first time
    judged = 0;
    const startedAtMs = performance.now();
    for (let n = 1; n <= batches; n++) {
      progress(`batch ${n} of ${batches}`);
      await judgeBatch(n);
    }
    const ms = performance.now() - startedAtMs;
    return { judgedPerSecond: (judged / ms) * 1_000, batchMs: ms / batches, judged };
  } finally {
    judge.close();
    judge.closeAllConnections();
    aws.kill("SIGTERM");
  }
}

const reply = JSON.stringify({
  model: "judge-1",
  choices: [{ message: { content: '{"quality":0.8}' }, finish_reason: "stop" }],
  usage: { prompt_tokens: 500, completion_tokens: 10 },
});

const assayWith = (url: string) =>
  parseAssay(
    JSON.stringify({
      endpoints: {
        chat: {
          variants: ["stable"],
          judge: {
            provider: "openai",
            url,
            model: "judge-1",
            rubric: { quality: "1: right. 0: wrong." },
            usdPerMillionInputTokens: 0.15,
            usdPerMillionOutputTokens: 0.6,
          },
          evaluationBudget: { usdPerDay: 1_000 },
        },
      },
    }),
    "assay.yml",
  );

function captured(n: number): string {
  const side = (mode: string, data: object) => ({
    mode,
    data: JSON.stringify(data),
    encoding: "JSON",
    observedContentType: "application/json",
  });
  return JSON.stringify({
    captureData: {
      endpointInput: side("INPUT", { messages: [{ role: "user", content: `Where is parcel ${n}?` }] }),
      endpointOutput: side("OUTPUT", { choices: [{ message: { content: "On its way." }, finish_reason: "stop" }] }),
    },
    eventMetadata: { eventId: `event-${n}`, inferenceTime: "2026-03-02T09:41:07Z" },
    eventVersion: "0",
  });
}

function tasksOf(lines: readonly string[]): JudgeTask[] {
  let offset = 0;
  return lines.map((line, n) => {
    const length = Buffer.byteLength(line);
    const source = { bucket: "captures", key, offset, length };
    offset += length + 1;
    return {
      version: 1,
      eventId: `event-${n}`,
      endpoint: "chat",
      variant: "stable",
      time: "2026-03-02T09:41:07Z",
      window: "2026-03-02T09:30:00Z",
      pi: 0.2,
      segment: "all",
      objectId: "o",
      source,
      scores: {},
    };
  });
}

async function endpointOf(stdout: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: stdout })) {
    const found = /http:\/\/127\.0\.0\.1:\d+/.exec(line);
    if (found) return found[0];
  }
  throw new Error("The embedded AWS ended before it was ready.");
}
