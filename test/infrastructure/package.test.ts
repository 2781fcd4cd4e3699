import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { strFromU8, unzipSync } from "fflate";
import { frameworkIds } from "../../infrastructure/cloudformation.ts";
import { deadLetterQueues } from "../../infrastructure/queues.ts";
import { onEveryResource } from "../../infrastructure/roles.ts";
import { compilePattern } from "../../local/eventPattern.ts";
import { securityDoc } from "../../scripts/security-docs.ts";
import { parseAssay } from "../../shared/config/load.ts";
import { endpointAlarmName, endpointAlarms, watchedAlarms } from "../../shared/monitoring/alarmNames.ts";
import { habitProblems, permissionProblems, referenceProblems, schemaProblems, type Template } from "./checkTemplate.ts";

const run = promisify(execFile);
const stage = "packed"; // a stage of its own: its bundles lie apart from those of a deployment that runs meanwhile
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-package-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Packages as a user would, with neither credentials nor a network to reach. */
async function pack(env: Record<string, string>): Promise<string> {
  const offline = { AWS_ENDPOINT_URL: "http://127.0.0.1:9", HOME: folder, PATH: process.env.PATH ?? "" };
  const command = ["node_modules/serverless/bin/serverless.js", "package", "--stage", stage, "--package", join(folder, "out")];
  const { stdout, stderr } = await run(process.execPath, command, { env: { ...offline, ...env } });
  return stdout + stderr;
}

async function configuration(text: string): Promise<string> {
  const path = join(folder, "other.yml");
  await writeFile(path, text);
  return path;
}

