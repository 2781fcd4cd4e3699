import { ListMetricsCommand } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import type { StoredJudgement } from "../../shared/judging/judgement.ts";
import type { StoredSummary } from "../../shared/monitoring/summary.ts";
import { answeredLine, goodAnswer } from "./captureLines.ts";
import { createJudge } from "./judge.ts";
import { type Stack, startStack } from "./stack.ts";

jest.setTimeout(900_000);

const judge = "assay-local-judge";
const minuteMs = 60_000;
const startMs = Date.parse("2026-03-02T09:45:00Z");
const question = "May I return the blue running shoes after two weeks?";
const bad = "Shoes are nice. Buy more of them, and then think about whether you like them or not.";

let stack: Stack;
let dynamo: DynamoDBClient;
beforeAll(async () => {
  stack = await startStack();
  dynamo = new DynamoDBClient(stack.aws.client);
  await createJudge(stack, [
    { prompt: question, completion: goodAnswer, grades: { quality: 0.92 } },
    { prompt: question, completion: bad, grades: { quality: 0.15 } },
  ]);
  await stack.aws.step(startMs - 20 * minuteMs);
  await stack.aws.advance(startMs);
});
afterAll(() => stack.stop());

type Happened = { faults: unknown[]; invocations: { function: string; ok: boolean }[] };
const happened = () => stack.aws.control<Happened>("happened");
const invocations = async () => (await happened()).invocations.filter((run) => run.function === judge).length;
const crash = (at: object) => ({ function: judge, kind: "crash", at });

/** The same three capture objects at the same moment, with an empty table and an empty bucket before; only what goes wrong differs. */
async function judgedAfter(faults: { faults?: object[]; events?: object }, meanwhile = async () => {}) {
  await stack.empty(stack.output("ResultsBucketName"));
  await stack.emptyTable();
  await stack.aws.step(startMs);
  await stack.aws.control("faults", faults);
  for (let n = 0; n < 3; n++) {
    const lines = Array.from({ length: 20 }, (_, i) =>
      answeredLine(20 * n + i, "2026-03-02T09:41", i % 4 === 3 ? bad : goodAnswer),
    );
    await stack.capture(`support-chat/stable/2026/03/02/09/41-0${n}-118-5f0c7c1e.jsonl`, lines.join("\n"));
  }
  await meanwhile();
  await stack.aws.advance(startMs + 90 * minuteMs); // five receives of nine minutes, or the end of an hour's outage
  await stack.aws.control("faults", {});
  const results = await stack.results("judgements/", "summaries/");
  const read = <T>(prefix: string) =>
    Object.entries(results).flatMap(([key, text]) => (key.startsWith(prefix) ? [JSON.parse(text) as T] : []));
  const { Item } = await dynamo.send(
    new GetItemCommand({
      TableName: stack.output("TableName"),
      Key: { pk: { S: "budget#support-chat" }, sk: { S: "2026-03-02" } },
    }),
  );
  return {
    chosen: read<StoredSummary>("summaries/").flatMap(({ summary }) => summary.chosen.map(({ eventId }) => eventId)),
    judgements: read<StoredJudgement>("judgements/").map(({ judgedAt: _, ...rest }) => rest),
    ledger: { spent: Number(Item?.spentMicroUsd?.N), committed: Number(Item?.committedMicroUsd?.N) },
  };
}

test("every chosen answer is judged once, within its budget, and the costs add up", async () => {
  const { chosen, judgements, ledger } = await judgedAfter({});
  expect(chosen.length).toBeGreaterThan(5);
  expect(judgements.map(({ eventId }) => eventId).sort()).toEqual([...chosen].sort());
  const costs = judgements.map(({ judgement }) => {
    expect(judgement).toEqual({
      status: "graded",
      grades: { quality: expect.any(Number) },
      costMicroUsd: expect.any(Number),
    });
    return (judgement as { costMicroUsd: number }).costMicroUsd;
  });
  const grades = judgements.flatMap(({ judgement }) => (judgement.status === "graded" ? [judgement.grades.quality] : []));
  expect(new Set(grades)).toEqual(new Set([0.92, 0.15]));
  const spent = costs.reduce((a, b) => a + b, 0);
  expect(ledger).toEqual({ spent, committed: spent });
  const { Metrics = [] } = await stack.cloudwatch.send(new ListMetricsCommand({ Namespace: "Assay" }));
  expect(Metrics.map(({ MetricName }) => MetricName)).toEqual(
    expect.arrayContaining(["JudgeCost", "JudgeBudgetLeft", "JudgeFailures"]),
  );
  expect(await deadLetters()).toBe("0");
});

