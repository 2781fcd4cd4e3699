import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { ListExecutionsCommand, SFNClient } from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { chanceFrom } from "../../bench/chance.ts";
import { drawWindow } from "../../bench/traffic.ts";
import { approveBaseline, putBaseline } from "../../shared/aws/baselines.ts";
import { readMonitorState } from "../../shared/aws/monitorState.ts";
import { createSamplingPolicies } from "../../shared/aws/samplingPolicies.ts";
import { openTable } from "../../shared/aws/table.ts";
import type { JudgeQuality } from "../../shared/labels/humanGrades.ts";
import type { DayImpact } from "../../shared/labels/impact.ts";
import { queueKey } from "../../shared/labels/labelKeys.ts";
import type { ReadAnchor } from "../../shared/monitoring/anchors.ts";
import { iso, windowMs } from "../../shared/monitoring/windows.ts";
import { uniformPolicy } from "../../shared/sampling/policy.ts";
import { endpoint, freeze } from "../shared/monitoring/played.ts";
import { answeredLine, goodAnswer } from "./captureLines.ts";
import { createJudge } from "./judge.ts";
import { type Stack, startStack } from "./stack.ts";

const startMs = Date.parse("2026-03-02T09:00:00Z");
const question = "May I return the blue running shoes after two weeks?";
const bad = "Shoes are nice. Buy more of them, and then think about whether you like them or not.";
const grades = { [goodAnswer]: 0.9, [bad]: 0.15 };

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
  const recorded = Object.entries(grades).map(([completion, quality]) => ({ prompt: question, completion, grades: { quality } }));
  await createJudge(stack, recorded);
  await stack.aws.step(startMs - 20 * 60_000);
  await stack.aws.advance(startMs);
});
afterAll(() => stack.stop());

/** Two sound days, and an anchor of each answer that the judge knows. */
function soundBaseline() {
  const chance = chanceFrom(3);
  const records = Array.from({ length: 192 }, (_, n) => n).flatMap((n) =>
    ["stable", "candidate"].map((variant) => {
      const identity = { startMs: startMs - 2 * 86_400_000 + n * windowMs, endpoint, variant };
      return drawWindow(chance, identity, { requestsPerHour: 100, pi: 0.2, segments: { all: { share: 1, mean: 0.9 } } });
    }),
  );
  const anchors = Object.entries(grades).map(([completion, quality], i): ReadAnchor => {
    const reading = (by: number) => ({ quality: quality + by });
    return { id: `anchor-${i}`, prompt: question, completion, readings: [0, 0, 0, 0.01 * i].map(reading) };
  });
  return { ...freeze(records, anchors), judgeVersion: null };
}

/** Two hours in which the candidate answers badly from 09:30 on; the schedule does the rest. Only the faults differ. */
async function found(faults: object[]) {
  await stack.empty(stack.output("ResultsBucketName"));
  await stack.emptyTable();
  await stack.aws.step(startMs);
  const table = openTable(new DynamoDBClient(stack.aws.client), stack.output("TableName"));
  const store = { table, s3: stack.s3, resultsBucket: stack.output("ResultsBucketName") };
  // A warm container remembers the policies that it wrote, and does not write them again into a table that was emptied.
  const policies = createSamplingPolicies(table);
  for (let n = 0; n < 5; n++) await policies(endpoint, iso(startMs + n * windowMs), uniformPolicy(0.2), startMs);
  const baseline = soundBaseline();
  await putBaseline(store, baseline);
  await approveBaseline(store, endpoint, baseline.version, "test", "sound", startMs);
  await dropLabels();
  await stack.aws.control("faults", { faults });
  for (let n = 0; n < 5; n++) {
    const atMs = startMs + n * windowMs + 60_000;
    await stack.aws.advance(atMs + 50_000);
    const [day, time] = [iso(atMs).slice(0, 10), iso(atMs).slice(11, 16)];
    for (const [v, variant] of ["stable", "candidate"].entries()) {
      const answer = variant === "candidate" && n >= 2 ? bad : goodAnswer;
      const lines = Array.from({ length: 40 }, (_, i) => answeredLine(1_000 * n + 100 * v + i, `${day}T${time}`, answer));
      const key = `${endpoint}/${variant}/${day.replaceAll("-", "/")}/${time.replace(":", "/")}-00-118-5f0c7c1e.jsonl`;
      await stack.capture(key, lines.join("\n"));
    }
  }
  await stack.aws.advance(startMs + 8 * windowMs + 10 * 60_000);
  await stack.aws.control("faults", { faults: [] });
  const state = (await readMonitorState(table, endpoint))!;
  return {
    lastWindow: state.lastWindow,
    version: state.version,
    findings: state.findings.map(({ finding: { openedAt: _, ...finding } }) => finding),
    rules: state.rules,
    readings: state.anchors.readings.map(({ differences }) => differences),
    kept: (await stack.tableItems(`endpoint#${endpoint}`)).filter(({ sk }) => String(sk).startsWith("finding#")).length,
    spent: (await stack.tableItems(`budget#${endpoint}`)).map(({ spentMicroUsd }) => spentMicroUsd),
  };
}

