import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import {
  CreateBucketCommand,
  GetBucketNotificationConfigurationCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { assay } from "../cli/assay.ts";
import { runShown, shownFor } from "../docs/shown.ts";
import { goodAnswer, sameAnswer } from "./captureLines.ts";
import { createEndpoint, weightsOf } from "./endpoint.ts";
import { environmentOf, type Stack, startStack } from "./stack.ts";

const minuteMs = 60_000;
const folder = mkdtempSync(join(tmpdir(), "assay-e2e-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The example configuration in another mode: the file's path, as the environment variable that names it. */
function inMode(mode: string): { ASSAY_CONFIG: string } {
  const example = readFileSync(new URL("../../assay.yml", import.meta.url), "utf8");
  const changed = example.replace(/mode: auto\b/, `mode: ${mode}`);
  if (changed === example) throw new Error("assay.yml has no mode: auto any more");
  const path = join(folder, `${mode}.yml`);
  writeFileSync(path, changed);
  return { ASSAY_CONFIG: path };
}

let stack: Stack;
beforeAll(async () => {
  stack = await startStack(inMode("observe"));
});
afterAll(() => stack.stop());

/** Ten minutes of good answers of the candidate, then ten of empty ones; what follows for it. */
async function candidateFails(day: string) {
  await stack.aws.step(Date.parse(`${day}T09:00:00Z`));
  for (const [minutes, answer] of [
    ["01", goodAnswer],
    ["11", ""],
  ] as const) {
    await stack.aws.advance(Date.parse(`${day}T09:${minutes}:50Z`));
    const key = `support-chat/candidate/${day.replaceAll("-", "/")}/09/${minutes}-00-118-5f0c7c1e.jsonl`;
    await stack.capture(key, sameAnswer(40, `${day}T09:${minutes}`, answer));
  }
  await stack.aws.advance(Date.parse(`${day}T09:00:00Z`) + 40 * minuteMs);
  const records = Object.values(await stack.results("remediations/")).map((text) => JSON.parse(text) as Record<string, unknown>);
  return records.filter(({ since, variant }) => String(since).startsWith(day) && variant === "candidate");
}

test("in mode observe Assay says what it would do, and does nothing", async () => {
  await createEndpoint(stack);
  expect(await candidateFails("2026-03-02")).toEqual([
    expect.objectContaining({
      variant: "candidate",
      cause: "model",
      status: "held",
      decision: expect.objectContaining({
        kind: "hold",
        because: expect.stringContaining("mode is observe; otherwise Assay would shift traffic from candidate to stable"),
      }),
    }),
  ]);
  expect(await weightsOf(stack)).toEqual({ stable: 1, candidate: 1 });
});

test("deployed again unchanged, the stack keeps what it holds", async () => {
  const before = await stack.results("");
  await stack.aws.control("follow");
  expect(await stack.deploy(inMode("observe"))).toMatchObject({ code: 0 });
  expect(await stack.results("")).toEqual(before);
});

test("a changed configuration updates the stack: in mode approve the action is proposed, and waits", async () => {
  expect(await stack.deploy(inMode("approve"))).toMatchObject({ code: 0 });
  expect(await candidateFails("2026-03-03")).toEqual([
    expect.objectContaining({
      variant: "candidate",
      status: "proposed",
      actedAt: null,
      decision: expect.objectContaining({ kind: "shift_traffic", from: "candidate", to: "stable" }),
    }),
  ]);
  expect(await weightsOf(stack)).toEqual({ stable: 1, candidate: 1 });
});

test("assay doctor --stack finds what is missing, and that the rest is well", async () => {
  const now = await stack.aws.control<{ nowMs: number }>("health");
  const args = ["doctor", "--stack", "local", "--at", new Date(now.nowMs).toISOString(), "--json"];
  const { code, stdout } = await assay(args, { cwd: process.cwd(), env: environmentOf(stack.aws) });
  expect(code).toBe(1);
  const { checks } = JSON.parse(stdout) as { checks: { check: string; state: string; says: string }[] };
  expect(checks.filter(({ state }) => state === "problem").map(({ check, says }) => `${check}: ${says}`)).toEqual([
    "capture: data capture is off (the endpoint is InService)",
    "last window: there is no approved baseline, so nothing is compared",
  ]);
});

/** One after the other: a proposal is looked at, done once, and taken back. */
const saidOfOne = ["list", "show", "pause", "resume", "approve", "undo", "reject", "report"];
const rankOf = ({ command }: { command: string }) => saidOfOne.findIndex((word) => command.includes(` ${word} `));
const shownHere = shownFor("test/e2e/lifecycle.test.ts", /^assay /).toSorted((a, b) => rankOf(a) - rankOf(b));
test.each(shownHere)("$page: $command", async ({ command }) => {
  await stack.aws.control("follow"); // nobody advances the clock while the command waits for an answer
  const [proposed] = Object.values(await stack.results("remediations/"))
    .map((text) => JSON.parse(text) as { id: string; actedAt: string | null; status: string; since: string })
    .filter(({ since, status }) => since.startsWith("2026-03-03") && status !== "held");
  const instead = { "--stack prod": "--stack local", ID: proposed!.id, "…": "maintenance" };
  const id = { "4f1c2a90b7d3e856": proposed!.id, "9ff9a328de26688f7f57a68ba1aab0d6": proposed!.id };
  const more = command.startsWith("assay report") ? ["--stack", "local", "--out", join(folder, "report.html")] : [];
  const ended = await runShown(command, folder, { env: environmentOf(stack.aws), instead: { ...instead, ...id }, more });
  expect(ended.stdout).not.toBe("");
  // What was done a moment ago may be too busy to be undone, and is no proposal any more; the command says so.
  expect(/ (undo|reject) /.test(command) ? [0, 1] : [0]).toContain(ended.code);
});

test("removed, the stack is gone, and what it held is still there", async () => {
  const before = await stack.results("");
  await stack.aws.control("follow");
  expect(await stack.remove()).toMatchObject({ code: 0 });
  await expect(stack.cloudformation.send(new DescribeStacksCommand({ StackName: "assay-local" }))).rejects.toThrow(
    "Stack with id assay-local does not exist",
  );
  expect(Object.keys(before).length).toBeGreaterThan(0);
  expect(await stack.results("")).toEqual(before);
  expect(await stack.tableItems("endpoint#support-chat")).not.toEqual([]);
});

test("with a bucket that is there already, and told to take its data along: its own goes, the other stays", async () => {
  await stack.aws.control("follow");
  const { s3 } = stack;
  await s3.send(new CreateBucketCommand({ Bucket: "theirs" }));
  await s3.send(new PutObjectCommand({ Bucket: "theirs", Key: "prod/kept", Body: "x" }));
  const events = () => s3.send(new GetBucketNotificationConfigurationCommand({ Bucket: "theirs" }));
  const example = readFileSync(new URL("../../assay.yml", import.meta.url), "utf8");
  const path = join(folder, "existing.yml");
  const captures = example.replace(/^captures: captures\b/m, "captures: s3://theirs/prod");
  writeFileSync(path, `${captures}\ndeployment: { captureBucket: existing, removal: delete, tags: { team: support } }\n`);
  expect(await stack.deploy({ ASSAY_CONFIG: path }, "other")).toMatchObject({ code: 0 });
  expect((await events()).EventBridgeConfiguration).toEqual({});
  const { Stacks } = await stack.cloudformation.send(new DescribeStacksCommand({ StackName: "assay-other" }));
  expect(Stacks?.[0]?.Tags).toContainEqual({ Key: "team", Value: "support" });
  expect(Stacks?.[0]?.Outputs).toContainEqual(
    expect.objectContaining({ OutputKey: "CaptureUri", OutputValue: "s3://theirs/prod" }),
  );

  const Bucket = "assay-other-results-000000000000";
  await s3.send(new PutObjectCommand({ Bucket, Key: "scored/of-yesterday", Body: "x" }));
  expect(await stack.remove("other")).toMatchObject({ code: 0 });
  await expect(s3.send(new HeadBucketCommand({ Bucket }))).rejects.toThrow();
  expect((await events()).EventBridgeConfiguration).toBeUndefined();
  await s3.send(new HeadObjectCommand({ Bucket: "theirs", Key: "prod/kept" }));
});
