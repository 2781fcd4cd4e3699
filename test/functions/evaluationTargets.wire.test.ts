import { DescribeEndpointCommand, DescribeInferenceComponentCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import {
  InvokeEndpointCommand,
  type InvokeEndpointCommandInput,
  SageMakerRuntimeClient,
} from "@aws-sdk/client-sagemaker-runtime";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { conclude } from "../../functions/evaluation/conclude.ts";
import { prepareEvaluation } from "../../functions/evaluation/prepare.ts";
import { runBatch } from "../../functions/evaluation/run.ts";
import { connectJudges } from "../../shared/aws/judge.ts";
import { openLedger } from "../../shared/aws/ledger.ts";
import { parseAssay } from "../../shared/config/load.ts";
import type { ItemPointer } from "../../shared/evaluation/goldenSet.ts";
import type { EvaluationResult } from "../../shared/evaluation/result.ts";
import { startWire, type Wire } from "./wire.ts";

let wire: Wire;
beforeAll(async () => {
  wire = await startWire();
});
afterAll(() => wire.stop());

const nowMs = () => Date.parse("2026-03-02T10:30:00Z");
const rubric = { quality: "1: right.", tone: "1: kind." };
const judge = { endpoint: "grader", model: "m", rubric, usdPerMillionInputTokens: 1, usdPerMillionOutputTokens: 10 };
const endpoints = {
  chat: { variants: ["stable", "candidate"], judge, evaluationBudget: { usdPerDay: 1 } },
  other: { variants: ["v"] },
};
const assay = parseAssay(JSON.stringify({ endpoints }), "assay.yml");
const chat = (content: string) => ({ choices: [{ message: { content }, finish_reason: "stop" }] });
const body = (value: object) => ({ Body: Buffer.from(JSON.stringify(value)) });

/** Two endpoints whose answers tell which question they are to, each time in other words, and a judge; `asked` are their calls. */
async function world() {
  const fresh = await wire.fresh();
  const { resultsBucket, s3 } = fresh;
  const asked: InvokeEndpointCommandInput[] = [];
  const runtime = new SageMakerRuntimeClient({ region: "eu-west-1", maxAttempts: 1 });
  mockClient(runtime)
    .on(InvokeEndpointCommand)
    .callsFake((input: InvokeEndpointCommandInput) => {
      asked.push(input);
      const { messages } = JSON.parse(String(input.Body)) as { messages: { content: string }[] };
      const all = messages.map(({ content }) => content).join();
      if (input.EndpointName !== "grader") return body(chat(`answer${asked.length}`));
      return body({
        ...chat(JSON.stringify(all.includes("tone") ? { quality: 1, tone: 1 } : { quality: 1 })),
        usage: { prompt_tokens: 1, completion_tokens: 1 },
      });
    });
  const sagemaker = new SageMakerClient({ region: "eu-west-1" });
  mockClient(sagemaker)
    .on(DescribeEndpointCommand)
    .resolves({ EndpointConfigName: "c-1", ProductionVariants: [{ VariantName: "stable" }, { VariantName: "candidate" }] })
    .on(DescribeInferenceComponentCommand, { InferenceComponentName: "adapter" })
    .resolves({ EndpointName: "other", Specification: { ModelName: "m-7" } })
    .on(DescribeInferenceComponentCommand, { InferenceComponentName: "elsewhere" })
    .resolves({ EndpointName: "third", Specification: {} });
  const deps = {
    ...fresh,
    runtime,
    sagemaker,
    assay,
    plugIns: {},
    askJudge: connectJudges(runtime, nowMs),
    ledger: openLedger(fresh.table),
    nowMs,
  };
  const evaluate = async (input: object) => {
    const { id, attempt, budgetMicroUsd, pointersKey, gates } = await prepareEvaluation(
      { id: "e", endpoint: "chat", ...input },
      deps,
    );
    const text = (await wire.objects(resultsBucket))[pointersKey]!;
    const items = text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as ItemPointer);
    await runBatch({ items, evaluation: { id, attempt, budgetMicroUsd }, owner: "child" }, deps);
    const { key } = await conclude({ id, failure: null, gates }, deps);
    return JSON.parse((await wire.objects(resultsBucket))[key]!) as EvaluationResult;
  };
  const golden = async (...lines: object[]) => {
    await wire.put(resultsBucket, "golden/faq.jsonl", lines.map((line) => JSON.stringify(line)).join("\n"));
    return { goldenSet: { bucket: resultsBucket, key: "golden/faq.jsonl" } };
  };
  return {
    ...fresh,
    s3,
    asked,
    evaluate,
    golden,
    askedOf: (endpoint: string) => asked.filter(({ EndpointName }) => EndpointName === endpoint),
  };
}

