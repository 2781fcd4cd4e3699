import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startFauxqs } from "fauxqs";
import { asJson, record } from "../shared/capture/records.ts";
import { assay } from "./assay.ts";

const key = "prod/support-chat/stable/2026/03/02/09/41-07-118-5f0c7c1e-0d5b-4b6a-9a0e-2f4d1c9b8a77.jsonl";
const answered = JSON.stringify(record({ input: asJson({ inputs: "Refund?" }), output: asJson([{ generated_text: "Yes." }]) }));

let s3Server: Awaited<ReturnType<typeof startFauxqs>>;
let env: Record<string, string>;
beforeAll(async () => {
  s3Server = await startFauxqs({ port: 0, logger: false });
  env = {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${s3Server.port}`,
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
  };
  const s3 = new S3Client({
    endpoint: env.AWS_ENDPOINT_URL!,
    region: "eu-west-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    forcePathStyle: true,
  });
  await s3.send(new CreateBucketCommand({ Bucket: "acme-captures" }));
  for (const { Key, Body } of [
    { Key: key, Body: `${answered}\n` },
    { Key: "prod/manifest.json", Body: "{}" },
    { Key: "other/notes.txt", Body: "-" },
  ]) {
    await s3.send(new PutObjectCommand({ Bucket: "acme-captures", Key, Body }));
  }
  s3.destroy();
});
afterAll(() => s3Server.stop());

test("reads the capture objects under a prefix and passes over what is none", async () => {
  const { code, stdout, stderr } = await assay(["doctor", "--json", "s3://acme-captures/prod"], {
    cwd: import.meta.dirname,
    env,
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(JSON.parse(stdout)).toMatchObject({
    counts: { captured: 1, answered: 1 },
    ignored: 1,
    objects: [
      {
        object: `s3://acme-captures/${key}`,
        endpoint: "support-chat",
        variant: "stable",
        read: [{ adapter: "tgi", outcome: "answered", count: 1 }],
      },
    ],
  });
});

test("says how many objects it passed over", async () => {
  const { stdout } = await assay(["doctor", "s3://acme-captures/prod"], { cwd: import.meta.dirname, env });
  expect(stdout).toContain("1 other object is ignored");
});

test.each([
  { it: "a prefix without captures", url: "s3://acme-captures/other/", says: "holds no capture object (1 other objects)" },
  {
    it: "a bucket that does not exist",
    url: "s3://acme-nowhere/prod",
    says: "s3://acme-nowhere/prod cannot be read: NoSuchBucket",
  },
])("answers $it in a sentence", async ({ url, says }) => {
  const { code, stdout, stderr } = await assay(["doctor", url], { cwd: import.meta.dirname, env });
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(says);
});
