import { gzipSync } from "node:zlib";
import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Levenshtein } from "autoevals";
import { mockClient } from "aws-sdk-client-mock";
import { judgeTaskIn } from "../../functions/judge/judgeTaskIn.ts";
import { captureObjectIn } from "../../functions/sample/captureObjectIn.ts";
import { type SampleDeps, sampleObject } from "../../functions/sample/sampleObject.ts";
import { readAnswer } from "../../shared/aws/captures.ts";
import { createKnownSegments } from "../../shared/aws/knownSegments.ts";
import { createPredictors } from "../../shared/aws/predictors.ts";
import { createSamplingPolicies } from "../../shared/aws/samplingPolicies.ts";
import type { Assay } from "../../shared/config/assay.ts";
import { defaultDeployment } from "../../shared/config/deploymentSchema.ts";
import { defaultSettings } from "../../shared/config/schema.ts";
import type { CaptureObject } from "../../shared/monitoring/claim.ts";
import type { SamplingPolicy } from "../../shared/sampling/policy.ts";
import type { PlugIn } from "../../shared/scoring/plugIn.ts";
import { crashing, startWire, type Wire } from "./wire.ts";

let wire: Wire;
beforeAll(async () => {
  wire = await startWire();
});
afterAll(() => wire.stop());

const at = (time: string) => Date.parse(`2026-03-02T${time}Z`);
const key = "prod/chat/stable/2026/03/02/09/41-07-118-5f0c7c1e-0d5b-4b6a-9a0e-2f4d1c9b8a77.jsonl";

function assayWithRate(rate: number): Assay {
  return {
    captures: { bucket: "captures", prefix: "prod" },
    evaluations: {},
    deployment: defaultDeployment,
    falseAlarms: { count: 1, days: 90 },
    endpoints: {},
    defaults: { ...defaultSettings, sampling: { rate } },
  };
}

const question = "May I return the blue running shoes after two weeks?";
const good = "Yes. You may return the running shoes within 30 days, unworn and in their box; we pay for the way back.";

function line(eventId: string, answer: string | object, second = "07", metadata: object = {}): string {
  const response =
    typeof answer === "string"
      ? {
          choices: [{ message: { role: "assistant", content: answer }, finish_reason: "stop" }],
          usage: { prompt_tokens: 12, completion_tokens: 25 },
        }
      : answer;
  const side = (mode: string, data: object) => ({
    observedContentType: "application/json",
    mode,
    data: JSON.stringify(data),
    encoding: "JSON",
  });
  return JSON.stringify({
    captureData: {
      endpointInput: side("INPUT", { messages: [{ role: "user", content: question }] }),
      endpointOutput: side("OUTPUT", response),
    },
    eventMetadata: { eventId, inferenceTime: `2026-03-02T09:41:${second}Z`, ...metadata },
    eventVersion: "0",
  });
}

/** Forty good answers, one empty, one error of the model, one line that was cut off, one that is no capture at all. */
const content = [
  ...Array.from({ length: 40 }, (_, i) => line(`event-${i}`, good, String(i).padStart(2, "0"))),
  line("event-empty", ""),
  line("event-error", { error: { message: "CUDA out of memory", type: "server_error", code: 500 } }),
  line("event-cut", good).slice(0, 200),
  '{"level":"info"}',
].join("\n");

async function world(rate = 0.2) {
  const fresh = await wire.fresh();
  const published: { name: string; time: string; sum: number }[] = [];
  const start = (time: string, assay = assayWithRate(rate)): SampleDeps => {
    const cloudwatch = new CloudWatchClient({ region: "eu-west-1" });
    mockClient(cloudwatch)
      .on(PutMetricDataCommand)
      .callsFake(({ MetricData }) => {
        for (const { MetricName, Timestamp, Values, Counts } of MetricData) {
          const sum = Values.reduce((total: number, value: number, i: number) => total + value * Counts[i], 0);
          published.push({ name: MetricName, time: Timestamp.toISOString(), sum });
        }
        return {};
      });
    return {
      assay,
      cloudwatch,
      policies: createSamplingPolicies(fresh.table),
      segments: createKnownSegments(fresh.table),
      predictors: createPredictors(fresh),
      plugIns: {},
      nowMs: () => at(time),
      ...fresh,
    };
  };
  const { etag } = await wire.put(fresh.captures, key, content);
  const object: CaptureObject = { bucket: fresh.captures, key, etag, createdAtMs: at("09:44:30") };
  return { ...fresh, object, start, published };
}

