import { gzipSync } from "node:zlib";
import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { DescribeEndpointCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { measureEndpoint } from "../../functions/drift/measure.ts";
import { saveMeasured } from "../../shared/aws/estimates.ts";
import { labelQueue } from "../../shared/aws/labelQueues.ts";
import { createSamplingPolicies } from "../../shared/aws/samplingPolicies.ts";
import { parseAssay } from "../../shared/config/load.ts";
import type { StoredJudgement } from "../../shared/judging/judgement.ts";
import { judgeVersion } from "../../shared/judging/judgeVersion.ts";
import type { JudgeQuality } from "../../shared/labels/humanGrades.ts";
import type { DayImpact } from "../../shared/labels/impact.ts";
import { sheetAs } from "../../shared/labels/sheet.ts";
import { estimatesOf, groupSums, type StoredEstimates } from "../../shared/monitoring/estimates.ts";
import { coverageKey, estimatesKey, judgementKey, summaryKey } from "../../shared/monitoring/resultKeys.ts";
import { emptySummary } from "../../shared/monitoring/summary.ts";
import { windowRecordOf } from "../../shared/monitoring/windowRecord.ts";
import { iso } from "../../shared/monitoring/windows.ts";
import { uniformPolicy } from "../../shared/sampling/policy.ts";
import { crashing, startWire, type Wire } from "./wire.ts";

let wire: Wire;
beforeAll(async () => {
  wire = await startWire();
});
afterAll(() => wire.stop());

const judge = {
  ...{ endpoint: "grader", model: "m-1", rubric: { quality: "1: right. 0: wrong." } },
  ...{ usdPerMillionInputTokens: 1, usdPerMillionOutputTokens: 10 },
};
const assay = parseAssay(
  JSON.stringify({
    endpoints: { chat: { variants: ["stable"], judge, evaluationBudget: { usdPerDay: 5 }, feedback: { edited: 0.8 } } },
  }),
  "assay.yml",
);
const chat = assay.endpoints.chat!;
const version = judgeVersion(chat.judge!);
const window = "2026-03-02T09:30:00Z";
const days = { endpoint: "chat", fromMs: Date.parse("2026-03-02T00:00:00Z"), toMs: Date.parse("2026-03-03T00:00:00Z") };
const dayMs = 86_400_000;
const object = { endpoint: "chat", variant: "stable", hour: "2026-03-02T09", startedAt: window };

/** A day on which 120 of 240 answers were judged, all as right. */
async function world() {
  const { s3, table, resultsBucket, captures } = await wire.fresh();
  const put = (key: string, value: object) => wire.put(resultsBucket, key, JSON.stringify(value));
  const nowMs = days.toMs + 6 * 3_600_000;
  const summary = {
    ...emptySummary(),
    segments: { all: 240 },
    chosen: Array.from({ length: 120 }, (_, i) => ({ eventId: `e${i}`, pi: 0.5, segment: "all" })),
    piMin: 0.5,
  };
  summary.counts.answered = 240;
  await createSamplingPolicies(table)("chat", window, uniformPolicy(0.5), Date.parse(window));
  await put(summaryKey(window, object, "o"), { window, endpoint: "chat", variant: "stable", objectId: "o", summary });
  let lines = "";
  const judgements = summary.chosen.map(({ eventId }, i): StoredJudgement => {
    const side = (data: object) => ({ mode: "INPUT", data: JSON.stringify(data), encoding: "JSON" });
    const line = JSON.stringify({
      captureData: {
        endpointInput: side({ messages: [{ role: "user", content: `=HYPERLINK("http://x") from me${i}@example.com` }] }),
        endpointOutput: side({ choices: [{ message: { content: "Yes." }, finish_reason: "stop" }] }),
      },
      eventMetadata: { eventId, inferenceId: `request-${i}`, inferenceTime: "2026-03-02T09:41:07Z" },
      eventVersion: "0",
    });
    const source = { bucket: captures, key: "prod/c.jsonl", offset: lines.length, length: line.length };
    lines += `${line}\n`;
    return {
      ...{
        eventId,
        endpoint: "chat",
        variant: "stable",
        window,
        time: "2026-03-02T09:41:07Z",
        segment: "all",
        pi: 0.5,
        scores: {},
      },
      ...{
        source,
        judgeVersion: version,
        judgedAt: iso(nowMs),
        judgement: { status: "graded", grades: { quality: 1 }, costMicroUsd: 9 },
      },
    };
  });
  await wire.put(captures, "prod/c.jsonl", lines);
  await Promise.all(judgements.map((judgement) => put(judgementKey(judgement, version), judgement)));
  const sums = groupSums(
    [windowRecordOf({ window, endpoint: "chat", variant: "stable" }, [summary], judgements)],
    ["quality"],
    [],
  );
  const day = {
    endpoint: "chat",
    span: "day",
    from: iso(days.fromMs),
    to: iso(days.toMs),
    judgeVersion: version,
    betas: {},
    sums,
  };
  await put(estimatesKey("chat", "day", day.from), { ...day, estimates: estimatesOf(sums, {}) });
  await saveMeasured(table, "chat", { window: iso(nowMs - 3_600_000), unfinished: [] });
  const scored = judgements.map(({ eventId, time }, i) => JSON.stringify({ eventId, inferenceId: `request-${i}`, time }));
  const scoredKey = "scored/endpoint=chat/variant=stable/date=2026-03-02/hour=09/o.jsonl.gz";
  await wire.put(resultsBucket, scoredKey, gzipSync(`${scored.join("\n")}\n`));
  await put(coverageKey("chat", "2026-03-02T09"), { variants: [{ variant: "stable", answered: 240 }] });

  const published: Record<string, number> = {};
  const cloudwatch = new CloudWatchClient({ region: "eu-west-1" });
  mockClient(cloudwatch)
    .on(PutMetricDataCommand)
    .callsFake(({ MetricData }) => {
      for (const { MetricName, Values } of MetricData) published[MetricName] = Values[0];
      return {};
    });
  const sagemaker = new SageMakerClient({ region: "eu-west-1" });
  mockClient(sagemaker).on(DescribeEndpointCommand).resolves({});
  const deps = {
    assay,
    s3,
    table,
    resultsBucket,
    cloudwatch,
    sagemaker,
    nowMs: () => nowMs,
  };
  return {
    published,
    queue: (wanted: number, of = days) => labelQueue(of, wanted, chat.judge!, chat, deps),
    drop: (name: string, text: string) => wire.put(resultsBucket, `labels/${name}`, text),
    crashing: (at: number) => crashing([s3], at, "done"),
    look: () => measureEndpoint({ endpoint: "chat" }, deps),
    async stored<T>(key: string): Promise<T> {
      return JSON.parse((await wire.objects(resultsBucket))[key]!) as T;
    },
    keys: async () => Object.keys(await wire.objects(resultsBucket)),
  };
}

test("answers that people were asked about correct the day, once, however often the workflow runs", async () => {
  const w = await world();
  await w.look();
  expect(w.published).toEqual({ QualityLabels: 0 });

  const { queue, rows, unread } = await w.queue(200);
  expect({ asked: queue.answers.length, candidates: queue.candidates, unread }).toEqual({
    asked: 120,
    candidates: 120,
    unread: 0,
  });
  expect(queue.answers[0]).toMatchObject({ p: 0.5, inferenceId: expect.stringContaining("request-") });
  expect(rows[0]!.prompt).toBe('user: =HYPERLINK("http://x") from [e-mail]');
  expect(await w.queue(5)).toEqual({ queue, rows, unread }); // the same days again

  // People find every third answer wrong.
  const sheet = sheetAs("csv", { criteria: ["quality"], rows });
  const filled = sheet.split("\r\n").map((line, i) => (i === 0 ? line : line.replace(",,,", `,${i % 3 === 0 ? 0 : 1},Ada,`)));
  await w.drop("endpoint=chat/ada.csv", filled.join("\r\n"));
  await w.drop("endpoint=other/ada.csv", filled.join("\r\n"));
  expect(await w.look()).toMatchObject({ labels: { objects: 1, faults: 0 } });

  const whole = { mean: expect.closeTo(2 / 3, 9), labels: 120, bias: expect.closeTo(1 / 3, 9) };
  for (const key of [
    "estimates/span=labelled/endpoint=chat/2026-03-02_2026-03-03.json",
    estimatesKey("chat", "day", iso(days.fromMs)),
  ]) {
    const { estimates } = await w.stored<StoredEstimates>(key);
    expect(estimates.find(({ variant }) => variant === "stable")).toMatchObject({ quality: { mean: 1 }, corrected: whole });
  }
  const quality = await w.stored<JudgeQuality>("agreement/endpoint=chat/2026-03-02_2026-03-03.json");
  expect(quality).toMatchObject({
    asked: 120,
    labelled: 120,
    criteria: { quality: { agreement: { share: expect.closeTo(2 / 3, 9) } } },
  });
  expect(w.published).toMatchObject({ QualityLabels: 120, QualityCorrected: expect.closeTo(2 / 3, 9) });

  const before = await w.keys();
  expect(await w.look()).toMatchObject({ labels: { objects: 0, faults: 0 } });
  expect(await w.keys()).toEqual(before);
});

test("what users do is counted by day and is no part of any estimate; bad lines are named", async () => {
  const w = await world();
  await w.queue(200);
  const said = ["up", "up", "edited", "escalated"].map((feedback, i) => ({ id: `request-${i}`, feedback, endpoint: "chat" }));
  const lines = said.map((one) => JSON.stringify({ ...one, time: "2026-03-02T09:41:07Z" }));
  const unknown = JSON.stringify({ id: "nobody", feedback: "up", endpoint: "chat" });
  await w.drop("feedback.jsonl", `${[...lines, lines[0], unknown, '{"id":"x","grade":7}'].join("\n")}\n`);
  expect(await w.look()).toMatchObject({ labels: { objects: 1, faults: 1 } });
  const { variants, selected } = await w.stored<DayImpact>("impact/endpoint=chat/date=2026-03-02.json");
  expect(selected).toContain("no part of any estimate");
  expect(variants).toEqual([
    {
      ...{ variant: "stable", answered: 240, reacted: 4, graded: null, mean: expect.closeTo((1 + 1 + 0.8 + 0) / 4, 9) },
      counts: { up: 2, down: 0, edited: 1, escalated: 1 },
      rates: { up: 2 / 240, down: 0, edited: 1 / 240, escalated: 1 / 240 },
    },
  ]);
  const keys = await w.keys();
  const taken = keys.filter((key) => key.startsWith("labelled/endpoint=chat/taken/"));
  expect(await w.stored(taken[0]!)).toMatchObject({ key: "labels/feedback.jsonl", unknown: 1, faults: [{ line: 7 }] });
  expect(keys.filter((key) => key.startsWith("agreement/") || key.includes("span=labelled"))).toEqual([]);
});

test("a run that dies between any two calls is made up for by the next one", async () => {
  const w = await world();
  const { rows } = await w.queue(200);
  await expect(w.queue(10, { ...days, toMs: days.toMs + dayMs })).rejects.toThrow("days before: 2026-03-02 to 2026-03-03");
  const graded = rows.map(({ id }, i) => JSON.stringify({ id, grade: i % 4 === 0 ? 0 : 1 })).join("\n");
  await w.drop("endpoint=chat/grades.jsonl", graded);
  await w.drop("endpoint=chat/said.jsonl", '{"id":"request-1","feedback":"up","time":"2026-03-02T09:41:07Z"}');
  let died = 0;
  for (let at = 3; at < 60; at += 9) {
    const { restart } = w.crashing(at);
    await w.look().catch(({ name }: Error) => {
      expect(name).toBe("Crash");
      died++;
    });
    restart();
  }
  expect(died).toBeGreaterThan(2);
  await w.look();
  const day = await w.stored<StoredEstimates>(estimatesKey("chat", "day", iso(days.fromMs)));
  expect(day.estimates[0]!.corrected).toMatchObject({ mean: expect.closeTo(0.75, 9), labels: 120 });
  expect(await w.stored("impact/endpoint=chat/date=2026-03-02.json")).toMatchObject({
    variants: [{ counts: { up: 1, down: 0 } }],
  });
  expect((await w.keys()).filter((key) => key.includes("/taken/"))).toHaveLength(2);
});

test("nobody is asked about days that are not over, or that have no judgements", async () => {
  const w = await world();
  await expect(w.queue(10, { ...days, fromMs: days.toMs, toMs: days.toMs + dayMs })).rejects.toThrow("may still come");
  await expect(w.queue(10, { ...days, fromMs: days.fromMs - dayMs, toMs: days.fromMs })).rejects.toThrow("No answer of chat");
});
