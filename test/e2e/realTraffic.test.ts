import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Chance, chanceFrom } from "../../bench/chance.ts";
import { readMonitorState } from "../../shared/aws/monitorState.ts";
import { openTable } from "../../shared/aws/table.ts";
import type { MonitorFinding } from "../../shared/monitoring/finding.ts";
import { iso } from "../../shared/monitoring/windows.ts";
import { assay } from "../cli/assay.ts";
import { asJson, record } from "../shared/capture/records.ts";
import { createJudge } from "./judge.ts";
import { environmentOf, type Stack, startStack } from "./stack.ts";

// Real outputs of real models with real verdicts of a judge (see CONTRIBUTING.md). They are no part of the project.
const realData = process.env.ASSAY_REAL_DATA;
/** The judge whose verdicts are the grades. */
const judgedBy = "alpaca_eval_gpt4";
const sound = "gpt-3.5-turbo-0301";
const swappedIn = process.env.ASSAY_REAL_MODEL ?? "alpaca-7b";

const [endpoint, variant] = ["assistant", "AllTraffic"];
const startMs = Date.parse("2026-03-02T12:00:00Z");
const [minuteMs, hourMs, dayMs] = [60_000, 3_600_000, 86_400_000];
const requestsPerHour = 100;
const pi = 0.3;
const objectMs = 5 * minuteMs;

type Output = { dataset: string; prompt: string; completion: string; grade: number };

function outputsOf(model: string): Output[] {
  const lines = gunzipSync(readFileSync(join(realData!, "alpaca", `${model}.jsonl.gz`))).toString("utf8"); // only where it is set
  return lines.split("\n").flatMap((line) => {
    if (line === "") return [];
    const { dataset, instruction, output, judge } = JSON.parse(line);
    const grade = judge[judgedBy];
    return typeof grade === "number" ? [{ dataset, prompt: instruction, completion: output, grade }] : [];
  });
}

/** Requests at Poisson times, each answered by one of the outputs. */
function* requests(chance: Chance, outputs: readonly Output[], fromMs: number, untilMs: number) {
  for (let atMs = fromMs; ; ) {
    atMs -= (Math.log(1 - chance()) * hourMs) / requestsPerHour;
    if (atMs >= untilMs) return;
    yield { atMs: Math.floor(atMs), output: outputs[Math.floor(chance() * outputs.length)]! };
  }
}

const configuration = `
captures: captures
endpoints:
  ${endpoint}:
    variants: [${variant}]
    segment: attributes.segment
    sampling: { rate: ${pi} }
    quality: { target: 0.85, tolerance: 0.02 }
    judge:
      provider: sagemaker
      endpoint: support-judge
      model: ${judgedBy}
      rubric: { quality: 1 means that the answer is better than the reference; 0 means that it is worse. }
      usdPerMillionInputTokens: 0.15
      usdPerMillionOutputTokens: 0.60
    evaluationBudget: { usdPerDay: 5 }
    remediation: { mode: observe }
`;

/** Three whole days of the sound model, as a recorded stream with the verdicts as grades. */
function soundDays(chance: Chance): string {
  let text = "";
  for (const { atMs, output } of requests(chance, outputsOf(sound), startMs - 3 * dayMs, startMs)) {
    const judged = chance() < pi;
    const { prompt, completion, dataset: segment, grade } = output;
    text += `${JSON.stringify({
      eventId: `base-${atMs}`,
      time: iso(atMs),
      endpoint,
      variant,
      scores: {},
      pi,
      segment,
      judgement: judged ? { status: "graded", grades: { quality: grade } } : null,
      ...(judged ? { prompt, completion } : {}),
    })}\n`;
  }
  return text;
}

function captureLine(n: number, atMs: number, { dataset, prompt, completion }: Output): string {
  const input = asJson({ messages: [{ role: "user", content: prompt }] });
  const output = asJson({ choices: [{ index: 0, message: { role: "assistant", content: completion }, finish_reason: "stop" }] });
  const eventId = `b1c2d3e4-0001-4000-8000-${String(n).padStart(12, "0")}`;
  const customAttributes = [JSON.stringify({ segment: dataset })];
  return JSON.stringify(record({ input, output }, { eventId, inferenceTime: iso(atMs), customAttributes }));
}