test("what an evaluation asked is scored, and is no traffic: neither counted nor published nor chosen", async () => {
  const { object, start, published, captures, resultsBucket, judgeQueueUrl } = await world(1);
  const asked = line("event-1", "", "08", { inferenceId: "assay-evaluation/e-1" });
  const { etag } = await wire.put(captures, key, `${asked}\n${line("event-2", good, "09", { inferenceId: "theirs" })}`);
  const sampled = await sampleObject({ ...object, etag }, "first", start("09:45:02"));
  expect(sampled).toMatchObject({ counts: { captured: 1, answered: 1 }, chosen: 1 });
  const written = Object.entries(await wire.objects(resultsBucket));
  const [scored, summary] = ["scored/", "summaries/"].map((folder) => written.find(([name]) => name.startsWith(folder))![1]);
  // SageMaker counts both among its invocations.
  expect(JSON.parse(summary!).summary.hours["2026-03-02T09:00:00Z"]).toMatchObject({ records: 2, captured: 1, answered: 1 });
  expect(
    scored!
      .trim()
      .split("\n")
      .map((text) => JSON.parse(text) as object),
  ).toEqual([
    expect.objectContaining({ eventId: "event-1", evaluation: true, scores: expect.objectContaining({ empty: 0 }) }),
    expect.objectContaining({ eventId: "event-2", chosen: true }),
  ]);
  expect(published.find(({ name }) => name === "Answered")).toMatchObject({ sum: 1 });
  expect((await wire.drain(judgeQueueUrl)).map(({ eventId }) => eventId)).toEqual(["event-2"]);
});

test("one object becomes scored lines, a quarantine, a summary, metrics and judge tasks that agree with one another", async () => {
  const { object, start, published, resultsBucket, judgeQueueUrl } = await world();
  const sampled = await sampleObject(object, "first", start("09:45:02"));
  expect(sampled).toMatchObject({
    status: "sampled",
    window: "2026-03-02T09:30:00Z",
    counts: { captured: 44, answered: 41, modelErrors: 1, quarantined: 2, lost: 0 },
    recordsOutside: 0,
  });

  const objects = await wire.objects(resultsBucket);
  const [scored, quarantine, summary] = ["scored/", "quarantine/", "summaries/"].map((prefix) => {
    const found = Object.entries(objects).filter(([key]) => key.startsWith(prefix));
    expect(found).toHaveLength(1);
    return found[0]![1]
      .trimEnd()
      .split("\n")
      .map((text) => JSON.parse(text));
  });
  expect(scored).toHaveLength(42);
  expect(scored![0]).toMatchObject({
    eventId: "event-0",
    endpoint: "chat",
    variant: "stable",
    window: "2026-03-02T09:30:00Z",
    pi: 0.2,
    hardFailure: false,
  });
  expect(scored!.find(({ eventId }) => eventId === "event-empty")).toMatchObject({ hardFailure: true, scores: { empty: 0 } });
  expect(quarantine!.map(({ reason }) => reason.code).sort()).toEqual(["bad_envelope", "not_json"]);

  const [{ summary: books }] = summary!;
  expect(books.hardFailures).toBe(1);
  const unseen = { inputOnly: 0, outputOnly: 0 };
  // Of one of the two that cannot be read the object tells the hour.
  expect(books.hours).toEqual({
    "2026-03-02T09:00:00Z": { ...unseen, records: 44, captured: 44, answered: 41, modelErrors: 1, quarantined: 2 },
  });
  const tasks = await wire.drain(judgeQueueUrl);
  const ids = (rows: { eventId?: unknown }[]) => rows.map(({ eventId }) => eventId).sort();
  expect(tasks.length).toBeGreaterThan(0);
  expect(ids(tasks)).toEqual(ids(books.chosen));
  expect(ids(tasks)).toEqual(ids(scored!.filter(({ chosen }) => chosen)));
  for (const task of tasks)
    expect(task).toMatchObject({ pi: 0.2, window: "2026-03-02T09:30:00Z", source: { bucket: object.bucket, key } });

  const total = (name: string) => published.filter((datum) => datum.name === name).reduce((sum, datum) => sum + datum.sum, 0);
  expect(["Captured", "Answered", "ModelErrors", "Quarantined", "HardFailures", "CompletionTokens"].map(total)).toEqual([
    44,
    41,
    1,
    2,
    1,
    41 * 25,
  ]);
  expect(new Set(published.map(({ time }) => time))).toEqual(new Set(["2026-03-02T09:41:00.000Z"]));
});

