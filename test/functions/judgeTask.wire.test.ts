import {
  InvokeEndpointCommand,
  ModelError,
  SageMakerRuntimeClient,
  SageMakerRuntimeServiceException,
} from "@aws-sdk/client-sagemaker-runtime";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { judgeDatums } from "../../functions/judge/judgeDatums.ts";
import { judgeTask } from "../../functions/judge/judgeTask.ts";
import { judgeTaskIn } from "../../functions/judge/judgeTaskIn.ts";
import { connectJudges } from "../../shared/aws/judge.ts";
import { listJudgements, readJudgement } from "../../shared/aws/judgements.ts";
import type { JudgeTask } from "../../shared/aws/judgeTasks.ts";
import { openLedger } from "../../shared/aws/ledger.ts";
import { isRemediated } from "../../shared/aws/remediations.ts";
import { keys } from "../../shared/aws/table.ts";
import { parseAssay } from "../../shared/config/load.ts";
import { boundMicroUsd } from "../../shared/judging/cost.ts";
import { judgeVersion } from "../../shared/judging/judgeVersion.ts";
import { judgeRequest } from "../../shared/judging/request.ts";
import { crashing, startWire, type Wire } from "./wire.ts";

let wire: Wire;
beforeAll(async () => {
  wire = await startWire();
});
afterAll(() => wire.stop());

