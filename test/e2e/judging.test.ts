import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DescribeAlarmsCommand, ListMetricsCommand } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { keys } from "../../shared/aws/table.ts";
import type { Judgement, StoredJudgement } from "../../shared/judging/judgement.ts";
import type { Span, SpanEstimate, StoredEstimates } from "../../shared/monitoring/estimates.ts";
import { estimatesWithin } from "../../shared/monitoring/resultKeys.ts";
import type { StoredSummary } from "../../shared/monitoring/summary.ts";
import type { Embedded } from "../embeddedAws.ts";
import { answeredLine, goodAnswer } from "./captureLines.ts";
import { createJudge } from "./judge.ts";
import { type Stack, startStack } from "./stack.ts";

const judge = "assay-local-judge";
const minuteMs = 60_000;
/** Minutes until a message that was hidden has come again, until one that waits has, until a window is estimated, and of an outage. */
const [again, waited, settled, hour] = [12, 25, 50, 60];
const startMs = Date.parse("2026-03-02T09:45:00Z");
const question = "May I return the blue running shoes after two weeks?";
/** Risky, for the sampler: a refusal. */
const bad = "I'm sorry, but I can't help with that.";
const recorded = [
  { prompt: question, completion: goodAnswer, grades: { quality: 0.92 } },
  { prompt: question, completion: bad, grades: { quality: 0.15 } },
];
/** It pays for some eighty judgements, and leaves room for the bounds of ten calls at once while half of it is there. */
const frugalMicroUsd = 6_000;
const apiKey = "sk-of-the-test";
const model = "acme.grader-v1:0";

/** An OpenAI-compatible server that gives everybody the same grade, and remembers their keys. */
const keysSeen = new Set<string | undefined>();
const server: Server = createServer((request, response) => {
  keysSeen.add(request.headers.authorization);
  const message = { role: "assistant", content: '{"quality":0.75}' };
  const usage = { prompt_tokens: 400, completion_tokens: 12 };
  request.resume().once("end", () => response.end(JSON.stringify({ choices: [{ message, finish_reason: "stop" }], usage })));
});

const folder = mkdtempSync(join(tmpdir(), "assay-e2e-"));
/** The example, with endpoints whose judges are elsewhere, and one whose budget is small. */
async function deployable(aws: Embedded): Promise<Record<string, string>> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { ARN } = await new SecretsManagerClient(aws.client).send(
    new CreateSecretCommand({ Name: "judge-key", SecretString: apiKey }),
  );
  const prices = "rubric: { quality: x }, usdPerMillionInputTokens: 0.15, usdPerMillionOutputTokens: 0.60";
  const endpoint = (name: string, judge: string, usdPerDay: number) =>
    `  ${name}: { variants: [stable], sampling: { rate: 1 }, judge: { ${judge}, ${prices} }, evaluationBudget: { usdPerDay: ${usdPerDay} } }\n`;
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const ASSAY_CONFIG = join(folder, "assay.yml");
  writeFileSync(
    ASSAY_CONFIG,
    [
      readFileSync(new URL("../../assay.yml", import.meta.url), "utf8"),
      endpoint("frugal", "endpoint: support-judge, model: m-1, maxTokens: 40", frugalMicroUsd / 1_000_000),
      endpoint("converse", `provider: bedrock, model: "${model}"`, 5),
      endpoint("hosted", `provider: openai, url: "${url}", apiKeySecretArn: "${ARN}", model: m-1`, 5),
    ].join(""),
  );
  return { ASSAY_CONFIG };
}

let stack: Stack;
let table: DynamoDBDocumentClient;
beforeAll(async () => {
  stack = await startStack(deployable);
  table = DynamoDBDocumentClient.from(new DynamoDBClient(stack.aws.client));
  await createJudge(stack, recorded);
  await stack.aws.control("record", { modelId: model, s3Uri: "s3://grades/grades.jsonl" });
  await stack.aws.step(startMs - 20 * minuteMs);
  await stack.aws.advance(startMs);
});
afterAll(async () => {
  server.close();
  rmSync(folder, { recursive: true });
  await stack.stop();
});

type Happened = { faults: unknown[]; invocations: { function: string; ok: boolean }[] };
const happened = () => stack.aws.control<Happened>("happened");
const invocations = async () => (await happened()).invocations.filter((run) => run.function === judge).length;
const crash = (at: object) => ({ function: judge, kind: "crash", at });