describe("the packaged template of the example", () => {
  let template: Template;
  const properties = (id: string) => template.Resources[id]?.Properties ?? {};
  const ofType = (type: string) => Object.values(template.Resources).filter(({ Type }) => Type === type);

  beforeAll(async () => {
    await pack({ AWS_REGION: "eu-central-1" });
    template = JSON.parse(await readFile(join(folder, "out/cloudformation-template-update-stack.json"), "utf8")) as Template;
  });

  test("is what docs/security.md says of each function; package, and run scripts/security-docs.ts when this fails", async () =>
    expect(securityDoc(template.Resources, stage)).toBe(await readFile("docs/security.md", "utf8")));
  test("has only types and properties that exist", () => expect(schemaProblems(template)).toEqual([]));
  test("refers only to what it has", () => expect(referenceProblems(template)).toEqual([]));
  test("allows only actions that exist, on resources that they take", async () =>
    expect(await permissionProblems(template, new Set(Object.keys(onEveryResource)))).toEqual([]));
  test("has a role for each function, no reserved concurrency, and an end to every log", () =>
    expect(habitProblems(template)).toEqual([]));

  test("watches every variant, every endpoint's captures and every dead-letter queue, and all alarms tell somebody", async () => {
    const assay = parseAssay(await readFile("assay.yml", "utf8"), "assay.yml");
    const alarms = [...ofType("AWS::CloudWatch::Alarm"), ...ofType("AWS::CloudWatch::CompositeAlarm")];
    expect(alarms.map(({ Properties }) => Properties?.AlarmName).sort()).toEqual(
      [
        ...watchedAlarms(assay, stage).map(({ name }) => name),
        ...Object.entries(assay.endpoints).flatMap(([endpoint, settings]) =>
          endpointAlarms(settings).map((kind) => endpointAlarmName(stage, endpoint, kind)),
        ),
        ...Object.values(deadLetterQueues).map((name) => `assay-${stage}-${name}`),
      ].sort(),
    );
    for (const { Properties } of alarms) {
      const actions = (Properties?.AlarmActions ?? []) as object[];
      const isQuiet = String(Properties?.AlarmName).endsWith("-remediating"); // it only silences others
      expect(actions.length > 0).toBe(!isQuiet);
      for (const action of actions)
        expect([
          { "Fn::GetAtt": [frameworkIds.remediate.lambda, "Arn"] },
          { "Fn::GetAtt": ["AlarmsTopic", "TopicArn"] },
        ]).toContainEqual(action);
    }
  });

  test("every queue that moves messages on moves them to one that keeps them longer and is watched", () => {
    const queues = Object.keys(template.Resources).filter((id) => template.Resources[id]?.Type === "AWS::SQS::Queue");
    const sources = queues.filter((id) => !(id in deadLetterQueues));
    expect(sources.sort()).toEqual(["CaptureQueue", "JudgeQueue"]);
    for (const id of sources) {
      const { RedrivePolicy, MessageRetentionPeriod } = properties(id) as {
        RedrivePolicy: { deadLetterTargetArn: { "Fn::GetAtt": [string, string] } };
        MessageRetentionPeriod: number;
      };
      const [target] = RedrivePolicy.deadLetterTargetArn["Fn::GetAtt"];
      expect(Object.keys(deadLetterQueues)).toContain(target);
      expect(properties(target).MessageRetentionPeriod).toBeGreaterThan(MessageRetentionPeriod);
    }
  });

  test.each([
    // Six times would be half an hour: what crashed is tried again within the window that follows.
    { queue: "CaptureQueue", reader: frameworkIds.sample, least: (timeout: number) => timeout + 60 },
    { queue: "JudgeQueue", reader: frameworkIds.judge, least: (timeout: number) => 6 * timeout },
  ])("a message of $queue stays hidden for longer than its reader may take", ({ queue, reader, least }) => {
    expect(properties(queue).VisibilityTimeout).toBeGreaterThanOrEqual(least(properties(reader.lambda).Timeout as number));
  });

  test("the judge may ask the judges' endpoints and no other", () => {
    const [{ PolicyDocument }] = properties("JudgeRole").Policies as [{ PolicyDocument: { Statement: object[] } }];
    const arn = "arn:${AWS::Partition}:sagemaker:${AWS::Region}:${AWS::AccountId}:endpoint/support-judge";
    expect(PolicyDocument.Statement.filter((statement) => JSON.stringify(statement).includes("sagemaker:"))).toEqual([
      { Effect: "Allow", Action: ["sagemaker:InvokeEndpoint"], Resource: [{ "Fn::Sub": arn }] },
    ]);
  });

  test("the drift workflow runs once a window", () => {
    expect(properties("DriftSchedule")).toMatchObject({
      ScheduleExpression: "rate(15 minutes)",
      Targets: [
        {
          Arn: { "Fn::GetAtt": ["DriftStateMachine", "Arn"] },
          RoleArn: { "Fn::GetAtt": ["DriftScheduleRole", "Arn"] },
          Input: "{}",
        },
      ],
    });
  });

  test("every queue and every bucket refuses what comes without TLS", () => {
    const policies = [...ofType("AWS::SQS::QueuePolicy"), ...ofType("AWS::S3::BucketPolicy")];
    const guarded = policies
      .filter(({ Properties }) =>
        /"Effect":"Deny".*"aws:SecureTransport":"?false/.test(JSON.stringify(Properties?.PolicyDocument)),
      )
      .map(({ Properties = {} }) => JSON.stringify(Properties.Bucket ?? (Properties.Queues as unknown[])[0]));
    const needed = Object.entries(template.Resources)
      .filter(([, { Type }]) => Type === "AWS::SQS::Queue" || Type === "AWS::S3::Bucket")
      .map(([id]) => JSON.stringify({ Ref: id }));
    expect(guarded.sort()).toEqual(needed.sort());
  });

  test.each([
    { key: "captures/support-chat/stable/2026/11/24/09/00-01-002-a.jsonl", passes: true },
    { key: "captures/support-chat/stable/2026/11/24/09/00-01-002-a.jsonl.gz", passes: true },
    { key: "captures/support-chat/stable/2026/11/24/09/00-01-002-a.json", passes: false },
    { key: "other/support-chat/stable/2026/11/24/09/00-01-002-a.jsonl", passes: false },
  ])("the rule passes on $key: $passes", ({ key, passes }) => {
    const pattern = JSON.stringify(properties("CaptureRule").EventPattern).replace('{"Ref":"CaptureBucket"}', '"b"');
    const event = { source: "aws.s3", "detail-type": "Object Created", detail: { bucket: { name: "b" }, object: { key } } };
    expect(compilePattern(pattern)(event)).toBe(passes);
  });

  test("every state machine names each of its substitutions, and no other", () => {
    const machines = ofType("AWS::StepFunctions::StateMachine");
    expect(machines.length).toBeGreaterThan(0);
    for (const { Properties = {} } of machines) {
      const named = [...String(Properties.DefinitionString).matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name);
      expect([...new Set(named)].sort()).toEqual(Object.keys(Properties.DefinitionSubstitutions as object).sort());
    }
  });

  test.each(["sample", "judge", "remediate", "evaluationRun"])(
    "the bundle of %s is its code and the validated configuration",
    async (name) => {
      const files = unzipSync(await readFile(`.build/${stage}/${name}.zip`));
      expect(Object.keys(files).sort()).toEqual(["assay.json", "index.mjs"]);
      expect(JSON.parse(strFromU8(files["assay.json"]!))).toEqual(parseAssay(await readFile("assay.yml", "utf8"), "assay.yml"));
      expect(strFromU8(files["index.mjs"]!)).toMatch(/export\s*\{[^}]*\bas handler\b/);
    },
  );

  test("a second package is the same to the byte", async () => {
    const before = await Promise.all(["sample", "judge", "remediate"].map((name) => readFile(`.build/${stage}/${name}.zip`)));
    await pack({ AWS_REGION: "eu-central-1", TZ: "Asia/Tokyo" });
    const after = await Promise.all(["sample", "judge", "remediate"].map((name) => readFile(`.build/${stage}/${name}.zip`)));
    expect(after.map((zip, i) => zip.equals(before[i]!))).toEqual([true, true, true]);
  });
});

