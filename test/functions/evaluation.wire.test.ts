import { DescribeEndpointCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { InvokeEndpointCommand, ModelError, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { conclude } from "../../functions/evaluation/conclude.ts";
import { type PrepareDeps, type Prepared, prepareEvaluation } from "../../functions/evaluation/prepare.ts";
import { type Batch, type RunDeps, runBatch } from "../../functions/evaluation/run.ts";
import { connectJudges } from "../../shared/aws/judge.ts";
import { openLedger } from "../../shared/aws/ledger.ts";
import { parseAssay } from "../../shared/config/load.ts";
import type { ItemPointer } from "../../shared/evaluation/goldenSet.ts";
import type { EvaluationResult } from "../../shared/evaluation/result.ts";
import { crashing, startWire, type Wire } from "./wire.ts";

let wire: Wire;
beforeAll(async () => {
  wire = await startWire();
});
afterAll(() => wire.stop());

const now = Date.parse("2026-03-02T10:00:00Z");
const nextDay = now + 86_400_000;
const assayWith = (usdPerDay: number, model = "m-1") =>
  parseAssay(
    JSON.stringify({
      endpoints: {
        chat: {
          variants: ["stable", "candidate"],
          judge: {
            endpoint: "grader",
            model,
            rubric: { quality: "1: right. 0: wrong." },
            usdPerMillionInputTokens: 1,
            usdPerMillionOutputTokens: 10,
          },
          evaluationBudget: { usdPerDay },
        },
        mute: { variants: ["stable"] },
      },
    }),
    "assay.yml",
  );
/** Of a judgement: 500 tokens in and 10 out. */
const costMicroUsd = 500 + 100;
const lines = ['{"id":"q1","prompt":"Refund?"}', "cut off {", '{"id":"q2","prompt":"Parcel?","reference":"On its way."}'];
const input = (bucket: string, more: object = {}) => ({
  id: "e-1",
  endpoint: "chat",
  goldenSet: { bucket, key: "evaluations/e-1/golden.jsonl" },
  ...("targets" in more ? {} : { variants: ["stable", "candidate"] }),
  skipInvalid: true,
  ...more,
});
const body = (value: object) => ({ Body: Buffer.from(JSON.stringify(value)) });
const chat = (content: string) => ({ choices: [{ message: { content }, finish_reason: "stop" }] });

type Asked = { endpoint: string; variant: string | undefined; text: string; inferenceId: string | undefined };

/** A golden set of two items and a broken line, an endpoint whose candidate answers worse, and a judge; all calls are counted. */
async function world(usdPerDay = 1, golden = lines) {
  const fresh = await wire.fresh();
  const bucket = fresh.resultsBucket;
  const { etag } = await wire.put(bucket, "evaluations/e-1/golden.jsonl", golden.join("\n"));
  const asked: Asked[] = [];
  const answers = {
    variant: (variant: string) => body(chat(variant === "stable" ? "A good answer." : `A bad answer, the ${asked.length}th.`)),
    judge: (text: string) =>
      body({
        ...chat(JSON.stringify({ quality: text.includes("good") ? 0.9 : 0.3 })),
        usage: { prompt_tokens: 500, completion_tokens: 10 },
      }),
  };
  const start = (nowMs = now, assay = assayWith(usdPerDay)): RunDeps & PrepareDeps => {
    const runtime = new SageMakerRuntimeClient({ region: "eu-west-1", maxAttempts: 1 });
    mockClient(runtime)
      .on(InvokeEndpointCommand)
      .callsFake(({ EndpointName, TargetVariant, InferenceId, Body }) => {
        const { messages } = JSON.parse(Body) as { messages: { content: string }[] };
        const text = messages.at(-1)!.content;
        asked.push({ endpoint: EndpointName, variant: TargetVariant, text, inferenceId: InferenceId });
        return EndpointName === "grader" ? answers.judge(text) : answers.variant(TargetVariant);
      });
    const sagemaker = new SageMakerClient({ region: "eu-west-1" });
    const ProductionVariants = ["stable", "candidate"].map((VariantName) => ({ VariantName }));
    mockClient(sagemaker).on(DescribeEndpointCommand).resolves({ EndpointConfigName: "c-1", ProductionVariants });
    return {
      ...fresh,
      runtime,
      askJudge: connectJudges(runtime, () => nowMs),
      sagemaker,
      assay,
      plugIns: {},
      ledger: openLedger(fresh.table),
      nowMs: () => nowMs,
    };
  };
  const objects = async () => {
    const all = await wire.objects(bucket);
    return Object.fromEntries(Object.entries(all).map(([key, text]) => [key.replace("evaluations/e-1/", ""), text]));
  };
  const batchOf = async ({ id, attempt, budgetMicroUsd }: Prepared): Promise<Batch> => {
    const text = (await objects())["pointers.jsonl"]!;
    const items = text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as ItemPointer);
    return { items, evaluation: { id, attempt, budgetMicroUsd }, owner: "child-1" };
  };
  /** The whole workflow, once. */
  const run = async (deps: RunDeps & PrepareDeps, more: object = {}) => {
    const outcome = await runBatch(await batchOf(await prepareEvaluation(input(bucket, more), deps)), deps);
    await conclude({ id: "e-1", failure: null, gates: [] }, deps);
    return { outcome, result: JSON.parse((await objects())["result.json"]!) as EvaluationResult };
  };
  const judged = () => asked.filter(({ endpoint }) => endpoint === "grader");
  const day = (nowMs = now) => start().ledger.day("chat", nowMs);
  return { ...fresh, bucket, etag, asked, judged, answers, start, objects, batchOf, run, day };
}

test("every variant is asked every item, answers are scored, judged and compared, and a broken line is reported", async () => {
  const { start, run, asked, judged, objects, day } = await world();
  const { outcome, result } = await run(start());
  expect(outcome).toEqual({ finished: 2, unfinished: 0 });
  expect(result).toMatchObject({
    items: 2,
    unfinished: 0,
    broken: { count: 1, first: [{ line: 2, reason: expect.stringContaining("not JSON") }] },
    besides: { candidate: { criteria: { quality: { n: 2, losses: 2, difference: expect.closeTo(-0.6, 12) } } } },
    byVariant: { stable: { answered: 2, judgements: { graded: 2 } }, candidate: { answered: 2, judgements: { graded: 2 } } },
    judgeMicroUsd: 4 * costMicroUsd,
    failure: null,
  });
  expect(asked.filter(({ endpoint }) => endpoint === "chat")).toEqual(
    ["Refund?", "Parcel?"].flatMap((text) =>
      ["stable", "candidate"].map((variant) => ({ endpoint: "chat", variant, text, inferenceId: "assay-evaluation/e-1" })),
    ),
  );
  expect(judged().map(({ text }) => text.includes("reference\nOn its way."))).toEqual([false, false, true, true]);
  expect(await day()).toMatchObject({ committedMicroUsd: 4 * costMicroUsd, spentMicroUsd: 4 * costMicroUsd });
  const texts = Object.entries(await objects()).filter(([key]) => /^(items|judgements|plan|pointers|result)/.test(key));
  expect(texts).toHaveLength(2 + 4 + 3);
  expect(JSON.stringify(texts)).not.toMatch(/answer,|Refund|On its way/);
  // The report shows the worst answers, beside their questions.
  expect((await objects())["report.html"]).toMatch(/candidate · item .*Refund\?/s);
});

test("with a crash around any call, a repeat completes the evaluation, judges once and pays once", async () => {
  // One item is enough: each is worked on like the first.
  const one = () => world(1, lines.slice(2));
  const undisturbed = await one();
  const { result } = await undisturbed.run(undisturbed.start());
  let calls = Number.POSITIVE_INFINITY;
  for (const how of ["lost", "done"] as const) {
    for (let at = 1; at <= calls; at++) {
      const { start, run, judged, objects, day, table } = await one();
      const first = start();
      const clients = [first.s3, table.client, first.runtime, first.sagemaker];
      const crash = crashing(clients, at, how);
      const came = await run(first).then(
        () => true,
        () => false,
      );
      if (came) calls = crash.calls.length;
      crash.restart();
      const again = await run(start());
      // What the model says may be another text when it is asked again, and what the judge is shown costs the same here.
      expect({ at, how, ...again.result }).toEqual({ at, how, ...result });
      expect(await day()).toMatchObject({ spentMicroUsd: 2 * costMicroUsd });
      // A reply that was not written down before the crash is asked for again; that it may have been paid twice stays charged.
      expect(judged().length).toBeLessThanOrEqual(3);
      expect(Object.keys(await objects()).filter((key) => key.startsWith("judgements/"))).toHaveLength(2);
    }
  }
});

test("what is finished is not asked again, in whatever execution", async () => {
  const { start, run, asked } = await world();
  const { result } = await run(start());
  const before = asked.length;
  expect((await run(start(nextDay), { attempt: 2 })).result).toEqual({ ...result, concludedAt: "2026-03-03T10:00:00Z" });
  expect(asked).toHaveLength(before);
});

/** Dollars with which two judgements can be reserved one after the other, and a third cannot. */
async function roomForTwo(): Promise<number> {
  const { start, run, table } = await world();
  await run(start());
  const bounds = (await wire.items(table)).flatMap(({ boundMicroUsd }) =>
    boundMicroUsd === undefined ? [] : [Number(boundMicroUsd)],
  );
  return (Math.max(...bounds) + 1.5 * costMicroUsd) / 1_000_000;
}

test("what the day's budget left out is judged by the next attempt, and only that", async () => {
  const usdPerDay = (await roomForTwo()) / 0.9; // a tenth is left to anchors and verification
  const { start, run, judged, asked, day } = await world(usdPerDay);
  const { outcome, result } = await run(start());
  const done = judged().length;
  expect({ done, outcome }).toEqual({ done: 2, outcome: { finished: 1, unfinished: 1 } });
  expect(result.unfinished).toBe(1);
  expect(await day()).toMatchObject({ committedMicroUsd: 2 * costMicroUsd });
  const answered = asked.length - done;
  const second = await run(start(nextDay), { attempt: 2 });
  expect(second).toMatchObject({ outcome: { finished: 2, unfinished: 0 }, result: { judgeMicroUsd: 4 * costMicroUsd } });
  expect({ judged: judged().length, answered: asked.length - judged().length }).toEqual({ judged: 4, answered });
});

test("the evaluation's own budget is a limit of its own, which a repeat does not renew", async () => {
  const { start, run, judged, day } = await world();
  const budgetUsd = await roomForTwo();
  const { result } = await run(start(), { budgetUsd });
  expect({ judged: judged().length, ...result }).toMatchObject({ judged: 2, unfinished: 1, judgeMicroUsd: 2 * costMicroUsd });
  expect(await day()).toMatchObject({ committedMicroUsd: 2 * costMicroUsd });
  await run(start(nextDay), { budgetUsd, attempt: 2 });
  expect(judged()).toHaveLength(2);
  await run(start(nextDay), { budgetUsd: 2 * budgetUsd, attempt: 3 });
  expect(judged()).toHaveLength(4);
});

test("a model that fails is a result, and is neither graded nor asked again", async () => {
  const { start, run, answers, judged } = await world();
  answers.variant = (variant) => {
    if (variant === "stable") return body(chat("A good answer."));
    throw new ModelError({ message: "secret", OriginalStatusCode: 500, $metadata: { httpStatusCode: 424 } });
  };
  const { outcome, result } = await run(start());
  expect(outcome).toEqual({ finished: 2, unfinished: 0 });
  expect(result).toMatchObject({
    verdict: null,
    byVariant: { candidate: { answered: 0, modelErrors: 2, grades: { quality: null } } },
  });
  expect(judged()).toHaveLength(2);
});

test("an answer that the judge's own model gave is not graded by it", async () => {
  const { start, run, answers, judged } = await world();
  answers.variant = (variant) => body({ ...chat("A good answer."), model: variant === "stable" ? "m-2" : "acme/M-1" });
  const { result } = await run(start());
  expect(result).toMatchObject({
    byVariant: { stable: { judgements: { graded: 2 } }, candidate: { answered: 2, judgements: { graded: 0, failed: 2 } } },
  });
  expect(judged()).toHaveLength(2);
});

test("an endpoint that is overloaded is worth waiting for", async () => {
  const { start, run, answers } = await world();
  const { variant } = answers;
  answers.variant = () => {
    throw new ModelError({ message: "secret", OriginalStatusCode: 429, $metadata: { httpStatusCode: 424 } });
  };
  await expect(run(start())).rejects.toMatchObject({ name: "Throttled", message: expect.not.stringContaining("secret") });
  answers.variant = variant;
  await expect(run(start())).resolves.toMatchObject({ result: { unfinished: 0 } });
});

test.each([
  { it: "an endpoint that is not in assay.yml", more: { endpoint: "other" }, says: "assay.yml has no endpoint other" },
  { it: "an endpoint without a judge", more: { endpoint: "mute", variants: ["stable"] }, says: "mute has no judge" },
  {
    it: "a variant that is not served",
    more: { variants: ["stable", "next"] },
    says: "chat has no variant next; it has stable, candidate",
  },
  {
    it: "a golden set that is not there",
    more: { goldenSet: { bucket: "nowhere", key: "k" } },
    says: "s3://nowhere/k cannot be read (NoSuchBucket)",
  },
  { it: "no evaluation", more: { variants: [] }, says: "The input is no evaluation: variants" },
])("$it is refused in a sentence", async ({ more, says }) => {
  const { start, bucket, objects } = await world();
  await expect(prepareEvaluation(input(bucket, more), start())).rejects.toMatchObject({
    name: "InvalidEvaluation",
    message: expect.stringContaining(says),
  });
  expect(Object.keys(await objects())).toEqual(["golden.jsonl"]);
});

test("an id stands for one evaluation: another set, other variants or another judge need another", async () => {
  const { start, run, bucket, batchOf } = await world();
  const deps = start();
  const prepared = await prepareEvaluation(input(bucket), deps);
  await expect(run(deps, { variants: ["candidate"] })).rejects.toThrow(
    "The evaluation e-1 was begun with another variants, targets.",
  );
  const batch = await batchOf(prepared);
  await expect(runBatch(batch, start(now, assayWith(1, "m-2")))).rejects.toThrow("The judge of chat was changed");
  await wire.put(bucket, "evaluations/e-1/golden.jsonl", '{"prompt":"Another question?"}');
  await expect(run(deps)).rejects.toThrow("The evaluation e-1 was begun with another goldenSet, items, broken.");
});

test("a set that is overwritten while it runs is noticed before anybody is asked", async () => {
  const { start, bucket, batchOf, asked } = await world();
  const deps = start();
  const batch = await batchOf(await prepareEvaluation(input(bucket), deps));
  await wire.put(bucket, "evaluations/e-1/golden.jsonl", `${lines.join("\n")}\n\n`);
  await expect(runBatch(batch, deps)).rejects.toMatchObject({
    name: "InvalidEvaluation",
    message: expect.stringContaining("overwritten"),
  });
  expect(asked).toEqual([]);
});

test("once the comparison is decided, nobody is asked any more, and the result says how many items that spared", async () => {
  const golden = Array.from({ length: 60 }, (_, i) => `{"id":"q${i}","prompt":"Refund ${i}?"}`);
  const { start, judged, objects, batchOf, bucket } = await world(1, golden);
  const deps = start();
  const batch = await batchOf(await prepareEvaluation(input(bucket, { untilDecided: true }), deps));
  for (let at = 0; at < golden.length; at += 5) await runBatch({ ...batch, items: batch.items.slice(at, at + 5) }, deps);
  await conclude({ id: "e-1", failure: null, gates: [] }, deps);
  const result = JSON.parse((await objects())["result.json"]!) as EvaluationResult;
  expect(result).toMatchObject({ verdict: "worse", unfinished: 0 });
  expect(result.spared).toBeGreaterThan(20);
  expect(judged()).toHaveLength(2 * (60 - result.spared));
});
