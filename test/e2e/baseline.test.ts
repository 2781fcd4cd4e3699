import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DescribeStackResourcesCommand } from "@aws-sdk/client-cloudformation";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { assay } from "../cli/assay.ts";
import { runAws } from "../docs/awsCommand.ts";
import { runShown, shownFor } from "../docs/shown.ts";
import { answeredLine, goodAnswer } from "./captureLines.ts";
import { createEndpoint } from "./endpoint.ts";
import { createJudge } from "./judge.ts";
import { environmentOf, type Stack, startStack } from "./stack.ts";

const startMs = Date.parse("2026-03-02T09:45:00Z");
const minuteMs = 60_000;
const endpoint = "support-chat";
const question = "May I return the blue running shoes after two weeks?";
const fair = "You may return shoes. Ask in the shop about how many days there are, and about the rest of it all.";
const configuration = fileURLToPath(new URL("../../assay.yml", import.meta.url));

const folder = mkdtempSync(join(tmpdir(), "assay-baseline-"));
let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
  await createJudge(stack, [
    { prompt: question, completion: goodAnswer, grades: { quality: 0.9 } },
    { prompt: question, completion: fair, grades: { quality: 0.7 } },
  ]);
  await stack.aws.step(startMs - 20 * minuteMs);
  await stack.aws.advance(startMs);
  for (const [v, variant] of ["stable", "candidate"].entries()) {
    const lines = Array.from({ length: 100 }, (_, i) =>
      answeredLine(100 * v + i, "2026-03-02T09:41", i % 2 === 0 ? goodAnswer : fair),
    );
    await stack.capture(`${endpoint}/${variant}/2026/03/02/09/41-00-118-5f0c7c1e.jsonl`, lines.join("\n"));
  }
  await stack.aws.advance(startMs + 30 * minuteMs);
});
afterAll(async () => {
  await stack.stop();
  rmSync(folder, { recursive: true });
});

const baseline = (...args: string[]) => assay(["baseline", ...args], { cwd: folder, env: environmentOf(stack.aws) });
const inStack = ["--stack", "local", "--endpoint", endpoint];
const span = ["--from", "2026-03-02T09:30Z", "--to", "2026-03-02T10:00Z", "--config", configuration];
const listed = async () => {
  const { stdout } = await baseline("list", "--stack", "local", "--json");
  return stdout.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));
};
const pointer = async () => (await stack.tableItems(`endpoint#${endpoint}`)).find(({ sk }) => sk === "baseline");

test("captured traffic becomes a draft that says what it cannot watch, then the approved baseline, then a retired one", async () => {
  const { code, stdout, stderr } = await baseline("create", ...inStack, ...span);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^quality: 0\.7\d\d ± 0\.\d\d\d from \d\d judged answers$/m);
  expect(stdout).toMatch(/^Not watched in full, input-mix: It needs 48 windows/m);
  expect(stdout).toMatch(/^Not watched in full, quality: The span is shorter than a day/m);
  const [draft] = await listed();
  expect(draft).toMatchObject({ endpoint, status: "draft", criteria: { quality: { judged: draft.anchors } } });
  expect(draft.anchors).toBeGreaterThan(20);
  expect(await pointer()).toBeUndefined();

  const paid = await stack.tableItems(`budget#${endpoint}`);
  const again = await baseline("create", ...inStack, ...span, "--json");
  expect(JSON.parse(again.stdout)).toMatchObject({ version: draft.version, where: "stage local" });
  expect(await stack.tableItems(`budget#${endpoint}`)).toEqual(paid);

  const approving = await baseline("approve", draft.version, ...inStack, "--who", "Ada", "--why", "a quiet morning");
  expect(approving).toEqual({
    code: 0,
    stdout: expect.stringContaining(`${draft.version} of ${endpoint} is approved`),
    stderr: "",
  });
  expect(await listed()).toMatchObject([{ status: "approved", approvedBy: "Ada", why: "a quiet morning" }]);
  // By the clock of the stack, where it is March.
  expect(await pointer()).toMatchObject({ version: draft.version, approvedAt: "2026-03-02T10:15:00Z" });

  expect((await baseline("retire", draft.version, ...inStack, "--who", "Ada", "--why", "a new model")).code).toBe(0);
  expect(await listed()).toMatchObject([{ status: "retired", retired: { by: "Ada", why: "a new model" } }]);
  expect(await pointer()).toBeUndefined();
});

test("a recorded stream becomes a draft of the stack and a file", async () => {
  const row = (n: number) => ({
    eventId: `e${n}`,
    time: new Date(startMs - 86_400_000 + n * minuteMs).toISOString(),
    endpoint,
    variant: "stable",
    scores: {},
    pi: 0.5,
    judgement: n % 2 === 0 ? { status: "graded", grades: { quality: n % 4 === 0 ? 0.8 : 0.9 } } : null,
  });
  const stream = join(folder, "stream.jsonl");
  writeFileSync(stream, Array.from({ length: 200 }, (_, n) => `${JSON.stringify(row(n))}\n`).join(""));
  const out = join(folder, "baseline.json");
  const created = await baseline(
    "create",
    "--stack",
    "local",
    "--from",
    stream,
    "--out",
    out,
    "--config",
    configuration,
    "--json",
  );
  const { version } = JSON.parse(created.stdout);
  expect((await listed()).map((row) => [row.version, row.status])).toContainEqual([version, "draft"]);
  expect(JSON.parse(readFileSync(out, "utf8"))).toMatchObject({ version });
});