test("variants, components, other endpoints and answers brought along are asked as what they are, and graded alike", async () => {
  const { evaluate, golden, asked, askedOf } = await world();
  const set = await golden({ id: "q1", prompt: "Refund?", answers: { old: "Five days." } }, { id: "q2", prompt: "Parcel?" });
  const result = await evaluate({
    ...set,
    targets: [
      { name: "old", answers: true },
      { name: "next", variant: "candidate" },
      { name: "part", endpoint: "other", component: "adapter" },
      { name: "any", endpoint: "other" },
    ],
  });
  const { old, next, part, any } = result.byVariant;
  expect(old).toMatchObject({ answered: 1, missing: 1, latencyMs: null, judgements: { graded: 1 } });
  for (const target of [next, part, any]) expect(target).toMatchObject({ answered: 2, missing: 0, judgements: { graded: 2 } });
  const models = asked.filter(({ EndpointName }) => EndpointName !== "grader");
  expect(
    models
      .slice(0, 3)
      .map(({ EndpointName, TargetVariant, InferenceComponentName }) => [EndpointName, TargetVariant, InferenceComponentName]),
  ).toEqual([
    ["chat", "candidate", undefined],
    ["other", undefined, "adapter"],
    ["other", undefined, undefined],
  ]);
  expect({ models: models.length, grader: askedOf("grader").length }).toEqual({ models: 6, grader: 7 });
});

test("repeats and rewordings are asked once each, graded by the first answer, and measured for agreement", async () => {
  const { evaluate, golden, askedOf } = await world();
  const set = await golden(
    { id: "q1", prompt: "Refund?", repeats: 3 },
    { id: "q2", prompt: "Parcel?", group: "g", criteria: ["quality"], schema: { type: "object" } },
    { id: "q3", prompt: "Where is it?", group: "g" },
  );
  const input = { ...set, variants: ["stable"], gates: ["tone >= 2"] };
  const { stable } = (await evaluate(input)).byVariant;
  expect({ models: askedOf("chat").length, grader: askedOf("grader").length }).toEqual({ models: 5, grader: 3 });
  // Every answer of this model is another word.
  expect(stable).toMatchObject({
    consistency: { repeats: { mean: 0, n: 1 }, rewordings: { mean: 0, n: 1 } },
    grades: { quality: { n: 3 }, tone: { n: 2 } },
    scores: { schema: 0 },
  });
  expect(await evaluate({ ...input, attempt: 2 })).toMatchObject({ gates: [{ gate: "tone >= 2", outcome: "failed" }] });
  expect({ models: askedOf("chat").length, grader: askedOf("grader").length }).toEqual({ models: 5, grader: 3 });
});

test("captured questions are asked again, beside the answers that were given; a repeat asks the same ones", async () => {
  const { evaluate, resultsBucket, captures: captureBucket, askedOf } = await world();
  const record = (eventId: string, question: string) =>
    JSON.stringify({
      captureData: {
        endpointInput: {
          mode: "INPUT",
          encoding: "JSON",
          data: JSON.stringify({ messages: [{ role: "user", content: question }] }),
        },
        endpointOutput: { mode: "OUTPUT", encoding: "JSON", data: JSON.stringify(chat(`It was ${eventId}.`)) },
      },
      eventMetadata: { eventId, inferenceTime: "2026-03-02T09:10:00Z" },
      eventVersion: "0",
    });
  const lines = [record("e1", "Refund?"), record("e2", "Parcel?"), record("e3", "Asked by an evaluation?")];
  const key = "chat/stable/2026/03/02/09/a.jsonl";
  await wire.put(captureBucket, key, `${lines.join("\n")}\n`);
  const scored = lines.map((line, i) => ({
    ...{ eventId: `e${i + 1}`, segment: "all", outcome: "answered", time: "2026-03-02T09:10:00Z" },
    ...(i === 2 ? { evaluation: true } : {}),
    source: {
      bucket: captureBucket,
      key,
      offset: lines.slice(0, i).reduce((sum, { length }) => sum + length + 1, 0),
      length: line.length,
    },
  }));
  const books = "scored/endpoint=chat/variant=stable/date=2026-03-02/hour=09";
  await wire.put(resultsBucket, `${books}/a.jsonl`, scored.map((line) => JSON.stringify(line)).join("\n"));
  const input = {
    captured: { from: "2026-03-02T09:00:00Z", to: "2026-03-02T10:00:00Z" },
    targets: [
      { name: "captured", answers: true },
      { name: "next", variant: "candidate" },
    ],
  };
  expect(await evaluate(input)).toMatchObject({
    items: 2,
    byVariant: { captured: { judgements: { graded: 2 } }, next: { answered: 2 } },
  });
  await wire.put(resultsBucket, `${books}/late.jsonl`, JSON.stringify({ ...scored[0], eventId: "e9" }));
  expect(await evaluate({ ...input, attempt: 2 })).toMatchObject({ items: 2, unfinished: 0 });
  expect(askedOf("chat")).toHaveLength(2);
});

test.each([
  {
    it: "a component of another endpoint",
    targets: [{ name: "a", endpoint: "other", component: "elsewhere" }],
    says: "other has no inference component elsewhere",
  },
  { it: "an endpoint that is not listed", targets: [{ name: "a", endpoint: "third" }], says: "assay.yml has no endpoint third" },
  { it: "a broken line", targets: [{ name: "a", variant: "stable" }], line: { prompt: 1 }, says: "1 lines of s3://" },
  {
    it: "an unknown criterion of an item",
    targets: [{ name: "a", variant: "stable" }],
    line: { prompt: "b", criteria: ["wit"] },
    says: "line 2: criteria: The judge has no criterion wit",
  },
])("$it is refused in a sentence", async ({ targets, line = { prompt: "b" }, says }) => {
  const { evaluate, golden, asked } = await world();
  await expect(evaluate({ ...(await golden({ prompt: "a" }, line)), targets })).rejects.toMatchObject({
    name: "InvalidEvaluation",
    message: expect.stringContaining(says),
  });
  expect(asked).toEqual([]);
});
