import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, PutBucketNotificationConfigurationCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { parseAssay } from "../../shared/config/load.ts";
import { shownFor, wordsOf } from "../docs/shown.ts";
import { environmentOf } from "../e2e/stack.ts";
import { type Embedded, startEmbedded } from "../embeddedAws.ts";
import { assay } from "./assay.ts";

const cwd = mkdtempSync(join(tmpdir(), "assay-init-"));
let aws: Embedded;
let env: Record<string, string>;
beforeAll(async () => {
  aws = await startEmbedded();
  env = environmentOf(aws);
  const s3 = new S3Client({ ...aws.client, forcePathStyle: true });
  const sagemaker = new SageMakerClient(aws.client);
  for (const Bucket of ["recordings", "acme-captures"]) await s3.send(new CreateBucketCommand({ Bucket }));
  const NotificationConfiguration = {
    QueueConfigurations: [{ QueueArn: "arn:aws:sqs:eu-west-1:000000000000:theirs", Events: ["s3:ObjectCreated:*" as const] }],
  };
  await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket: "acme-captures", NotificationConfiguration }));
  const recording = {
    prompt: "Hi?",
    completion: "Hi.",
    latencyMs: 2,
    promptTokens: 2,
    completionTokens: 2,
    finishReason: "stop",
  };
  await s3.send(new PutObjectCommand({ Bucket: "recordings", Key: "hi.jsonl", Body: JSON.stringify(recording) }));
  const PrimaryContainer = {
    Image: "assay-local/recorded",
    ModelDataUrl: "s3://recordings/hi.jsonl",
    Environment: { PAYLOAD: "openai" },
  };
  await sagemaker.send(
    new CreateModelCommand({ ModelName: "m", ExecutionRoleArn: "arn:aws:iam::000000000000:role/r", PrimaryContainer }),
  );
  const variant = (VariantName: string) => ({
    VariantName,
    ModelName: "m",
    InstanceType: "ml.g5.xlarge" as const,
    InitialInstanceCount: 1,
    InitialVariantWeight: 1,
  });
  await sagemaker.send(
    new CreateEndpointConfigCommand({
      EndpointConfigName: "c",
      ProductionVariants: [variant("blue"), variant("green")],
      DataCaptureConfig: {
        EnableCapture: true,
        InitialSamplingPercentage: 50,
        DestinationS3Uri: "s3://acme-captures/prod",
        CaptureOptions: [{ CaptureMode: "InputAndOutput" }],
      },
    }),
  );
  await aws.step(Date.now());
  await sagemaker.send(new CreateEndpointCommand({ EndpointName: "support", EndpointConfigName: "c" }));
  await aws.advance(Date.now() + 3_600_000);
});
afterAll(async () => {
  await aws.stop();
  rmSync(cwd, { recursive: true });
});

test("finds endpoints, capture and bucket, and writes a configuration that deploys", async () => {
  const { code, stdout, stderr } = await assay(["init"], { cwd, env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain("assay.yml watches support (blue, green).");
  expect(stdout).toContain("s3://acme-captures also sends its events to EventBridge.");
  expect(stdout).toContain("Its notifications to arn:aws:sqs:eu-west-1:000000000000:theirs stay as they are.");
  expect(stdout).toMatch(/It would cost about \$\d+\.\d\d a month at 5000 answers/);
  const text = readFileSync(join(cwd, "assay.yml"), "utf8");
  expect(text).toContain("50 % of the requests are captured");
  const { captures, deployment, endpoints } = parseAssay(text, "assay.yml");
  expect({ captures, captureBucket: deployment.captureBucket }).toEqual({
    captures: { bucket: "acme-captures", prefix: "prod" },
    captureBucket: "existing",
  });
  expect(endpoints.support).toMatchObject({ variants: ["blue", "green"], judge: null, remediation: { mode: "observe" } });
});

test("writes over nothing unless it is told to", async () => {
  expect(await assay(["init"], { cwd, env })).toMatchObject({ code: 2, stderr: expect.stringContaining("--force") });
  const { code, stdout } = await assay(["init", "--force", "--json"], { cwd, env });
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ file: "assay.yml", bucket: { name: "acme-captures", sendsEvents: false } });
});

test.each(shownFor("test/cli/init.wire.test.ts", /^assay init /))("$page: $command", async ({ command }) => {
  const args = wordsOf(command.replace(/support-chat(?!=)/, "support")).slice(1);
  expect(await assay([...args, "--force"], { cwd, env })).toMatchObject({ code: 0, stderr: "" });
});

test("needs no account where the variants are given; and says so where there is none", async () => {
  const given = await assay(["init", "--endpoint", "chat-1=blue,green", "--answers", "100", "--out", "given.yml"], { cwd });
  expect(given).toMatchObject({ code: 0, stderr: "" });
  expect(parseAssay(readFileSync(join(cwd, "given.yml"), "utf8"), "given.yml").endpoints["chat-1"]!.variants).toEqual([
    "blue",
    "green",
  ]);
  const { code, stderr } = await assay(["init", "--out", "none.yml"], { cwd });
  expect(code).toBe(2);
  expect(stderr).toMatch(/no AWS region is set.*Or give --endpoint NAME=VARIANT,VARIANT/);
});

test("assay local is an embedded AWS that says where it is", async () => {
  const child = spawn(process.execPath, ["bin/assay.js", "local", "--port", "0", "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  const said = await new Promise<string>((resolve) => child.stdout.once("data", (chunk) => resolve(String(chunk))));
  const { endpoint } = JSON.parse(said) as { endpoint: string };
  expect((await fetch(`${endpoint}/_assay/health`, { method: "POST", body: "{}" })).status).toBe(200);
  child.kill("SIGTERM");
  expect(await ended).toBe(0);
});