/** An empty table and an empty bucket, in which risky answers are chosen always and others four times in five. */
async function begin(atMs: number, faults: { faults?: object[]; events?: object }) {
  await stack.empty(stack.output("ResultsBucketName"));
  await stack.emptyTable();
  await stack.aws.step(atMs);
  await stack.aws.control("faults", faults);
  const policy = { segments: {}, others: { quiet: 0.8, risky: 1 }, piRef: 0.8 };
  const Item = { ...keys.policy("support-chat", "2026-03-02T09:45:00Z"), policy };
  await table.send(new PutCommand({ TableName: stack.output("TableName"), Item }));
}

/** Some answers of which each fourth is bad. @param minute of the requests, `2026-03-02T09:41` */
async function capture(endpoint: string, n: number, minute: string, answers = 20) {
  const lines = Array.from({ length: answers }, (_, i) => answeredLine(answers * n + i, minute, i % 4 === 3 ? bad : goodAnswer));
  const [date, time] = minute.split("T") as [string, string];
  const [hour, minutes] = time.split(":");
  await stack.capture(
    `${endpoint}/stable/${date.replaceAll("-", "/")}/${hour}/${minutes}-0${n}-118-5f0c7c1e.jsonl`,
    lines.join("\n"),
  );
}

/** What an endpoint's books, judgements and ledger say. */
async function seenOf(endpoint: string) {
  const results = await stack.results("judgements/", "summaries/");
  const read = <T extends { endpoint: string }>(prefix: string) =>
    Object.entries(results)
      .flatMap(([key, text]) => (key.startsWith(prefix) ? [JSON.parse(text) as T] : []))
      .filter((its) => its.endpoint === endpoint);
  const [day] = await stack.tableItems(`budget#${endpoint}`);
  return {
    chosen: read<StoredSummary>("summaries/").flatMap(({ summary }) => summary.chosen),
    judgements: read<StoredJudgement>("judgements/")
      .map(({ judgedAt: _, ...rest }) => rest)
      .sort((a, b) => (a.eventId < b.eventId ? -1 : 1)),
    ledger: { spent: day?.spentMicroUsd, committed: day?.committedMicroUsd },
  };
}
type Seen = Awaited<ReturnType<typeof seenOf>>;

/** The same two capture objects at the same moment; only what goes wrong differs. */
async function judgedAfter(
  faults: { faults?: object[]; events?: object },
  minutes: number,
  meanwhile = async () => {},
): Promise<Seen> {
  await begin(startMs, faults);
  for (let n = 0; n < 2; n++) await capture("support-chat", n, "2026-03-02T09:41");
  await meanwhile();
  await stack.aws.advance(startMs + minutes * minuteMs);
  await stack.aws.control("faults", {});
  return seenOf("support-chat");
}

const costOf = (judgement: Judgement) => ("costMicroUsd" in judgement ? judgement.costMicroUsd : 0);
const gradeOf = (judgement: Judgement) => (judgement.status === "graded" ? judgement.grades.quality! : null);
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

/** What is published of a span: the mean grade of all answers of one variant. */
async function estimateOf(endpoint: string, span: Span, from: string): Promise<SpanEstimate | undefined> {
  const stored = await stack.results(estimatesWithin(endpoint, span, from));
  const [text] = Object.values(stored);
  const { estimates } = JSON.parse(text!) as StoredEstimates;
  return estimates.find(({ variant, segment }) => variant === "stable" && segment === null);
}

/** The mean as it follows from books and judgements, each answer standing for 1/π of them. */
function meanOf({ chosen, judgements }: Seen) {
  const pis = new Map(chosen.map(({ eventId, pi }) => [eventId, pi]));
  const graded = judgements.flatMap(({ eventId, judgement }) => {
    const y = gradeOf(judgement);
    return y === null ? [] : [{ y, w: 1 / pis.get(eventId)! }];
  });
  const W = sum(graded.map(({ w }) => w));
  return {
    judged: graded.length,
    W,
    mean: sum(graded.map(({ y, w }) => w * y)) / W,
    nEff: W ** 2 / sum(graded.map(({ w }) => w * w)),
  };
}

let undisturbed: Seen;
let estimated: SpanEstimate | undefined;