/** How many judge tasks were given up. */
async function deadLetters(): Promise<string | undefined> {
  const QueueUrl = stack.output("JudgeDeadLetterQueueUrl");
  const AttributeNames = ["ApproximateNumberOfMessages" as const];
  const { Attributes } = await stack.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
  return Attributes?.ApproximateNumberOfMessages;
}

test("events twice and late, and a crash between any two calls of the judge, give the same judgements and the same spend", async () => {
  const undisturbed = await judgedAfter({});
  const sorted = ({ judgements, ...rest }: typeof undisturbed) => ({
    ...rest,
    judgements: judgements.toSorted((a, b) => (a.eventId < b.eventId ? -1 : 1)),
  });
  const doubled = { duplicateShare: 1, lateShare: 0.5, lateSeconds: 300 };
  const { chosen: _, ...twice } = sorted(await judgedAfter({ events: doubled }));
  const { chosen: __, ...once } = sorted(undisturbed);
  expect(twice).toEqual(once);
  // Ten answers are judged at a time, with seven calls each: every kind of call is met, early and late.
  for (let call = 1; call <= 65; call += 8) {
    const at = { invocation: (await invocations()) + 1, call };
    const { ledger, ...crashed } = sorted(await judgedAfter({ faults: [crash(at)] }));
    const { ledger: whole, ...rest } = sorted(undisturbed);
    expect({ call, ...crashed, spent: ledger.spent }).toEqual({ call, ...rest, spent: whole.spent });
    // What the attempt that died may have been billed for stays charged, at its bound.
    expect(ledger.committed).toBeGreaterThanOrEqual(whole.committed);
    expect(ledger.committed).toBeLessThan(whole.committed + 10 * 400);
  }
  expect((await happened()).faults.length).toBeGreaterThan(5);
});

test("a judge that throttles, or is away for an hour while every message comes twice, costs no judgement and no cent", async () => {
  const sorted = ({ judgements, ledger }: Awaited<ReturnType<typeof judgedAfter>>) => ({
    ledger,
    judgements: judgements.toSorted((a, b) => (a.eventId < b.eventId ? -1 : 1)),
  });
  const undisturbed = sorted(await judgedAfter({}));
  const fails = (errorShare: number | null) =>
    stack.aws.control("disturb", {
      endpoint: "support-judge",
      variant: "only",
      disturbance: errorShare === null ? null : { errorShare },
    });
  const throttled = await judgedAfter({}, async () => {
    await fails(0.5);
    await stack.aws.advance(startMs + 60 * minuteMs);
    await fails(null);
  });
  expect(sorted(throttled)).toEqual(undisturbed);

  const before = await invocations();
  const away = await judgedAfter({ events: { duplicateShare: 1 } }, async () => {
    await fails(1);
    await stack.aws.advance(startMs + minuteMs / 3);
    await stack.aws.control("faults", {});
    await stack.aws.advance(startMs + 60 * minuteMs);
    expect(await stack.results("judgements/")).toEqual({});
    const [day] = await stack.tableItems("budget#support-chat");
    expect(day).toMatchObject({ committedMicroUsd: 0, spentMicroUsd: 0 });
    await fails(null);
  });
  expect(sorted(away)).toEqual(undisturbed);
  expect(await invocations()).toBeGreaterThan(before + 8); // it waited and came back, again and again
  expect(await deadLetters()).toBe("0");
});