/** An answer that somebody was asked about, what they said, and what its user did. */
async function dropLabels(): Promise<void> {
  const Bucket = stack.output("ResultsBucketName");
  const put = (Key: string, value: object) => stack.s3.send(new PutObjectCommand({ Bucket, Key, Body: JSON.stringify(value) }));
  const { eventMetadata } = JSON.parse(answeredLine(0, "2026-03-02T09:01", goodAnswer)) as { eventMetadata: { eventId: string } };
  const { eventId } = eventMetadata;
  const days = { endpoint, from: "2026-03-02T00:00:00Z", to: "2026-03-03T00:00:00Z" };
  const answer = {
    eventId,
    variant: "stable",
    window: iso(startMs),
    segment: "all",
    pi: 0.2,
    p: 0.1,
    y: { quality: 0.9 },
    interest: 1,
  };
  await put(queueKey(days), {
    ...days,
    judgeVersion: "v",
    criteria: ["quality"],
    madeAt: iso(startMs),
    candidates: 1,
    answers: [answer],
  });
  await put(`labels/endpoint=${endpoint}/grades.jsonl`, { id: eventId, grade: 0.5, grader: "Ada" });
  // Two hours must have passed before it is looked for; it is found in the hour after.
  await put("labels/feedback.jsonl", { id: eventId, endpoint, feedback: "down", time: "2026-03-02T08:40:00Z" });
}

test("a variant that goes bad is found on schedule, and told to remediation; with crashes in every task all the same", async () => {
  const undisturbed = await found([]);
  expect(undisturbed).toMatchObject({
    lastWindow: "2026-03-02T10:30:00Z",
    findings: [{ cause: "model", variant: "candidate", signal: "quality", since: "2026-03-02T09:30:00Z", status: "open" }],
    kept: 1,
  });
  expect(Object.keys(await stack.results("remediations/"))).toContain(`remediations/${undisturbed.findings[0]!.id}.json`);

  const said = Object.values(await stack.results("agreement/"));
  expect(said.map((text) => JSON.parse(text) as JudgeQuality)).toMatchObject([
    { labelled: 1, criteria: { quality: { bias: 0.4 } } },
  ]);
  const impact = Object.values(await stack.results("impact/")).map((text) => JSON.parse(text) as DayImpact);
  expect(impact).toMatchObject([{ date: "2026-03-02", variants: [{ variant: "stable", counts: { up: 0, down: 1 } }] }]);

  type Run = { function: string; ok: boolean };
  const { invocations } = await stack.aws.control<{ invocations: Run[] }>("happened");
  expect(invocations.filter(({ function: name, ok }) => name.startsWith("assay-local-drift") && !ok)).toEqual([]);
  // One attempt in two dies, each at another call, so that every state's two repeats suffice.
  const crashes = ["Fold", "Anchors", "Conclude", "Publish"].flatMap((task) => {
    const name = `assay-local-drift${task}`;
    const before = invocations.filter((run) => run.function === name).length;
    return Array.from({ length: 10 }, (_, i) => ({
      function: name,
      kind: "crash",
      at: { invocation: before + 2 * i + 1, call: 2 + 2 * i },
    }));
  });
  const disturbed = await found(crashes);
  expect(disturbed).toEqual(undisturbed);
  const { faults } = await stack.aws.control<{ faults: { functionName: string }[] }>("happened");
  expect(new Set(faults.map(({ functionName }) => functionName)).size).toBe(4);
});

test("every run of the schedule succeeds", async () => {
  const sfn = new SFNClient(stack.aws.client);
  const { executions } = await sfn.send(new ListExecutionsCommand({ stateMachineArn: stack.output("DriftStateMachineArn") }));
  expect(executions!.length).toBeGreaterThan(16);
  expect(executions!.filter(({ status }) => status !== "SUCCEEDED")).toEqual([]);
});
