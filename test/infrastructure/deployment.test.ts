import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { frameworkIds } from "../../infrastructure/cloudformation.ts";
import { onEveryResource } from "../../infrastructure/roles.ts";
import { resources } from "../../infrastructure/stack.ts";
import { permissionProblems, schemaProblems, type Template } from "./checkTemplate.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-deployment-"));
afterAll(() => rmSync(folder, { recursive: true }));
const key = "arn:aws:kms:eu-central-1:123456789012:key/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";

/** The generated part of the template, with something in place of what the framework makes of functions. */
async function templateWith(deployment: string): Promise<Template> {
  const path = join(folder, "assay.yml");
  writeFileSync(path, `captures: s3://acme-captures/prod\nendpoints: { chat: { variants: [a] } }\ndeployment: ${deployment}\n`);
  process.env.ASSAY_CONFIG = path;
  try {
    const { Resources } = await resources({ resolveVariable: async () => "prod" });
    const ofFramework = Object.values(frameworkIds).flatMap(({ lambda, logs }) => [
      [lambda, { Type: "AWS::Lambda::Function", Properties: { Code: {}, Role: "r" } }],
      [logs, { Type: "AWS::Logs::LogGroup", Properties: {} }],
    ]);
    return { Resources: { ...Object.fromEntries(ofFramework), ...Resources } };
  } finally {
    delete process.env.ASSAY_CONFIG;
  }
}
const policiesOf = ({ Resources }: Template, role: string) => JSON.stringify(Resources[role]?.Properties?.Policies);

test("a customer's key encrypts whatever holds data, and who uses that may use the key through it", async () => {
  const template = await templateWith(`{ kmsKeyArn: "${key}" }`);
  expect(schemaProblems(template)).toEqual([]);
  expect(await permissionProblems(template, new Set(Object.keys(onEveryResource)))).toEqual([]);
  const stores = Object.entries(template.Resources).filter(([, { Type }]) =>
    ["AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::SNS::Topic", "AWS::DynamoDB::Table"].includes(Type),
  );
  expect(stores.length).toBeGreaterThan(8);
  expect(stores.filter(([, { Properties }]) => !JSON.stringify(Properties).includes(key))).toEqual([]);
  expect(JSON.stringify(template)).not.toMatch(/SqsManagedSseEnabled|AES256|alias\/aws/);
  expect(policiesOf(template, "SampleRole")).toContain('"kms:ViaService":{"Fn::Sub":"sqs.${AWS::Region}.amazonaws.com"}');
  expect(policiesOf(template, "RemediationFinishRole")).toContain("sns.${AWS::Region}");
  expect(policiesOf(template, "DriftScheduleRole")).not.toContain("kms:");
});

test("what holds data outlives the stack, unless it is told otherwise", async () => {
  for (const [deployment, policy] of [
    ["{}", "Retain"],
    ["{ removal: delete }", "Delete"],
  ] as const) {
    const { Resources } = await templateWith(deployment);
    const kept = ["CaptureBucket", "ResultsBucket", "Table"].map((id) => Resources[id] as { DeletionPolicy?: string });
    expect(kept.map(({ DeletionPolicy }) => DeletionPolicy)).toEqual([policy, policy, policy]);
  }
});

test("an existing bucket is not the stack's: it gets neither policy nor rules, only its events are asked for", async () => {
  const { Resources } = await templateWith("{ captureBucket: existing }");
  expect(Resources.CaptureBucket).toMatchObject({ Type: "Custom::BucketEvents", Properties: { Bucket: "acme-captures" } });
  expect(Resources.CaptureBucketPolicy).toBeUndefined();
  expect(Object.keys(Resources)).toContain("BucketEventsRole");
  expect(Object.keys((await templateWith("{}")).Resources)).not.toContain("BucketEventsRole");
});

test("captures and results are kept for as long as is said", async () => {
  const { Resources } = await templateWith("{ retention: { capturesDays: 90, quarantineDays: 20, resultsDays: 800 } }");
  const days = (id: string) =>
    (Resources[id]!.Properties!.LifecycleConfiguration as { Rules: { ExpirationInDays?: number }[] }).Rules.flatMap(
      ({ ExpirationInDays }) => ExpirationInDays ?? [],
    );
  expect([days("CaptureBucket"), days("ResultsBucket")]).toEqual([[90], [20, 800]]);
});
