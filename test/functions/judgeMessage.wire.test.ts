import { ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { judgeMessage } from "../../functions/judge/judgeMessage.ts";
import { openJudgeGates } from "../../shared/aws/judgeGates.ts";
import { listJudgements, readJudgement } from "../../shared/aws/judgements.ts";
import type { JudgeTask } from "../../shared/aws/judgeTasks.ts";
import { JudgeUnreachable } from "../../shared/aws/judgeUnreachable.ts";
import { openLedger } from "../../shared/aws/ledger.ts";
import { Throttled } from "../../shared/aws/throttled.ts";
import { parseAssay } from "../../shared/config/load.ts";
import type { Judgement } from "../../shared/judging/judgement.ts";
import { answeredLine } from "../e2e/captureLines.ts";
import { startWire, type Wire } from "./wire.ts";

let wire: Wire;
beforeAll(async () => {
  wire = await startWire();
});
afterAll(() => wire.stop());

const startMs = Date.parse("2026-03-02T10:00:00Z");
const key = "captures/chat/stable/2026/03/02/09/41-07-118-5f0c7c1e.jsonl";
const window = "2026-03-02T09:30:00Z";
const judge = {
  endpoint: "grader",
  model: "m-1",
  rubric: { quality: "1: right. 0: wrong." },
  usdPerMillionInputTokens: 1,
  usdPerMillionOutputTokens: 10,
};
const assay = parseAssay(
  JSON.stringify({ endpoints: { chat: { variants: ["stable"], judge, evaluationBudget: { usdPerDay: 1 } } } }),
  "assay.yml",
);
const graded: Judgement = { status: "graded", grades: { quality: 0.8 }, costMicroUsd: 600 };

/** One chosen answer, and a judge that does what it is told, in a process that stays. */
async function world(answer: () => Promise<Judgement>) {
  const fresh = await wire.fresh();
  const line = answeredLine(0, "2026-03-02T09:41", "On its way.");
  await wire.put(fresh.captures, key, `${line}\n`);
  const { eventId } = (JSON.parse(line) as { eventMetadata: { eventId: string } }).eventMetadata;
  const task: JudgeTask = {
    version: 1,
    eventId,
    endpoint: "chat",
    variant: "stable",
    time: "2026-03-02T09:41:00Z",
    window,
    pi: 0.25,
    segment: "all",
    objectId: "o",
    source: { bucket: fresh.captures, key, offset: 0, length: Buffer.byteLength(line) },
    scores: {},
  };
  const clock = { nowMs: startMs };
  const nowMs = () => clock.nowMs;
  let asked = 0;
  const askJudge = () => {
    asked++;
    return answer();
  };
  const isRemediated = async () => false;
  const ledger = openLedger(fresh.table);
  const deps = { ...fresh, assay, ledger, askJudge, isRemediated, throughGate: openJudgeGates(nowMs), nowMs };
  return {
    clock,
    task,
    asked: () => asked,
    handle: (given: object = task) =>
      judgeMessage(JSON.stringify(given), { owner: `at-${clock.nowMs}`, latestMs: clock.nowMs + 25_000 }, deps),
    /** The messages that wait, once their delay is over. */
    async waiting() {
      const { Messages = [] } = await fresh.sqs.send(new ReceiveMessageCommand({ QueueUrl: fresh.judgeQueueUrl }));
      return Messages.map(({ Body }) => JSON.parse(Body!) as JudgeTask);
    },
    day: () => deps.ledger.day("chat", startMs),
    async kept() {
      const keys = await listJudgements(fresh.s3, fresh.resultsBucket, { window, endpoint: "chat", variant: "stable" });
      return Promise.all(keys.map(async (key) => (await readJudgement(fresh.s3, fresh.resultsBucket, key)).judgement));
    },
  };
}

test.each([
  { it: "is overloaded", error: new Throttled("busy"), because: "Throttled: busy" },
  { it: "cannot be reached", error: new JudgeUnreachable("gone", false), because: "JudgeUnreachable: gone" },
])(
  "while the judge $it, a task goes back into the queue, reserves nothing, and is judged once it comes again",
  async ({ error, because }) => {
    let answer = () => Promise.reject<Judgement>(error);
    const w = await world(() => answer());
    const outcome = await w.handle();
    expect(outcome).toMatchObject({ status: "waiting", endpoint: "chat", because });
    expect((outcome as { delaySeconds: number }).delaySeconds).toBeLessThanOrEqual(15);
    expect([await w.kept(), (await w.day())!.committedMicroUsd]).toEqual([[], 0]);
    answer = () => Promise.resolve(graded);
    const again = { ...w.task, waiting: { since: "2026-03-02T10:00:00Z", times: 1 } };
    await expect(w.handle(again)).resolves.toMatchObject({ status: "graded", fresh: true });
    await expect(w.handle()).resolves.toMatchObject({ status: "graded", fresh: false }); // the other one of two
    expect(await w.kept()).toEqual([graded]);
  },
);

test("a judge that takes nothing is left alone: tasks wait without a call and without a reservation", async () => {
  const w = await world(() => Promise.reject(new Throttled("busy")));
  for (let n = 0; n < 5; n++) await w.handle();
  await expect(w.handle()).resolves.toMatchObject({
    status: "waiting",
    because: expect.stringContaining("JudgePaused: The judge"),
  });
  expect([w.asked(), (await w.day())!.committedMicroUsd]).toEqual([5, 0]);
  w.clock.nowMs += 30_000;
  await w.handle();
  expect(w.asked()).toBe(6);
});

test("after four days a task is a failed judgement, and waits no longer", async () => {
  const w = await world(() => Promise.reject(new Throttled("busy")));
  const old = { ...w.task, waiting: { since: "2026-02-26T10:00:00Z", times: 400 } };
  await expect(w.handle(old)).resolves.toMatchObject({ status: "failed", costMicroUsd: 0, fresh: true });
  expect(await w.kept()).toEqual([{ status: "failed", reason: "the judge took no calls for days", costMicroUsd: 0 }]);
  expect(await w.waiting()).toEqual([]);
});

test("what is wrong with the message, not with the moment, is an error", async () => {
  const w = await world(() => Promise.reject(new TypeError("a bug")));
  await expect(w.handle()).rejects.toThrow("a bug");
  await expect(w.handle({ version: 2 })).rejects.toMatchObject({ name: "NotAJudgeTask" });
});