describe("packaging stops with a sentence", () => {
  const many = (endpoints: number) =>
    `endpoints:\n${Array.from({ length: endpoints }, (_, i) => `  chat-${i}: { variants: [a, b, c, d, e, f] }`).join("\n")}`;
  test.each([
    { it: "without a region", env: async () => ({}), says: "No region is chosen. Set AWS_REGION or give --region" },
    {
      it: "without a configuration",
      env: async () => ({ AWS_REGION: "eu-central-1", ASSAY_CONFIG: "/nowhere/assay.yml" }),
      says: "/nowhere/assay.yml cannot be read (ENOENT). ASSAY_CONFIG names it.",
    },
    {
      it: "with an invalid configuration",
      env: async () => ({
        AWS_REGION: "eu-central-1",
        ASSAY_CONFIG: await configuration("endpoints: { chat: { variants: [] } }"),
      }),
      says: "other.yml:1: endpoints.chat.variants is an empty list. List the endpoint's production variants.",
    },
    {
      it: "with a judge that has no price",
      env: async () => ({
        AWS_REGION: "eu-central-1",
        ASSAY_CONFIG: await configuration(
          "endpoints: { chat: { variants: [a], judge: { endpoint: g, model: m, usdPerMillionInputTokens: 1 }, evaluationBudget: { usdPerDay: 1 } } }",
        ),
      }),
      says: "other.yml:1: endpoints.chat.judge.usdPerMillionOutputTokens is missing. It is the price of a million tokens in dollars",
    },
    {
      it: "with more than a stack can hold",
      env: async () => ({ AWS_REGION: "eu-central-1", ASSAY_CONFIG: await configuration(many(20)) }),
      says: /The stack would have [5-9]\d\d resources; CloudFormation takes 500\. Split the endpoints/,
    },
  ])(
    "$it",
    async ({ env, says }) => {
      const printed = await pack(await env()).catch((error: { stdout: string; stderr: string }) => error.stdout + error.stderr);
      expect(printed).toMatch(says);
      expect(printed).not.toMatch(/^\s+at /m); // no stack
    },
    60_000,
  );
});