test("every chosen answer is judged once, within its budget, the costs add up, and the estimate is that of the books", async () => {
  undisturbed = await judgedAfter({}, settled);
  const { chosen, judgements, ledger } = undisturbed;
  expect(new Set(chosen.map(({ pi }) => pi))).toEqual(new Set([0.8, 1]));
  expect(judgements.map(({ eventId }) => eventId)).toEqual(chosen.map(({ eventId }) => eventId).sort());
  expect(new Set(judgements.map(({ judgement }) => gradeOf(judgement)))).toEqual(new Set([0.92, 0.15]));
  const spent = sum(judgements.map(({ judgement }) => costOf(judgement)));
  expect(spent).toBeGreaterThan(0);
  expect(ledger).toEqual({ spent, committed: spent });
  expect(await deadLetters()).toBe("0");

  const { judged, mean, nEff } = meanOf(undisturbed);
  estimated = await estimateOf("support-chat", "window", "2026-03-02T09:45");
  expect(estimated).toMatchObject({
    answers: 40,
    judged,
    quality: { mean: expect.closeTo(mean, 12), nEff: expect.closeTo(nEff, 9) },
    bounds: { failedShare: 0 },
  });
  const plain = sum(judgements.map(({ judgement }) => gradeOf(judgement)!)) / judged;
  expect(Math.abs(mean - plain)).toBeGreaterThan(0.02); // so it matters which
  const { Metrics = [] } = await stack.cloudwatch.send(new ListMetricsCommand({ Namespace: "Assay" }));
  expect(Metrics.map(({ MetricName }) => MetricName)).toEqual(
    expect.arrayContaining(["JudgeCost", "JudgeBudgetLeft", "JudgeFailures"]),
  );
});

/** How many judge tasks were given up. */
async function deadLetters(): Promise<string | undefined> {
  const QueueUrl = stack.output("JudgeDeadLetterQueueUrl");
  const AttributeNames = ["ApproximateNumberOfMessages" as const];
  const { Attributes } = await stack.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
  return Attributes?.ApproximateNumberOfMessages;
}

test("events twice and late, and a crash between any two calls of the judge, give the same judgements and the same spend", async () => {
  const doubled = { duplicateShare: 1, lateShare: 0.5, lateSeconds: 300 };
  const { judgements, ledger } = await judgedAfter({ events: doubled }, again);
  expect({ judgements, ledger }).toEqual({ judgements: undisturbed.judgements, ledger: undisturbed.ledger });
  // Ten answers are judged at a time, with five calls each: every kind of call is met, early and late.
  for (let call = 1; call <= 51; call += 10) {
    const at = { invocation: (await invocations()) + 1, call };
    const { ledger, judgements } = await judgedAfter({ faults: [crash(at)] }, again);
    const { ledger: whole } = undisturbed;
    expect({ call, judgements, spent: ledger.spent }).toEqual({ call, judgements: undisturbed.judgements, spent: whole.spent });
    // What the attempt that died may have been billed for stays charged, at its bound.
    expect(ledger.committed).toBeGreaterThanOrEqual(whole.committed as number);
    expect(ledger.committed).toBeLessThan((whole.committed as number) + 10 * 400);
  }
  expect((await happened()).faults.length).toBeGreaterThan(5);
});

/** The states of the alarm that watches the judge of an endpoint. */
async function alarmState(): Promise<string | undefined> {
  const AlarmNames = ["assay-local-support-chat-judge"];
  const { MetricAlarms } = await stack.cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames }));
  return MetricAlarms?.[0]?.StateValue;
}

