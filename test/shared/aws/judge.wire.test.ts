import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { askBedrock } from "../../../shared/aws/askBedrock.ts";
import { askOpenAi } from "../../../shared/aws/askOpenAi.ts";
import { openSecrets } from "../../../shared/aws/secrets.ts";
import type { JudgeSettings } from "../../../shared/config/assay.ts";
import { parseReply } from "../../../shared/judging/parse.ts";
import { judgeRequest } from "../../../shared/judging/request.ts";
import { type Embedded, startEmbedded } from "../../embeddedAws.ts";
import { judge } from "../judging/settings.ts";

const model = "eu.acme.grader-20260101-v1:0";
const onBedrock: JudgeSettings = { ...judge, provider: "bedrock", model };
const exchange = { id: "event-1", messages: [{ role: "user" as const, content: "Where?" }], completion: "On its way." };

let aws: Embedded;
let bedrock: BedrockRuntimeClient;
beforeAll(async () => {
  aws = await startEmbedded();
  bedrock = new BedrockRuntimeClient({ ...aws.client, maxAttempts: 1, requestHandler: new NodeHttpHandler() });
  const s3 = new S3Client({ ...aws.client, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: "grades" }));
  const line = { prompt: "Where?", completion: "On its way.", grades: { quality: 0.8, tone: 1 } };
  await s3.send(new PutObjectCommand({ Bucket: "grades", Key: "g.jsonl", Body: JSON.stringify(line) }));
  await aws.control("record", { modelId: model, s3Uri: "s3://grades/g.jsonl" });
});
afterAll(() => aws.stop());

test("Bedrock's Converse grades an answer, and says what it used", async () => {
  const answered = await askBedrock(bedrock, model, judgeRequest(exchange, onBedrock));
  expect(answered.state).toBe("answered");
  const judgement = parseReply((answered as { body: string }).body, onBedrock, 99_999);
  expect(judgement).toEqual({ status: "graded", grades: { quality: 0.8, tone: 1 }, costMicroUsd: expect.any(Number) });
  expect((judgement as { costMicroUsd: number }).costMicroUsd).toBeLessThan(1_000);
});

test.each([
  {
    it: "a model that is not there",
    model: "acme.other-v1:0",
    change: {},
    gives: { name: "JudgeUnreachable", mayHaveAnswered: false },
  },
  {
    it: "a request that it will never take",
    model,
    change: { toolConfig: { tools: [] } },
    gives: { state: "rejected", status: 400 },
  },
])("Bedrock on $it", async ({ model: asked, change, gives }) => {
  const body = JSON.stringify({ ...JSON.parse(judgeRequest(exchange, onBedrock)), ...change });
  await expect(askBedrock(bedrock, asked, body).catch((error: unknown) => error)).resolves.toMatchObject(gives);
});

test("a key is read from Secrets Manager once in a while, and is not told by errors", async () => {
  const secrets = new SecretsManagerClient(aws.client);
  const make = async (Name: string, SecretString: string) =>
    (await secrets.send(new CreateSecretCommand({ Name, SecretString }))).ARN!;
  const arn = await make("judge-key", "sk-test-1\n");
  let nowMs = 0;
  const keyOf = openSecrets(secrets, () => nowMs);
  expect(await keyOf(arn)).toBe("sk-test-1");
  secrets.destroy();
  expect(await keyOf(arn)).toBe("sk-test-1"); // as it is known
  nowMs = 3_600_000;
  expect(await openSecrets(new SecretsManagerClient(aws.client), () => nowMs)(arn)).toBe("sk-test-1");
  const twoWords = await make("two-words", "Bearer sk-test-2");
  const read = openSecrets(new SecretsManagerClient(aws.client), () => nowMs);
  await expect(read(twoWords)).rejects.toMatchObject({ name: "JudgeUnreachable", message: expect.not.stringContaining("sk-") });
  await expect(read(`${arn}x`)).rejects.toMatchObject({ name: "JudgeUnreachable" });
});

let server: Server | undefined;
afterEach(() => void server?.close());
/** A server that answers one status and body to everything, and remembers what it was asked. */
async function serving(status: number, body: string, headers: Record<string, string> = {}) {
  const asked: { url: string; headers: IncomingHttpHeaders }[] = [];
  server = createServer((request, response) => {
    asked.push({ url: request.url!, headers: request.headers });
    request.resume().once("end", () => response.writeHead(status, headers).end(body));
  });
  await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, asked };
}

test("an OpenAI-compatible server is asked with its key", async () => {
  const { url, asked } = await serving(200, "{}");
  expect(await askOpenAi(url, "sk-test-1", "{}")).toEqual({ state: "answered", body: "{}" });
  await askOpenAi(url, null, "{}");
  expect(asked.map(({ url, headers }) => [url, headers.authorization])).toEqual([
    ["/v1/chat/completions", "Bearer sk-test-1"],
    ["/v1/chat/completions", undefined],
  ]);
});

test.each([
  { it: "is overloaded", status: 429, gives: { name: "Throttled" } },
  { it: "fails", status: 503, gives: { name: "Throttled" } },
  { it: "refuses the key", status: 401, gives: { name: "JudgeUnreachable", mayHaveAnswered: false } },
  { it: "is another server", status: 404, gives: { name: "JudgeUnreachable", mayHaveAnswered: false } },
  { it: "sends us elsewhere", status: 307, gives: { name: "JudgeUnreachable" } },
  { it: "rejects the request", status: 400, gives: { state: "rejected", status: 400 } },
])("a server that $it", async ({ status, gives }) => {
  const { url, asked } = await serving(status, "It said: Where is my parcel?", { location: "http://127.0.0.1:9/" });
  const outcome = (await askOpenAi(url, "sk-test-1", "{}").catch((error: unknown) => error)) as object;
  expect(outcome).toMatchObject(gives);
  expect(JSON.stringify([outcome, String(outcome)])).not.toMatch(/sk-test|parcel/);
  expect(asked).toHaveLength(1);
});

test("a server that is not there was not paid", async () => {
  const { url } = await serving(200, "{}");
  await new Promise((resolve) => server!.close(resolve));
  await expect(askOpenAi(url, null, "{}")).rejects.toMatchObject({ name: "JudgeUnreachable", mayHaveAnswered: false });
});