test.each([
  {
    it: "a version that is not there",
    args: ["approve", "feed", ...inStack, "--who", "A", "--why", "b"],
    says: "no baseline feed",
  },
  {
    it: "a version to retire that is not there",
    args: ["retire", "feed", ...inStack, "--who", "A", "--why", "b"],
    says: "no baseline feed",
  },
  { it: "a stage that is not there", args: ["list", "--stack", "prod"], says: "The stack assay-prod cannot be reached" },
  { it: "no place", args: ["create", ...span], says: "Give --out FILE, --stack STAGE or both" },
  {
    it: "captures without a stack",
    args: ["create", ...span, "--endpoint", endpoint, "--out", "x"],
    says: "give --stack STAGE",
  },
  { it: "no endpoint", args: ["create", ...span, "--stack", "local"], says: "name one with --endpoint" },
  {
    it: "a span without captures",
    args: ["create", ...inStack, "--from", "2026-03-01", "--to", "2026-03-02", "--config", configuration],
    says: "Nothing of support-chat was captured between 2026-03-01T00:00:00Z and 2026-03-02T00:00:00Z",
  },
  {
    it: "a time without a zone",
    args: ["create", ...inStack, "--from", "2026-03-01T10:00", "--to", "2026-03-02", "--config", configuration],
    says: "--from 2026-03-01T10:00 is no time",
  },
  { it: "nothing to list", args: ["list"], says: "Name files, or a stage with --stack" },
])("is told what to do: $it", async ({ args, says }) => {
  const { code, stderr } = await baseline(...args);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(says) });
});

describe("as the docs show it", () => {
  const env = () => environmentOf(stack.aws);
  beforeAll(async () => {
    await createEndpoint(stack);
    await stack.aws.step(Date.parse("2026-03-09T03:50:00Z"));
    await stack.aws.advance(Date.parse("2026-03-09T04:20:00Z"));
  });

  /** What others need comes first. */
  const order = [
    "baseline create",
    "list",
    "diff",
    "approve",
    "monitor",
    "queue",
    "import",
    "golden",
    "quality",
    "doctor",
    "capacity",
  ];
  const rankOf = (command: string) => order.findIndex((word) => command.includes(word)) + 1 || order.length + 1;
  // The pages give the endpoint one name or the other.
  const commands = shownFor("test/e2e/baseline.test.ts", /^assay /).map(({ command }) =>
    command.replace("--stack prod", "--stack local").replace("--endpoint chat", `--endpoint ${endpoint}`),
  );
  test.each([...new Set(commands)].sort((a, b) => rankOf(a) - rankOf(b)))("%s", async (command) => {
    const { stdout: baselines } = await runShown("assay baseline list --stack local --json", folder, { env: env() });
    const [newest, ...older] = baselines
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as { version: string }).version);
    const bucket = stack.output("CaptureBucketName");
    const instead = {
      ...{ VERSION: newest!, "2026-03-09T00-00-00Z": newest!, OLD: older.at(-1)!, NEW: newest! },
      ...{ BUCKET: bucket, "acme-captures/prod": `${bucket}/captures`, "2026/11/24": "2026/03/02" },
      ...{
        "2026-04-01": "2026-03-05",
        "--endpoint support-chat --open": `--endpoint ${endpoint} --to 2026-03-03 --out day.html`,
      },
      ...{ "assay report": "assay report --stack local", "doctor --stack local": "doctor --stack local --at 2026-03-09T04:20Z" },
    };
    const { code, stdout } = await runShown(command, folder, { env: env(), instead });
    expect({ code, stdout }).toEqual({
      code: command.startsWith("assay doctor --stack") ? 1 : 0,
      stdout: expect.stringMatching(/\S/),
    });
  });

  /** The embedded AWS, where nobody subscribes and no message is moved, does without these; that it knows what is asked for is all they show. */
  const onlyOnAws = ["sns subscribe", "sqs start-message-move-task"];
  test.each(shownFor("test/e2e/baseline.test.ts", /^aws /))("$page: $command", async ({ command }) => {
    const { StackResources = [] } = await stack.cloudformation.send(
      new DescribeStackResourcesCommand({ StackName: "assay-local" }),
    );
    const drift = StackResources.find(({ LogicalResourceId }) => LogicalResourceId === "DriftStateMachine")!;
    const there = command
      .replace("DRIFT_ARN", drift.PhysicalResourceId!)
      .replaceAll("assay-prod", "assay-local")
      .replaceAll(/(?<=-local-|endpoint#|name |"endpoint":")chat\b(?!-8)/g, endpoint)
      .replace("chat-8", "two-variants")
      .replaceAll(/\b[A-Z_]*ARN\b/g, "arn:aws:sqs:eu-west-1:000000000000:one");
    const sent = runAws(there, stack.aws);
    if (onlyOnAws.some((one) => command.startsWith(`aws ${one} `)))
      await expect(sent).rejects.toMatchObject({ name: "NotImplemented" });
    else await sent;
    await stack.aws.advance(Date.parse("2026-03-09T06:00:00Z"));
  });
});