test("a plug-in of autoevals scores each choice beside Assay's own scorers, into the books and into a metric", async () => {
  const { object, start, published, captures, resultsBucket, judgeQueueUrl } = await world(1);
  const choices = ["At nine.", "At five."].map((content, index) => ({ index, message: { content }, finish_reason: "stop" }));
  const known = { customAttributes: ['{"reference":"At nine."}'] };
  const { etag } = await wire.put(captures, key, line("event-1", { choices }, "08", known));
  const assay = assayWithRate(1);
  assay.defaults = { ...assay.defaults, scorers: { off: [], rules: {}, plugIns: { close: "autoevals" } } };
  const deps = { ...start("09:45:02", assay), plugIns: { autoevals: Levenshtein as PlugIn } };
  await sampleObject({ ...object, etag }, "first", deps);
  const written = Object.entries(await wire.objects(resultsBucket));
  const [scored, summary] = ["scored/", "summaries/"].map((folder) => written.find(([name]) => name.startsWith(folder))![1]);
  const lines = scored!.trim().split("\n");
  expect(lines.map((text) => JSON.parse(text) as object)).toEqual([
    expect.objectContaining({ eventId: "event-1#0", scores: expect.objectContaining({ close: 1, empty: 1 }) }),
    expect.objectContaining({ eventId: "event-1#1", scores: expect.objectContaining({ close: 0.75, empty: 1 }) }),
  ]);
  expect(JSON.parse(summary!).summary.counts).toMatchObject({ captured: 2, answered: 2 });
  expect(published.find(({ name }) => name === "Close")).toMatchObject({ sum: 1.75 });
  const asked = await wire.drain(judgeQueueUrl);
  expect(asked.map(({ eventId, conversation }) => [eventId, conversation])).toEqual(
    expect.arrayContaining(["#0", "#1"].map((n) => [`event-1${n}`, "event-1"])),
  );
});

test("captured text is written nowhere", async () => {
  const { object, start, resultsBucket, judgeQueueUrl } = await world(1);
  await sampleObject(object, "first", start("09:45:02"));
  const written = JSON.stringify([await wire.objects(resultsBucket), await wire.drain(judgeQueueUrl)]);
  for (const text of ["running shoes", "CUDA", "30 days"]) expect(written).not.toContain(text);
});

test.each([
  { it: "done when it is finished", first: "finishes", time: "09:46:00", outcome: { status: "finished_before" } },
  { it: "asked again while another works on it", first: "dies", time: "09:45:30", outcome: { name: "ClaimedElsewhere" } },
  { it: "taken over once the claim of the dead is over", first: "dies", time: "09:50:02", outcome: { status: "sampled" } },
])("a repeated delivery is $it", async ({ first, time, outcome }) => {
  const { object, start } = await world();
  const deps = start("09:45:02");
  const { restart } = crashing([deps.cloudwatch as never], first === "dies" ? 1 : Number.POSITIVE_INFINITY, "lost");
  await sampleObject(object, "first", deps).catch(() => {});
  restart();
  const repeated = await sampleObject(object, "second", start(time)).catch((error: Error) => error);
  expect(repeated).toMatchObject(outcome);
});