const at = (time: string) => Date.parse(`2026-03-02T${time}Z`);
const key = "prod/chat/stable/2026/03/02/09/41-07-118-5f0c7c1e-0d5b-4b6a-9a0e-2f4d1c9b8a77.jsonl";
const window = "2026-03-02T09:30:00Z";
const assayWith = (usdPerDay: number) =>
  parseAssay(
    JSON.stringify({
      endpoints: {
        chat: {
          variants: ["stable"],
          judge: {
            endpoint: "grader",
            model: "m-1",
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
const version = judgeVersion(assayWith(1).endpoints.chat!.judge!);

function line(eventId: string, question: string, answer: string): string {
  const side = (mode: string, data: object) => ({
    mode,
    data: JSON.stringify(data),
    encoding: "JSON",
    observedContentType: "application/json",
  });
  return JSON.stringify({
    captureData: {
      endpointInput: side("INPUT", { messages: [{ role: "user", content: question }] }),
      endpointOutput: side("OUTPUT", { model: "Parcels-1", choices: [{ message: { content: answer }, finish_reason: "stop" }] }),
    },
    eventMetadata: { eventId, inferenceTime: "2026-03-02T09:41:07Z" },
    eventVersion: "0",
  });
}

const reply = (content: string, finish_reason = "stop") => ({
  Body: Buffer.from(
    JSON.stringify({ choices: [{ message: { content }, finish_reason }], usage: { prompt_tokens: 500, completion_tokens: 10 } }),
  ),
});
const good = reply('{"quality":0.8}');
const costMicroUsd = 500 + 100;
const modelError = (OriginalStatusCode: number) =>
  new ModelError({
    message: "Received client error with message Where is my parcel?",
    OriginalStatusCode,
    $metadata: { httpStatusCode: 424 },
  });

/** Two captured answers and the tasks that chose them; a judge that answers what it is told, and is counted. */
async function world(usdPerDay = 1) {
  const fresh = await wire.fresh();
  const lines = [line("event-1", "Where is my parcel?", "On its way."), line("event-2", "A refund?", "In 30 days: ünïcödé.")];
  await wire.put(fresh.captures, key, `${lines.join("\n")}\n`);
  let offset = 0;
  const tasks = lines.map((text, i): JudgeTask => {
    const length = Buffer.byteLength(text);
    const source = { bucket: fresh.captures, key, offset, length };
    offset += length + 1;
    return judgeTaskIn(
      JSON.stringify({
        version: 1,
        eventId: `event-${i + 1}`,
        endpoint: "chat",
        variant: "stable",
        time: "2026-03-02T09:41:07Z",
        window,
        pi: 0.25,
        segment: "parcels",
        conversation: "c-1",
        objectId: "o",
        source,
        scores: {},
      }),
    );
  });
  const asked: string[] = [];
  const start = (time: string, answers: () => object = () => good) => {
    const runtime = new SageMakerRuntimeClient({ region: "eu-west-1", maxAttempts: 1 });
    mockClient(runtime)
      .on(InvokeEndpointCommand)
      .callsFake(({ EndpointName, Body }) => {
        expect(EndpointName).toBe("grader");
        asked.push(JSON.parse(Body).messages[1].content);
        const answer = answers();
        if (answer instanceof Error) throw answer;
        return answer;
      });
    const nowMs = () => at(time);
    const askJudge = connectJudges(runtime, nowMs);
    const isLocked = (endpoint: string) => isRemediated(fresh.table, endpoint, nowMs());
    const ledger = openLedger(fresh.table);
    return { ...fresh, runtime, askJudge, assay: assayWith(usdPerDay), isRemediated: isLocked, ledger, nowMs };
  };
  const kept = async () => {
    const keys = await listJudgements(fresh.s3, fresh.resultsBucket, { window, endpoint: "chat", variant: "stable" });
    return Promise.all(keys.map((key) => readJudgement(fresh.s3, fresh.resultsBucket, key)));
  };
  const ledger = () => start("10:00:00").ledger.day("chat", at("10:00:00"));
  return { ...fresh, tasks, start, asked, kept, ledger };
}

test("an answer is read where it stands, graded, kept with its π, and paid", async () => {
  const { tasks, start, asked, kept, ledger, resultsBucket } = await world();
  expect(await judgeTask(tasks[1]!, "first", start("10:00:00"))).toEqual({
    status: "graded",
    endpoint: "chat",
    eventId: "event-2",
    judgeVersion: version,
    costMicroUsd,
    fresh: true,
  });
  expect(asked).toEqual([expect.stringMatching(/user\nA refund\?\n[\s\S]*answer\nIn 30 days: ünïcödé\.\n/)]);
  expect(await kept()).toEqual([
    {
      eventId: "event-2",
      endpoint: "chat",
      variant: "stable",
      window,
      time: "2026-03-02T09:41:07Z",
      pi: 0.25,
      conversation: "c-1",
      segment: "parcels",
      scores: tasks[1]!.scores,
      source: tasks[1]!.source,
      judgeVersion: version,
      judgement: { status: "graded", grades: { quality: 0.8 }, costMicroUsd },
      judgedAt: "2026-03-02T10:00:00Z",
    },
  ]);
  expect(Object.keys(await wire.objects(resultsBucket))).toEqual([
    `judgements/window=${window}/endpoint=chat/variant=stable/event-2.${version}.json`,
  ]);
  expect(await ledger()).toMatchObject({
    committedMicroUsd: costMicroUsd,
    spentMicroUsd: costMicroUsd,
    budgetMicroUsd: 1_000_000,
  });
});

test.each([
  { it: "a reply that is none", answer: reply("Great answer!"), status: "unparseable", spent: costMicroUsd },
  { it: "a reply that was cut off", answer: reply('{"quality":0.8}', "length"), status: "unparseable", spent: costMicroUsd },
  { it: "a filter", answer: reply("", "content_filter"), status: "refused", spent: costMicroUsd },
  { it: "a request that the model refuses", answer: modelError(400), status: "failed", spent: 0 },
])("$it is kept, and is no grade", async ({ answer, status, spent }) => {
  const { tasks, start, kept, ledger } = await world();
  await expect(
    judgeTask(
      tasks[0]!,
      "first",
      start("10:00:00", () => answer),
    ),
  ).resolves.toMatchObject({ status });
  const [stored] = await kept();
  expect(stored!.judgement).toEqual({ status, reason: expect.any(String), costMicroUsd: spent });
  expect(JSON.stringify(stored)).not.toMatch(/parcel\?|Great/);
  expect(await ledger()).toMatchObject({ committedMicroUsd: spent, spentMicroUsd: spent });
});

const service = (name: string, httpStatusCode: number) =>
  new SageMakerRuntimeServiceException({ name, message: "no", $fault: "server", $metadata: { httpStatusCode } });
test.each([
  { it: "throttles", answer: service("ThrottlingException", 400), thrown: "Throttled" },
  { it: "is not ready", answer: service("ModelNotReadyException", 429), thrown: "Throttled" },
  { it: "is out of service", answer: service("ServiceUnavailable", 503), thrown: "Throttled" },
  { it: "has a model that fails", answer: modelError(500), thrown: "Throttled" },
  { it: "has a model that is overloaded", answer: modelError(429), thrown: "Throttled" },
  { it: "is not there", answer: service("ValidationError", 400), thrown: "JudgeUnreachable" },
])("while the judge's endpoint $it, nothing is kept, and nothing of the budget is held", async ({ answer, thrown }) => {
  const { tasks, start, asked, kept, ledger } = await world();
  await expect(
    judgeTask(
      tasks[0]!,
      "first",
      start("10:00:00", () => answer),
    ),
  ).rejects.toMatchObject({ name: thrown, message: expect.not.stringContaining("parcel") });
  expect(await kept()).toEqual([]);
  expect(await ledger()).toMatchObject({ committedMicroUsd: 0, spentMicroUsd: 0, budgetMicroUsd: 1_000_000 });
  await expect(judgeTask(tasks[0]!, "second", start("10:00:01"))).resolves.toMatchObject({ status: "graded", fresh: true });
  expect(asked).toHaveLength(2);
  expect(await ledger()).toMatchObject({ committedMicroUsd: costMicroUsd, spentMicroUsd: costMicroUsd });
});

test("while nobody knows whether the judge answered, the call stays charged, and the next attempt has budget of its own", async () => {
  const { tasks, start, asked, kept, ledger } = await world();
  const silent = Object.assign(new Error("socket hang up"), { name: "TimeoutError" });
  await expect(
    judgeTask(
      tasks[0]!,
      "first",
      start("10:00:00", () => silent),
    ),
  ).rejects.toMatchObject({ name: "JudgeUnreachable" });
  expect(await kept()).toEqual([]);
  const bound = (await ledger())!.committedMicroUsd;
  expect(bound).toBeGreaterThan(costMicroUsd);
  await expect(judgeTask(tasks[0]!, "second", start("10:00:30"))).rejects.toMatchObject({ name: "JudgedElsewhere" });
  await expect(judgeTask(tasks[0]!, "third", start("10:09:00"))).resolves.toMatchObject({ status: "graded", fresh: true });
  expect(asked).toHaveLength(2);
  expect(await ledger()).toMatchObject({ committedMicroUsd: bound + costMicroUsd, spentMicroUsd: costMicroUsd });
});

test.each([
  { it: "whose model is the judge's", change: { model: "vendor/parcels-1" } },
  { it: "of the judge's own endpoint", change: { endpoint: "Chat" } },
])("an answer $it is not judged by it", async ({ change }) => {
  const { tasks, start, asked, kept } = await world();
  const deps = start("10:00:00");
  Object.assign(deps.assay.endpoints.chat!.judge!, change);
  await expect(judgeTask(tasks[0]!, "first", deps)).resolves.toMatchObject({ status: "failed", costMicroUsd: 0 });
  expect([asked, (await kept()).map(({ judgement }) => judgement.status)]).toEqual([[], ["failed"]]);
});

test("a second delivery finds the judgement and asks nobody", async () => {
  const { tasks, start, asked, kept, ledger } = await world();
  await judgeTask(tasks[0]!, "first", start("10:00:00"));
  const before = [await kept(), await ledger()];
  await expect(
    judgeTask(
      tasks[0]!,
      "second",
      start("10:00:01", () => reply('{"quality":0}')),
    ),
  ).resolves.toMatchObject({
    status: "graded",
    fresh: false,
  });
  expect(asked).toHaveLength(1);
  expect([await kept(), await ledger()]).toEqual(before);
});

test("without budget an answer is skipped, for good, and said so", async () => {
  const { tasks, start, asked, kept } = await world(0.001);
  await expect(judgeTask(tasks[0]!, "first", start("10:00:00"))).resolves.toMatchObject({ status: "skipped", fresh: true });
  const rich = { ...start("10:09:00"), assay: assayWith(5) };
  await expect(judgeTask(tasks[0]!, "second", rich)).resolves.toMatchObject({ status: "skipped", fresh: false });
  expect(asked).toEqual([]);
  expect((await kept()).map(({ judgement }) => judgement)).toEqual([{ status: "skipped", reason: "budget" }]);
});

test("while a remediation is being verified, judging may use the reserve", async () => {
  const judge = assayWith(1).endpoints.chat!.judge!;
  const messages = [{ role: "user" as const, content: "Where is my parcel?" }];
  const bound = boundMicroUsd(judgeRequest({ id: "event-1", messages, completion: "On its way." }, judge), judge);
  const { tasks, start, table } = await world(bound / 950_000); // one call is bounded by 95 % of it
  const lock = { owner: "finding-1", actions: [], expiresAtMs: at("11:00:00"), revision: 1 };
  await table.client.send(new PutCommand({ TableName: table.name, Item: { ...keys.lock("chat"), ...lock } }));
  await expect(judgeTask(tasks[0]!, "first", start("10:00:00"))).resolves.toMatchObject({ status: "graded" });
  await expect(
    judgeTask(tasks[1]!, "first", { ...start("11:00:01"), nowMs: () => at("11:00:01") + 86_400_000 }),
  ).resolves.toMatchObject({
    status: "skipped",
  });
});

test("an endpoint without a judge has nothing judged", async () => {
  const { tasks, start, asked, resultsBucket } = await world();
  await expect(judgeTask({ ...tasks[0]!, endpoint: "mute" }, "first", start("10:00:00"))).resolves.toEqual({
    status: "no_judge",
    endpoint: "mute",
    eventId: "event-1",
  });
  expect([asked, await wire.objects(resultsBucket)]).toEqual([[], {}]);
});

test("a capture object that was overwritten is a failed judgement, not another answer's grade", async () => {
  const { tasks, start, asked, captures, kept, ledger } = await world();
  await wire.put(captures, key, `${line("event-9", "Where is my parcel?", "On its way.")}\n`);
  await expect(judgeTask(tasks[0]!, "first", start("10:00:00"))).resolves.toMatchObject({ status: "failed", fresh: true });
  expect([asked, await ledger(), (await kept()).length]).toEqual([[], null, 1]);
});

test("a capture object that is gone is an error, so that its message is kept", async () => {
  const { tasks, start, captures } = await world();
  await wire.remove(captures, key);
  await expect(judgeTask(tasks[0]!, "first", start("10:00:00"))).rejects.toMatchObject({ name: "NoSuchKey" });
});

test("a crash before or after any call gives the same judgement and spend; a call that may have been paid for nothing stays charged", async () => {
  const undisturbed = await world();
  const clientsOf = ({ table, s3, runtime }: ReturnType<typeof undisturbed.start>) => [table.client, s3, runtime] as never[];
  const whole = undisturbed.start("10:00:00");
  const { calls: names, restart } = crashing(clientsOf(whole), Number.POSITIVE_INFINITY, "lost");
  await judgeTask(undisturbed.tasks[0]!, "first", whole);
  restart();
  expect(names).toEqual([
    "GetObjectCommand",
    "GetCommand",
    "TransactWriteCommand",
    "InvokeEndpointCommand",
    "PutObjectCommand",
    "TransactWriteCommand",
  ]);
  const grades = async ({ kept, ledger }: typeof undisturbed) => ({
    judgements: (await kept()).map(({ judgement }) => judgement),
    ledger: await ledger(),
  });
  const expected = await grades(undisturbed);
  for (const how of ["lost", "done"] as const) {
    for (let n = 1; n <= names.length; n++) {
      const one = await world();
      const doomed = one.start("10:00:00");
      const crash = crashing(clientsOf(doomed), n, how);
      const died = await judgeTask(one.tasks[0]!, "first", doomed).catch(({ name }: Error) => name);
      expect(["Crash", "JudgeUnreachable"]).toContain(died); // of a judge, nobody knows who died
      crash.restart();
      const held = (await one.ledger())?.committedMicroUsd ?? 0;
      const isLost = held > 0 && (await one.kept()).length === 0;
      // A judge that has changed its mind since: what was written stands, whatever it says now.
      const second = one.start("10:09:00");
      await judgeTask(one.tasks[0]!, "second", second);
      const where = `${how} ${names[n - 1]}, call ${n}`;
      const { judgements, ledger } = await grades(one);
      expect({ where, judgements, spent: ledger?.spentMicroUsd, lost: ledger!.committedMicroUsd - costMicroUsd }).toEqual({
        where,
        judgements: expected.judgements,
        spent: costMicroUsd,
        lost: isLost ? held : 0,
      });
      expect(one.asked.length).toBeLessThanOrEqual(2);
    }
  }
});

test("what a batch cost is published once, in dollars, with what is left", async () => {
  const { tasks, start } = await world(0.01);
  const deps = start("10:00:00");
  const outcomes = [
    await judgeTask(tasks[0]!, "first", deps),
    await judgeTask(tasks[0]!, "first", deps),
    await judgeTask(
      tasks[1]!,
      "first",
      start("10:00:00", () => reply("?")),
    ),
    await judgeTask({ ...tasks[0]!, endpoint: "mute" }, "first", deps),
    { status: "waiting" as const, endpoint: "chat", eventId: "event-3", because: "Throttled", delaySeconds: 15 },
  ];
  const datums = await judgeDatums(outcomes, deps.ledger, at("10:00:05"));
  expect(datums.map(({ name, unit, values, dimensions }) => [name, unit, values[0], dimensions])).toEqual([
    ["Judgements", "Count", 1, { Endpoint: "chat", Status: "graded" }],
    ["Judgements", "Count", 1, { Endpoint: "chat", Status: "unparseable" }],
    ["Judgements", "Count", 1, { Endpoint: "chat", Status: "waiting" }],
    ["JudgeCost", "None", 0.0012, { Endpoint: "chat" }],
    ["JudgeFailures", "Count", 1, { Endpoint: "chat" }],
    ["JudgeBudgetLeft", "None", 0.0088, { Endpoint: "chat" }],
  ]);
  const said = async (status: "waiting" | "skipped" | "refused") => {
    const { endpoint, eventId } = outcomes[0]!;
    const outcome =
      status === "waiting"
        ? { status, endpoint, eventId, because: "Throttled", delaySeconds: 15 }
        : { status, endpoint, eventId, judgeVersion: version, costMicroUsd: 0, fresh: true };
    const counts = (await judgeDatums([outcome], deps.ledger, at("10:00:05"))).filter(({ name }) => name === "Judgements");
    return counts.map(({ dimensions, values }) => [dimensions.Status, values[0]]);
  };
  // A judge that is away is told from a judge that nobody asks.
  expect(await said("waiting")).toEqual([
    ["graded", 0],
    ["waiting", 1],
  ]);
  expect(await said("skipped")).toEqual([["skipped", 1]]);
  expect(await said("refused")).toEqual([["refused", 1]]); // it has answered
});

test.each([
  { it: "no JSON", body: "hello", says: "as a whole" },
  { it: "another version", body: JSON.stringify({ version: 2 }), says: "version" },
])("a message that is $it is an error that says who should write to the queue", ({ body, says }) => {
  expect(() => judgeTaskIn(body)).toThrow(
    expect.objectContaining({ name: "NotAJudgeTask", message: expect.stringMatching(new RegExp(`${says}.*no writers but`)) }),
  );
});
