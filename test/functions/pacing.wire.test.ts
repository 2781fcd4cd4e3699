import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { type SampleDeps, sampleObject } from "../../functions/sample/sampleObject.ts";
import { createKnownSegments } from "../../shared/aws/knownSegments.ts";
import { openLedger } from "../../shared/aws/ledger.ts";
import { createPredictors } from "../../shared/aws/predictors.ts";
import { createSamplingPolicies } from "../../shared/aws/samplingPolicies.ts";
import { readTraffic } from "../../shared/aws/traffic.ts";
import type { Assay, JudgeSettings } from "../../shared/config/assay.ts";
import { defaultDeployment } from "../../shared/config/deploymentSchema.ts";
import { defaultSettings } from "../../shared/config/schema.ts";
import type { StoredSummary } from "../../shared/monitoring/summary.ts";
import { windowMs } from "../../shared/monitoring/windows.ts";
import type { SamplingPolicy } from "../../shared/sampling/policy.ts";
import { judge } from "../shared/judging/settings.ts";
import { startWire, type Wire } from "./wire.ts";

let wire: Wire;
beforeAll(async () => {
  wire = await startWire();
});
afterAll(() => wire.stop());

const startMs = Date.parse("2026-03-02T00:00:00Z");
const costMicroUsd = 200;
const budgetMicroUsd = 33_000; // 148 judgements, without the reserve
const priced: JudgeSettings = { ...judge, microUsdPerMillionInputTokens: 150_000, microUsdPerMillionOutputTokens: 600_000 };

function assayWith(sampling: Assay["defaults"]["sampling"]): Assay {
  const segment = "attributes.segment";
  const defaults = { ...defaultSettings, segment, sampling, judge: priced, evaluationBudgetMicroUsdPerDay: budgetMicroUsd };
  return {
    captures: { bucket: "captures", prefix: "" },
    evaluations: {},
    deployment: defaultDeployment,
    falseAlarms: { count: 1, days: 90 },
    defaults,
    endpoints: {},
  };
}

function line(eventId: string, segment: string, timeMs: number): string {
  const side = (mode: string, data: object) => ({
    observedContentType: "application/json",
    mode,
    data: JSON.stringify(data),
    encoding: "JSON",
  });
  return JSON.stringify({
    captureData: {
      endpointInput: side("INPUT", { messages: [{ role: "user", content: "May I return the blue shoes?" }] }),
      endpointOutput: side("OUTPUT", {
        choices: [
          {
            message: { role: "assistant", content: "Yes, you may return the blue shoes within 30 days." },
            finish_reason: "stop",
          },
        ],
        usage: { prompt_tokens: 12, completion_tokens: 25 },
      }),
    },
    eventMetadata: { eventId, inferenceTime: new Date(timeMs).toISOString(), customAttributes: [JSON.stringify({ segment })] },
    eventVersion: "0",
  });
}

async function world(sampling: Assay["defaults"]["sampling"]) {
  const fresh = await wire.fresh();
  let nowMs = startMs;
  const cloudwatch = new CloudWatchClient({ region: "eu-west-1" });
  mockClient(cloudwatch).on(PutMetricDataCommand).resolves({});
  const cold = (): SampleDeps => ({
    assay: assayWith(sampling),
    cloudwatch,
    policies: createSamplingPolicies(fresh.table),
    segments: createKnownSegments(fresh.table),
    predictors: createPredictors(fresh),
    plugIns: {},
    nowMs: () => nowMs,
    ...fresh,
  });
  let deps = cold();
  return {
    ...fresh,
    coldStart: () => {
      deps = cold();
    },
    /** One capture object with these segments, read as it is written. */
    async capture(atMs: number, segments: readonly string[]) {
      nowMs = atMs;
      const key = `chat/stable/2026/03/02/${new Date(atMs).toISOString().slice(11, 13)}/${atMs}.jsonl`;
      const lines = segments.map((segment, i) => line(`${atMs}-${i}`, segment, atMs));
      const { etag } = await wire.put(fresh.captures, key, lines.join("\n"));
      const object = { bucket: fresh.captures, key, etag, createdAtMs: atMs };
      return { sampled: await sampleObject(object, `owner-${atMs}`, deps) };
    },
  };
}

/** A day of 12 answers an hour at midnight and 108 at noon; `legal` asks four times. What is chosen is judged at once. */
async function playDay(sampling: Assay["defaults"]["sampling"]) {
  const { capture, table, judgeQueueUrl, resultsBucket } = await world(sampling);
  const ledger = openLedger(table);
  const judged: { hour: number; segment: string }[] = [];
  let skipped = 0;
  for (let hour = 0; hour < 24; hour++) {
    const atMs = startMs + hour * 4 * windowMs + 60_000;
    const n = Math.round(60 * (1 - 0.8 * Math.cos((2 * Math.PI * hour) / 24)));
    await capture(
      atMs,
      Array.from({ length: n }, (_, i) => (i === 0 && hour % 6 === 3 ? "legal" : i % 3 === 0 ? "billing" : "orders")),
    );
    for (const task of await wire.drain(judgeQueueUrl)) {
      const call = { endpoint: "chat", id: task.eventId as string, judgeVersion: "v" };
      const { state } = await ledger.reserve(
        call,
        "sampled",
        2 * costMicroUsd,
        { microUsdPerDay: budgetMicroUsd, reserve: 0.1 },
        "judge",
        atMs + 60_000,
      );
      if (state === "skipped") skipped++;
      else {
        await ledger.settle(call, costMicroUsd, atMs + 60_000);
        judged.push({ hour, segment: task.segment as string });
      }
    }
  }
  const day = (await ledger.day("chat", startMs))!;
  const summaries = Object.entries(await wire.objects(resultsBucket)).flatMap(([key, text]) =>
    key.startsWith("summaries/") ? [JSON.parse(text) as StoredSummary] : [],
  );
  return { judged, skipped, day, summaries, traffic: await readTraffic(table, "chat", startMs), items: await wire.items(table) };
}

