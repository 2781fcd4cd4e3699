import { gzipSync } from "node:zlib";
import { CloudWatchClient, GetMetricDataCommand, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { DescribeEndpointCommand, DescribeEndpointConfigCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { type MeasureDeps, measureEndpoint } from "../../functions/drift/measure.ts";
import { createSamplingPolicies } from "../../shared/aws/samplingPolicies.ts";
import { parseAssay } from "../../shared/config/load.ts";
import type { StoredJudgement } from "../../shared/judging/judgement.ts";
import { judgeVersion } from "../../shared/judging/judgeVersion.ts";
import type { StoredEstimates } from "../../shared/monitoring/estimates.ts";
import type { LiveComparison } from "../../shared/monitoring/liveComparison.ts";
import { judgementKey, scoredKey, summaryKey } from "../../shared/monitoring/resultKeys.ts";
import { emptySummary } from "../../shared/monitoring/summary.ts";
import { iso, windowMs } from "../../shared/monitoring/windows.ts";
import { uniformPolicy } from "../../shared/sampling/policy.ts";
import { startWire, type Wire } from "./wire.ts";

let wire: Wire;
beforeAll(async () => {
  wire = await startWire();
});
afterAll(() => wire.stop());

const judge = {
  ...{ endpoint: "grader", model: "m-1", rubric: { quality: "1: right. 0: wrong." } },
  ...{ usdPerMillionInputTokens: 1, usdPerMillionOutputTokens: 10 },
};
const assayWith = (prices: Record<string, number>) =>
  parseAssay(
    JSON.stringify({
      endpoints: {
        chat: {
          variants: ["stable", "candidate"],
          judge,
          evaluationBudget: { usdPerDay: 5 },
          servingBudget: { usdPerDay: 50, usdPerInstanceHour: prices },
        },
      },
    }),
    "assay.yml",
  );
const version = judgeVersion(assayWith({ stable: 1 }).endpoints.chat!.judge!);
const midnight = Date.parse("2026-03-02T00:00:00Z");
/** Start of the n-th window of the day. */
const at = (n: number) => midnight + n * windowMs;

async function world(shadows: readonly string[] = []) {
  const fresh = await wire.fresh();
  const policies = createSamplingPolicies(fresh.table);
  const published: Record<string, number[]> = {};
  /** What CloudWatch knows, by the id of a query: `answers0` are those of the first variant. */
  const counted: Record<string, number> = {};
  const cloudwatch = new CloudWatchClient({ region: "eu-west-1" });
  mockClient(cloudwatch)
    .on(PutMetricDataCommand)
    .callsFake(({ MetricData }) => {
      for (const { MetricName, Values } of MetricData) published[MetricName] = [...(published[MetricName] ?? []), Values[0]];
      return {};
    })
    .on(GetMetricDataCommand)
    .callsFake(({ MetricDataQueries }) => ({
      MetricDataResults: MetricDataQueries.map(({ Id }: { Id: string }) => ({ Id, Values: Id in counted ? [counted[Id]] : [] })),
    }));
  const sagemaker = new SageMakerClient({ region: "eu-west-1" });
  const variants = [
    { VariantName: "stable", CurrentInstanceCount: 2 },
    { VariantName: "candidate", CurrentInstanceCount: 1 },
  ];
  mockClient(sagemaker)
    .on(DescribeEndpointCommand, { EndpointName: "chat" })
    .resolves({
      ...{ EndpointConfigName: "chat-7", ProductionVariants: variants },
      ShadowProductionVariants: shadows.map((VariantName) => ({ VariantName, CurrentInstanceCount: 1 })),
    })
    .on(DescribeEndpointConfigCommand, { EndpointConfigName: "chat-7" })
    .resolves({ ProductionVariants: variants.map((one) => ({ ...one, ModelName: "m", InstanceType: "ml.g5.xlarge" })) });
  const judged = async (n: number, event: number, quality: number, variant = "stable") => {
    const judgement: StoredJudgement = {
      ...{ eventId: `e${n}-${event}`, endpoint: "chat", variant, window: iso(at(n)), time: iso(at(n)), segment: "all" },
      ...{ pi: 0.5, scores: {}, source: { bucket: "b", key: "k", offset: 0, length: 1 }, judgeVersion: version },
      ...{ judgement: { status: "graded", grades: { quality }, costMicroUsd: 10 }, judgedAt: iso(at(n)) },
    };
    await wire.put(fresh.resultsBucket, judgementKey(judgement, version), JSON.stringify(judgement));
  };
  /** The scored answers of a variant in a window: `chosen` of them, each to a request that has a name, and one that was not. */
  const scored = async (variant: string, n: number, chosen: number, completionTokens: number, request = n) => {
    const line = (i: number) => ({
      ...{ eventId: `e${n}-${i}`, inferenceId: `r${request}-${i}`, endpoint: "chat", variant, outcome: "answered" },
      ...{ time: iso(at(n) + 60_000), window: iso(at(n)) },
      ...{ pi: 0.5, chosen: i < chosen, promptTokens: 100, completionTokens },
    });
    const lines = Array.from({ length: chosen + 1 }, (_, i) => `${JSON.stringify(line(i))}\n`).join("");
    const key = scoredKey({ endpoint: "chat", variant, hour: iso(at(n)).slice(0, 13), startedAt: iso(at(n)) }, `o${n}`);
    await fresh.s3.send(
      new PutObjectCommand({ Bucket: fresh.resultsBucket, Key: key, Body: gzipSync(lines), ContentEncoding: "gzip" }),
    );
  };
  return {
    judged,
    scored,
    published,
    counted,
    comparison: async () => {
      const text = (await wire.objects(fresh.resultsBucket))["comparisons/endpoint=chat/date=2026-03-02.json"];
      return text === undefined ? null : (JSON.parse(text) as LiveComparison);
    },
    /** Twenty answers, of which ten were chosen and `grades` judged. */
    async captured(n: number, grades: readonly number[]) {
      const window = iso(at(n));
      await policies("chat", window, uniformPolicy(0.5), at(n));
      const summary = {
        ...emptySummary(),
        segments: { all: 20 },
        chosen: Array.from({ length: 10 }, (_, i) => ({ eventId: `e${n}-${i}`, pi: 0.5, segment: "all" })),
        piMin: 0.5,
      };
      summary.counts.answered = 20;
      const stored = { window, endpoint: "chat", variant: "stable", objectId: "o", summary };
      const key = { endpoint: "chat", variant: "stable", hour: window.slice(0, 13), startedAt: window };
      await wire.put(fresh.resultsBucket, summaryKey(window, key, "o"), JSON.stringify(stored));
      for (const [i, grade] of grades.entries()) await judged(n, i, grade);
    },
    /** A run of the workflow at the start of the n-th window. */
    measure: (n: number, prices: Record<string, number> = { "ml.g5.xlarge": 2, candidate: 3 }) => {
      const deps: MeasureDeps = { ...fresh, assay: assayWith(prices), cloudwatch, sagemaker, nowMs: () => at(n) };
      return measureEndpoint({ endpoint: "chat" }, deps);
    },
    /** By span and start, the estimate of all variants and segments. */
    async estimates() {
      const stored = Object.entries(await wire.objects(fresh.resultsBucket)).filter(([key]) => key.startsWith("estimates/"));
      return Object.fromEntries(
        stored.map(([key, text]) => {
          const { estimates, judgeVersion: by } = JSON.parse(text) as StoredEstimates;
          expect(by).toBe(version);
          const { judged, answers, quality } = estimates.find(({ variant, segment }) => variant === null && segment === null)!;
          return [
            key.replace("estimates/span=", "").replace("/endpoint=chat/", " "),
            { judged, answers, mean: quality?.mean ?? null },
          ];
        }),
      );
    },
    async items() {
      return wire.items(fresh.table);
    },
  };
}

test("windows are estimated once they are settled, an hour with its last one, and what comes late counts", async () => {
  const w = await world();
  const ten = Array<number>(10).fill(1);
  await w.captured(0, ten);
  await w.captured(
    1,
    ten.map((_, i) => i % 2),
  );
  await w.captured(3, ten.slice(1)); // one of ten is not judged yet
  expect(await w.measure(4)).toMatchObject({ windows: 2 });
  expect(Object.keys(await w.estimates())).toHaveLength(2);
  expect(await w.measure(5)).toMatchObject({ windows: 1 });
  const few = { judged: 10, answers: 20, mean: null };
  const expected = {
    "window 2026-03-02T00:00:00Z.json": few,
    "window 2026-03-02T00:15:00Z.json": few,
    "window 2026-03-02T00:45:00Z.json": { ...few, judged: 9 },
    "hour 2026-03-02T00:00:00Z.json": { judged: 29, answers: 60, mean: null },
  };
  expect(await w.estimates()).toEqual(expected);
  expect(await w.measure(5)).toMatchObject({ windows: 0 }); // a run that comes twice
  await w.judged(3, 9, 1);
  expect(await w.measure(12)).toMatchObject({ windows: 0 }); // the late grade may not be the last one
  expect(await w.measure(14)).toMatchObject({ windows: 1 });
  expect(await w.estimates()).toEqual({
    ...expected,
    "window 2026-03-02T00:45:00Z.json": few,
    "hour 2026-03-02T00:00:00Z.json": { judged: 30, answers: 60, mean: expect.closeTo(25 / 30, 12) },
  });
});

test("a day is the sum of its hours, once its last window is settled", async () => {
  const w = await world();
  for (const n of [0, 40, 95]) await w.captured(n, Array<number>(10).fill(0.5));
  for (const n of [20, 40, 60, 80, 97]) await w.measure(n);
  expect((await w.estimates())["day 2026-03-02T00:00:00Z.json"]).toMatchObject({ judged: 30, answers: 60, mean: 0.5 });
});

test("instance hours are counted once, however often a run repeats, and apart from what the judge costs", async () => {
  const w = await world();
  await w.measure(0);
  await Promise.all([w.measure(4), w.measure(4)]); // an hour of two instances at 2 dollars, and one at 3
  await w.measure(4);
  expect(w.published.ServingCost).toEqual([0, 7, 7, 7]);
  expect(w.published.ServingBudgetLeft).toEqual([50, 43, 43, 43]);
  expect(w.published.ServingCostProjected!.at(-1)).toBe(24 * 7);
  await w.measure(4 * 25);
  const items = await w.items();
  expect(items.find(({ pk }) => pk === "serving#chat")).toMatchObject({
    sk: "2026-03-02",
    day: { costMicroUsd: { stable: 96e6, candidate: 72e6 } },
  });
  expect(items.filter(({ pk }) => String(pk).startsWith("budget#"))).toEqual([]);
});

test("an instance without a price is named, and no sum is published that would leave it out", async () => {
  const w = await world();
  expect(await w.measure(0, { stable: 2 })).toMatchObject({ unpriced: ["candidate (ml.g5.xlarge)"] });
  expect(w.published).toEqual({ QualityLabels: [0, 0] }); // of two variants, uncorrected
});

test("variants that both answer are compared all day, and the last comparison of a day has its whole cost", async () => {
  const w = await world();
  for (const n of [0, 1, 2]) await w.captured(n, Array<number>(10).fill(0.8));
  await w.measure(0);
  await w.measure(5);
  expect(await w.comparison()).toBeNull(); // nobody answered, as far as CloudWatch knows
  Object.assign(w.counted, { answers0: 200, prompt0: 20_000, completion0: 10_000, p500: 8e5, p950: 2e6 });
  Object.assign(w.counted, { answers1: 100, errors1: 3, prompt1: 10_000, completion1: 8_000, p501: 16e5, p951: 4e6 });
  await w.measure(5);
  expect(await w.comparison()).toMatchObject({
    beside: "stable",
    variants: [
      { variant: "stable", answers: 200, latencyMs: { p50: 800, p95: 2_000 }, tokens: { prompt: 100, completion: 50 } },
      { variant: "candidate", modelErrors: 3, quality: null, costPerThousandGood: null },
    ],
    differences: [{ variant: "candidate", quality: null, latency: { p50: 2, p95: 2 }, tokens: 1.2, cost: null }],
  });
  await w.measure(97);
  // A day of two instances at 2 dollars, over 200 answers of quality 0.8.
  const [stable] = (await w.comparison())!.variants;
  expect(stable).toMatchObject({
    quality: { mean: expect.closeTo(0.8, 9) },
    servingMicroUsd: 96e6,
    costPerThousandGood: { usd: expect.closeTo(600, 6) },
  });
});

test("a shadow is compared by the requests that it shares, hour by hour, with grades that come late, and its instances cost", async () => {
  const w = await world(["next"]);
  Object.assign(w.counted, { answers0: 200, answers2: 200 });
  for (const n of [0, 1]) {
    await w.scored("stable", n, 30, 50);
    await w.scored("next", n, 29, 100);
    for (let i = 0; i < 30; i++) await w.judged(n, i, (i % 4) / 5);
    for (let i = 1; i < 29; i++) await w.judged(n, i, (i % 4) / 5 + 0.3, "next"); // one has no grade yet
  }
  const prices = { "ml.g5.xlarge": 2, candidate: 3, next: 1 };
  await w.measure(4, prices); // the last window of the hour is not settled
  expect((await w.comparison())!.differences).toMatchObject([{ variant: "next", paired: null }]);
  await w.measure(5, prices);
  await w.measure(5, prices);
  const { beside, variants, differences } = (await w.comparison())!;
  expect([beside, variants.map(({ shadow }) => shadow)]).toEqual(["stable", [false, true]]);
  const paired = { verdict: "better", difference: expect.closeTo(0.3, 9), n: 56, wins: 56, tokens: 200 / 150, ungraded: 2 };
  expect(differences).toMatchObject([{ variant: "next", paired }]);
  expect(variants[1]).toMatchObject({ variant: "next", servingMicroUsd: 250_000 });
  await w.judged(0, 0, 0.3, "next");
  for (const n of [12, 13]) await w.measure(n, prices); // nobody waits any longer in the second
  expect((await w.comparison())!.differences).toMatchObject([{ paired: { ...paired, n: 57, wins: 57, ungraded: 1 } }]);
});

test("the two captures of a request may lie in two hours", async () => {
  const w = await world(["next"]);
  Object.assign(w.counted, { answers0: 30, answers2: 30 });
  await w.scored("stable", 3, 30, 50, 4);
  await w.scored("next", 4, 30, 50, 4);
  for (let i = 0; i < 30; i++) {
    await w.judged(3, i, 0.4, "stable");
    await w.judged(4, i, 0.9, "next");
  }
  await w.measure(9);
  expect((await w.comparison())!.differences).toMatchObject([{ paired: { n: 30, difference: expect.closeTo(0.5, 9) } }]);
});