const folder = mkdtempSync(join(tmpdir(), "assay-real-"));
const chance = chanceFrom(11);
let stack: Stack;
let captured = 0;
beforeAll(async () => {
  if (realData === undefined) return;
  const config = join(folder, "assay.yml");
  writeFileSync(config, configuration);
  const stream = join(folder, "sound.jsonl");
  writeFileSync(stream, soundDays(chance));
  stack = await startStack({ ASSAY_CONFIG: config });
  const known = [...outputsOf(sound), ...outputsOf(swappedIn)];
  await createJudge(
    stack,
    known.map(({ prompt, completion, grade }) => ({ prompt, completion, grades: { quality: grade } })),
  );
  await stack.aws.step(startMs - 20 * minuteMs);
  await stack.aws.advance(startMs);
  const baseline = (...args: string[]) => assay(["baseline", ...args], { cwd: folder, env: environmentOf(stack.aws) });
  const created = await baseline("create", "--stack", "local", "--from", stream, "--json");
  if (created.code !== 0) throw new Error(created.stdout + created.stderr);
  const { version, limits } = JSON.parse(created.stdout);
  expect(limits).toEqual([]);
  const said = ["--who", "test", "--why", "three sound days"];
  const approved = await baseline("approve", version, "--stack", "local", "--endpoint", endpoint, ...said);
  if (approved.code !== 0) throw new Error(approved.stderr);
}, 600_000);
afterAll(async () => {
  await stack?.stop();
  rmSync(folder, { recursive: true });
});

/** Lets a model answer up to a moment, or until something is found. */
async function answersOf(model: string, fromMs: number, untilMs: number): Promise<MonitorFinding[]> {
  const outputs = outputsOf(model);
  for (let atMs = fromMs; atMs < untilMs; atMs += objectMs) {
    const lines = [...requests(chance, outputs, atMs, atMs + objectMs)].map((r) => captureLine(captured++, r.atMs, r.output));
    await stack.aws.advance(atMs + objectMs);
    const [date, time] = [iso(atMs).slice(0, 10).replaceAll("-", "/"), iso(atMs).slice(11, 16).replace(":", "/")];
    if (lines.length > 0) await stack.capture(`${endpoint}/${variant}/${date}/${time}-00-118-5f0c7c1e.jsonl`, lines.join("\n"));
    if ((atMs + objectMs) % hourMs === 0 && (await findings()).length > 0) break;
  }
  return findings();
}

async function findings(): Promise<MonitorFinding[]> {
  const table = openTable(new DynamoDBClient(stack.aws.client), stack.output("TableName"));
  return (await readMonitorState(table, endpoint))?.findings.map(({ finding }) => finding) ?? [];
}

const noonMs = startMs + dayMs;
const name = `real traffic: quiet from noon to noon, then ${swappedIn} in the place of ${sound} is found as the model`;
(realData === undefined ? test.skip : test)(
  realData === undefined ? `NOT RUN, since ASSAY_REAL_DATA is not set: ${name}` : name,
  async () => {
    expect(await answersOf(sound, startMs, noonMs)).toEqual([]);
    const [found, ...others] = await answersOf(swappedIn, noonMs, noonMs + 12 * hourMs);
    if (process.env.ASSAY_REAL_MODEL !== undefined) process.stderr.write(`${captured} captured; ${JSON.stringify(found)}\n`);
    expect(found).toMatchObject({ cause: "model", variant, signal: "quality", status: "open" });
    expect(found!.size).toBeLessThan(-0.05);
    // No earlier than it began, give or take the window before it.
    expect(Date.parse(found!.since)).toBeGreaterThanOrEqual(noonMs - hourMs);
    expect(others).toEqual([]);
  },
);