test("a claim may be repeated by its owner: the SDK does so when an answer got lost", async () => {
  const { object, start, table } = await world();
  const deps = start("09:45:02");
  const { restart } = crashing([table.client as never], 1, "done");
  await expect(sampleObject(object, "first", deps)).rejects.toMatchObject({ name: "Crash" });
  restart();
  await expect(sampleObject(object, "first", start("09:45:03"))).resolves.toMatchObject({ status: "sampled" });
});

test("window and policy are those of the first claim, whatever the event and assay.yml say later", async () => {
  const { object, start, resultsBucket } = await world(0.2);
  const deps = start("09:45:02");
  const { restart } = crashing([deps.cloudwatch as never], 1, "lost");
  await sampleObject(object, "first", deps).catch(() => {});
  restart();
  const before = await wire.objects(resultsBucket);
  const later = start("11:00:00", assayWithRate(0.9));
  await expect(sampleObject({ ...object, createdAtMs: at("10:59:00") }, "second", later)).resolves.toMatchObject({
    window: "2026-03-02T09:30:00Z",
  });
  expect(await wire.objects(resultsBucket)).toEqual(before);
});

test("a window's policy is frozen before the window begins", async () => {
  const { object, start, captures } = await world(0.2);
  await sampleObject(object, "first", start("09:44:40"));
  const changed = assayWithRate(0.9);
  const next = { ...object, ...(await wire.put(captures, key, `${content}\n`)), createdAtMs: at("09:50:00") };
  await sampleObject(next, "second", start("09:50:05", changed));
  const afterNext = { ...object, ...(await wire.put(captures, key, `${content}\n\n`)), createdAtMs: at("10:02:00") };
  const third = await sampleObject(afterNext, "third", start("10:02:05", changed));
  const pis = (await wire.items(start("10:03:00").table))
    .filter(({ pk }) => pk === "policy#chat")
    .map(({ sk, policy }) => [sk, (policy as SamplingPolicy).piRef]);
  expect(pis.sort()).toEqual([
    ["2026-03-02T09:30:00Z", 0.2],
    ["2026-03-02T09:45:00Z", 0.2],
    ["2026-03-02T10:00:00Z", 0.9],
    ["2026-03-02T10:15:00Z", 0.9],
  ]);
  expect(third).toMatchObject({ window: "2026-03-02T10:00:00Z" });
});

test.each([
  { it: "an object that is no capture", key: "prod/notes.jsonl", outcome: { status: "not_a_capture" } },
  { it: "one that was overwritten before it was read", key, etag: "0123", outcome: { status: "replaced" } },
])("$it writes nothing", async ({ key, etag, outcome }) => {
  const { object, start, resultsBucket } = await world();
  await expect(sampleObject({ ...object, key, etag: etag ?? object.etag }, "first", start("09:45:02"))).resolves.toMatchObject(
    outcome,
  );
  expect(await wire.objects(resultsBucket)).toEqual({});
});

test("an object under the prefix that is no capture is ignored, and counted", async () => {
  const { object, start, published } = await world();
  await sampleObject({ ...object, key: "prod/notes.jsonl" }, "first", start("09:45:02"));
  expect(published).toEqual([{ name: "Ignored", time: "2026-03-02T09:45:02.000Z", sum: 1 }]);
});

test("each answer of a batch in a gzip object is scored, chosen and found again by the judge", async () => {
  const { object, start, captures, judgeQueueUrl } = await world(1);
  const batch = {
    captureData: {
      endpointInput: { data: JSON.stringify({ inputs: [question, "And the red ones?"] }), encoding: "JSON" },
      endpointOutput: { data: JSON.stringify([{ generated_text: good }, { generated_text: "No." }]), encoding: "JSON" },
    },
    eventMetadata: { eventId: "batch", inferenceTime: "2026-03-02T09:41:09Z" },
  };
  const { etag } = await wire.put(captures, key, gzipSync(`${line("event-1", good)}\n${JSON.stringify(batch)}\n`));
  const deps = start("09:45:02");
  const sampled = await sampleObject({ ...object, etag }, "first", deps);
  expect(sampled).toMatchObject({ counts: { captured: 3, answered: 3, quarantined: 0 }, chosen: 3 });
  const tasks = (await wire.drain(judgeQueueUrl)).map((task) => judgeTaskIn(JSON.stringify(task)));
  const found = await Promise.all(tasks.map((task) => readAnswer(deps.s3, task, deps.assay.defaults)));
  expect(found.map((answer) => answer && [answer.eventId, answer.completion])).toEqual([
    ["event-1", good],
    ["batch#0", good],
    ["batch#1", "No."],
  ]);
});