test("a budget that would end at noon is paced to midnight: every part of the day is judged, and the books say with which π", async () => {
  const { judged, skipped, day, summaries, traffic, items } = await playDay({ rate: "paced" });
  expect(day.spentMicroUsd).toBe(judged.length * costMicroUsd);
  expect(day.spentMicroUsd).toBeLessThanOrEqual(0.9 * budgetMicroUsd);
  expect(day.spentMicroUsd).toBeGreaterThan(0.7 * budgetMicroUsd);
  expect(skipped).toBeLessThan(0.05 * judged.length);
  const parts = [0, 4, 8, 12, 16, 20].map((from) => judged.filter(({ hour }) => hour >= from && hour < from + 4).length);
  expect(Math.min(...parts)).toBeGreaterThan(5);
  expect(judged.filter(({ segment }) => segment === "legal").length).toBeGreaterThanOrEqual(2);

  // The books agree: with the policies that were frozen, and with the counts that the pacer plans from.
  const policies = new Map(
    items.filter(({ pk }) => pk === "policy#chat").map(({ sk, policy }) => [sk, policy as SamplingPolicy]),
  );
  for (const { window, summary } of summaries) {
    expect(summary.piMin).toBe(policies.get(window)!.piRef);
    for (const { pi } of summary.chosen) expect(pi).toBeGreaterThanOrEqual(summary.piMin!);
  }
  const total = (count: (of: StoredSummary) => number) => summaries.reduce((sum, summary) => sum + count(summary), 0);
  const untilNoon = total(({ window, summary }) => (window < "2026-03-02T12" ? summary.counts.answered : 0));
  expect(0.25 * untilNoon * costMicroUsd).toBeGreaterThan(0.9 * budgetMicroUsd); // one in four would have ended it
  const sum = (counts: number[]) => counts.reduce((a, b) => a + b, 0);
  expect(traffic).toHaveLength(1);
  expect(sum(traffic[0]!.answered)).toBe(total(({ summary }) => summary.counts.answered));
  expect(sum(traffic[0]!.chosen)).toBe(total(({ summary }) => summary.chosen.length));
  expect(traffic[0]!.strata).toMatchObject({ legal: { quiet: 4, risky: 0 } });
});

test("a window keeps the policy it was frozen with, whatever a cold container would plan now", async () => {
  const { capture, coldStart, table } = await world({ rate: "paced" });
  await capture(startMs + windowMs, new Array(40).fill("orders"));
  await capture(startMs + 2 * windowMs, new Array(400).fill("orders"));
  const frozen = async () =>
    (await wire.items(table))
      .filter(({ pk }) => pk === "policy#chat")
      .map(({ sk, policy }) => [sk, (policy as SamplingPolicy).piRef]);
  const before = await frozen();
  expect(before.length).toBe(3);
  coldStart();
  const { sampled } = await capture(startMs + 3 * windowMs, new Array(40).fill("orders"));
  expect(sampled).toMatchObject({ window: "2026-03-02T00:45:00Z" });
  expect(await frozen()).toEqual(expect.arrayContaining(before));
});

test("callers may invent segments: fifty have a name, the rest shares one, and a repeat decides alike", async () => {
  const { capture, coldStart, resultsBucket } = await world({ rate: 0.5 });
  const invented = Array.from({ length: 70 }, (_, i) => `segment-${i}`);
  await capture(startMs, ["__proto__", ...invented.slice(0, 30)]);
  const { sampled } = await capture(startMs + 1000, invented);
  expect(sampled).toMatchObject({ status: "sampled", counts: { answered: 70 } });
  coldStart();
  await capture(startMs + 2000, [...invented, "segment-0"]);
  const summaries = Object.entries(await wire.objects(resultsBucket)).flatMap(([key, text]) =>
    key.startsWith("summaries/") ? [(JSON.parse(text) as StoredSummary).summary.segments] : [],
  );
  const all = new Set(summaries.flatMap((segments) => Object.keys(segments)));
  expect(all.size).toBe(51);
  expect(all.has("other")).toBe(true);
  expect(all.has("__proto__")).toBe(true);
  const [second, third] = summaries.filter((segments) => Object.hasOwn(segments, "other"));
  expect(second!.other).toBe(21);
  expect(third!.other).toBe(21);
});
