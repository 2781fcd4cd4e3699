import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { parseCaptureKey } from "../../shared/capture/captureKey.ts";
import { readLine } from "../../shared/capture/readLine.ts";
import { defaultSettings } from "../../shared/config/schema.ts";
import { type Embedded, region, startEmbedded } from "../embeddedAws.ts";

const execute = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const startMs = Date.parse("2026-03-02T09:00:00Z");
let aws: Embedded;
let folder: string;
beforeAll(async () => {
  mkdirSync(join(root, ".build"), { recursive: true });
  folder = mkdtempSync(join(root, ".build", "service-")); // where it finds the SDK
  aws = await startEmbedded();
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await aws.stop();
});

/** An endpoint with one variant that says "Hello there." to "Hello?". */
async function serve(s3: S3Client): Promise<void> {
  await aws.step(startMs);
  const sagemaker = new SageMakerClient(aws.client);
  const take = { completion: "Hello there.", latencyMs: 200, promptTokens: 2, completionTokens: 3, finishReason: "stop" };
  await s3.send(new CreateBucketCommand({ Bucket: "captures" }));
  await s3.send(new CreateBucketCommand({ Bucket: "recordings" }));
  await s3.send(
    new PutObjectCommand({ Bucket: "recordings", Key: "r.jsonl", Body: JSON.stringify({ prompt: "Hello?", ...take }) }),
  );
  await sagemaker.send(
    new CreateModelCommand({
      ModelName: "recorded",
      ExecutionRoleArn: "arn:aws:iam::000000000000:role/recorded",
      PrimaryContainer: {
        Image: "assay-local/recorded",
        ModelDataUrl: "s3://recordings/r.jsonl",
        Environment: { PAYLOAD: "openai" },
      },
    }),
  );
  const variant = { VariantName: "stable", ModelName: "recorded", InstanceType: "ml.g5.xlarge" } as const;
  await sagemaker.send(
    new CreateEndpointConfigCommand({
      EndpointConfigName: "one",
      ProductionVariants: [{ ...variant, InitialInstanceCount: 1, InitialVariantWeight: 1 }],
    }),
  );
  await sagemaker.send(new CreateEndpointCommand({ EndpointName: "support-chat", EndpointConfigName: "one" }));
  await aws.advance(startMs + 15 * 60_000);
}

test("a service in plain JavaScript, with the packed package and the real client, streams as before, and Assay reads its captures", async () => {
  const s3 = new S3Client(aws.client);
  await serve(s3);
  const { stdout: packed } = await execute(process.execPath, ["scripts/pack-capture.ts", folder], { cwd: root });
  const installed = join(folder, "node_modules", "assay");
  mkdirSync(installed, { recursive: true });
  await execute("tar", ["-xzf", packed.trim(), "-C", installed, "--strip-components=1"]);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "service", private: true })); // not our own package any more
  copyFileSync(join(root, "test/capture/service.mjs"), join(folder, "service.mjs"));
  const { accessKeyId, secretAccessKey } = aws.client.credentials;
  const env = {
    ...{ AWS_ENDPOINT_URL: aws.endpoint, AWS_REGION: region },
    ...{ AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
  };
  const { stdout } = await execute(process.execPath, ["service.mjs"], { cwd: folder, env });

  const { text, refused } = JSON.parse(stdout);
  expect(refused).toBe("ModelError");
  expect(text.trimEnd()).toMatch(/^data: .*"content":"Hello".*\[DONE\]$/s);
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: "captures" }));
  const keys = Contents.map(({ Key }) => Key!);
  expect(keys).toEqual([
    expect.stringMatching(/^prod\/support-chat\/stable\/\d{4}\/\d\d\/\d\d\/\d\d\/\d\d-\d\d-\d{3}-[-0-9a-f]{36}\.jsonl$/),
  ]);
  const [key] = keys as [string];
  const { endpoint, variant } = parseCaptureKey(key)!;
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: "captures", Key: key }));
  const lines = (await Body!.transformToString()).trimEnd().split("\n");
  const read = lines.flatMap((line, n) => {
    const bytes = Buffer.from(line);
    return readLine(
      { bytes, offset: 0, length: bytes.length, number: n + 1, isGzip: false, flaw: null },
      { bucket: "captures", key, endpoint, variant },
      defaultSettings,
    );
  });
  const asked = { prompt: "Hello?", adapter: "openai-chat", endpoint: "support-chat", variant: "stable" };
  expect(read).toEqual([
    expect.objectContaining({
      ...{ ...asked, outcome: "answered", inferenceId: "order-7", attributes: ["segment=billing"] },
      ...{ completion: "Hello there.", finishReason: "stop", completionTokens: 3, tokensEstimated: false },
    }),
    expect.objectContaining({ ...asked, outcome: "answered", inferenceId: "left", completion: "Hello", finishReason: "unknown" }),
    expect.objectContaining({ ...asked, prompt: "Who are you?", outcome: "model_error", inferenceId: "refused" }),
  ]);
});