test("an object that is gone is an error, so that its message is kept", async () => {
  const { object, start, captures } = await world();
  await wire.remove(captures, key);
  await expect(sampleObject(object, "first", start("09:45:02"))).rejects.toMatchObject({ name: "NoSuchKey" });
});

test("old captures reach the books, not CloudWatch", async () => {
  const { object, start, published } = await world();
  const deps = { ...start("09:45:02"), nowMs: () => Date.parse("2026-03-20T00:00:00Z") };
  await expect(sampleObject(object, "first", deps)).resolves.toMatchObject({ counts: { captured: 44 }, recordsOutside: 44 });
  expect(published).toEqual([]);
});

const clientsOf = ({ table, s3, sqs, cloudwatch }: SampleDeps) => [table.client, s3, sqs, cloudwatch] as never[];

test("a crash before or after any call changes nothing in the books", async () => {
  const undisturbed = await world();
  const whole = undisturbed.start("09:45:02");
  const { calls: names } = crashing(clientsOf(whole), Number.POSITIVE_INFINITY, "lost");
  await sampleObject(undisturbed.object, "first", whole);
  // Bucket names differ from world to world, and with them object ids.
  const anonymous = (objects: Record<string, string>) =>
    JSON.parse(
      JSON.stringify(objects)
        .replaceAll(/world-\d+/g, "world")
        .replaceAll(/[0-9a-f]{64}/g, "ID"),
    );
  const books = anonymous(await wire.objects(undisturbed.resultsBucket));
  const chosen = new Set((await wire.drain(undisturbed.judgeQueueUrl)).map(({ eventId }) => eventId));
  expect(names.length).toBeGreaterThan(8);

  for (const how of ["lost", "done"] as const) {
    for (let n = 1; n <= names.length; n++) {
      const { object, start, resultsBucket, judgeQueueUrl } = await world();
      const doomed = start("09:45:02");
      const { restart } = crashing(clientsOf(doomed), n, how);
      await expect(sampleObject(object, "first", doomed)).rejects.toMatchObject({ name: "Crash" });
      restart();
      // Once the policy is stored (the second call), a change of assay.yml no longer matters.
      await sampleObject(object, "second", start("09:52:00", assayWithRate(n > 2 ? 0.9 : 0.2)));
      const where = `${how} ${names[n - 1]}, call ${n}`;
      expect({ where, books: anonymous(await wire.objects(resultsBucket)) }).toEqual({ where, books });
      expect(new Set((await wire.drain(judgeQueueUrl)).map(({ eventId }) => eventId))).toEqual(chosen);
    }
  }
});

test.each([
  { it: "another event", body: JSON.stringify({ "detail-type": "Object Deleted", time: "2026-03-02T09:44:30Z", detail: {} }) },
  { it: "no event", body: "hello" },
])("a message that is $it is an error that says who should write to the queue", ({ body }) => {
  expect(() => captureObjectIn(body)).toThrow(
    expect.objectContaining({ name: "NotAnObjectEvent", message: expect.stringContaining("one writer") }),
  );
});

test("an event names its object: the key as it is, the etag without quotes, the time of the event", () => {
  const detail = {
    bucket: { name: "b" },
    object: { key: "a b/%20.jsonl", size: 1, etag: "e1", sequencer: "0" },
    reason: "PutObject",
  };
  expect(
    captureObjectIn(JSON.stringify({ version: "0", "detail-type": "Object Created", time: "2026-03-02T09:44:30Z", detail })),
  ).toEqual({
    bucket: "b",
    key: "a b/%20.jsonl",
    etag: "e1",
    createdAtMs: at("09:44:30"),
  });
});