test("a judge that throttles, or is away for an hour while every message comes twice, costs no judgement and no cent, and is told", async () => {
  const fails = (errorShare: number | null) =>
    stack.aws.control("disturb", {
      endpoint: "support-judge",
      variant: "only",
      disturbance: errorShare === null ? null : { errorShare },
    });
  const throttled = await judgedAfter({}, waited, async () => {
    await fails(0.5);
    await stack.aws.advance(startMs + 10 * minuteMs);
    await fails(null);
  });
  expect(throttled).toEqual(undisturbed);
  expect(await alarmState()).not.toBe("ALARM");

  const before = await invocations();
  const away = await judgedAfter({ events: { duplicateShare: 1 } }, hour + waited, async () => {
    await fails(1);
    await stack.aws.advance(startMs + minuteMs / 3);
    await stack.aws.control("faults", {});
    await stack.aws.advance(startMs + hour * minuteMs);
    expect(await stack.results("judgements/")).toEqual({});
    const [day] = await stack.tableItems("budget#support-chat");
    expect(day).toMatchObject({ committedMicroUsd: 0, spentMicroUsd: 0 });
    expect(await alarmState()).toBe("ALARM");
    await fails(null);
  });
  expect(away).toEqual(undisturbed);
  expect(await invocations()).toBeGreaterThan(before + 8); // it waited and came back, again and again
  expect(await deadLetters()).toBe("0");
  expect(await alarmState()).toBe("OK");
  const told = Object.values(await stack.results("remediations/")).map((text) => JSON.parse(text));
  expect(told).toContainEqual(expect.objectContaining({ alarm: "assay-local-support-chat-judge", status: "held" }));

  // The window was estimated without grades; it is again when nobody waits for them any longer.
  await stack.aws.advance(startMs + 180 * minuteMs);
  expect(await estimateOf("support-chat", "window", "2026-03-02T09:45")).toEqual(estimated);
});

test("a budget that ends in the middle of the day's answers: hard, counted, and told with the estimate, though every event comes twice", async () => {
  const eveningMs = Date.parse("2026-03-02T22:01:00Z");
  await begin(eveningMs, { events: { duplicateShare: 1 } });
  for (let n = 0; n < 4; n++) {
    await capture("frugal", n, `2026-03-02T${22 + Math.floor(n / 2)}:${n % 2 === 0 ? "00" : "30"}`, 30);
    await stack.aws.advance(eveningMs + (n + 1) * 30 * minuteMs - minuteMs);
  }
  await stack.aws.control("faults", {});
  await stack.aws.advance(Date.parse("2026-03-03T00:31:00Z"));
  const seen = await seenOf("frugal");
  const { chosen, judgements, ledger } = seen;
  expect(judgements.map(({ eventId }) => eventId)).toEqual(chosen.map(({ eventId }) => eventId).sort());
  expect(judgements).toHaveLength(120);
  const skipped = judgements.filter(({ judgement }) => judgement.status === "skipped");
  const spent = sum(judgements.map(({ judgement }) => costOf(judgement)));
  expect(ledger).toEqual({ spent, committed: spent });
  expect(spent).toBeLessThanOrEqual(0.9 * frugalMicroUsd);
  expect(spent).toBeGreaterThan(0.5 * frugalMicroUsd); // at the end ten calls at once reserve more than they cost
  expect(skipped.length).toBeGreaterThan(10);
  expect(skipped.filter(({ time }) => time < "2026-03-02T22:30")).toEqual([]);
  expect(skipped.filter(({ time }) => time > "2026-03-02T23:30").length).toBeGreaterThan(10);

  const { judged, mean, W } = meanOf(seen);
  expect(judged + skipped.length).toBe(120);
  const estimate = await estimateOf("frugal", "day", "2026-03-02");
  const failedShare = 1 - W / 120;
  const { lower, upper } = estimate!.quality!;
  expect(estimate).toMatchObject({
    answers: 120,
    judged,
    quality: { mean: expect.closeTo(mean, 12) },
    bounds: {
      failedShare: expect.closeTo(failedShare, 12),
      lower: expect.closeTo((1 - failedShare) * lower, 12),
      upper: expect.closeTo((1 - failedShare) * upper + failedShare, 12),
    },
  });
});

test.each([
  { judge: "a model of Bedrock", endpoint: "converse", grades: [0.15, 0.92] },
  { judge: "an OpenAI-compatible server, with its key", endpoint: "hosted", grades: [0.75] },
])("the packaged function asks $judge, with no more than its role allows", async ({ endpoint, grades }) => {
  await begin(startMs, {});
  await capture(endpoint, 0, "2026-03-02T09:41", 12);
  await stack.aws.advance(startMs + 15 * minuteMs);
  const { judgements, ledger } = await seenOf(endpoint);
  expect(judgements).toHaveLength(12);
  expect([...new Set(judgements.map(({ judgement }) => gradeOf(judgement)))].sort()).toEqual(grades);
  expect(ledger.spent).toBe(sum(judgements.map(({ judgement }) => costOf(judgement))));
  expect([...keysSeen]).toEqual(endpoint === "hosted" ? [`Bearer ${apiKey}`] : []);
});
