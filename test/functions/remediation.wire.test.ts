import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { CloudWatchAlarmEvent } from "aws-lambda";
import { type RemediateDeps, remediate } from "../../functions/remediate/remediate.ts";
import { remediateAlarm, remediateAlarmsThatAreOn } from "../../functions/remediate/remediateAlarm.ts";
import { act } from "../../functions/remediation/act.ts";
import { deepen } from "../../functions/remediation/deepen.ts";
import { finish } from "../../functions/remediation/finish.ts";
import { hear, type Word } from "../../functions/remediation/hear.ts";
import { inspectEndpoint } from "../../functions/remediation/inspect.ts";
import { verifyAction } from "../../functions/remediation/verify.ts";
import { readLock, takeLock } from "../../shared/aws/remediations.ts";
import type { Assay, RemediationMode } from "../../shared/config/assay.ts";
import { defaultDeployment } from "../../shared/config/deploymentSchema.ts";
import { defaultSettings } from "../../shared/config/schema.ts";
import type { StoredJudgement } from "../../shared/judging/judgement.ts";
import { judgeVersion } from "../../shared/judging/judgeVersion.ts";
import type { MonitorFinding } from "../../shared/monitoring/finding.ts";
import { foldedWindowKey, judgementKey, summaryKey } from "../../shared/monitoring/resultKeys.ts";
import { emptySummary } from "../../shared/monitoring/summary.ts";
import { windowOf } from "../../shared/monitoring/windows.ts";
import type { AttemptKey, RemediationRecord } from "../../shared/remediation/record.ts";
import { judge } from "../shared/judging/settings.ts";
import { worse } from "../shared/remediation/situations.ts";
import { startAccount } from "./account.ts";
import { crashing, startWire, type Wire } from "./wire.ts";

let wire: Wire;
beforeAll(async () => {
  wire = await startWire();
});
afterAll(() => wire.stop());

const minuteMs = 60_000;
const version = judgeVersion(judge);
const at = (time: string) => Date.parse(`2026-03-02T${time}Z`);

function assayWith(mode: RemediationMode, verifyHours = 3): Assay {
  const settings: Assay["defaults"] = {
    ...defaultSettings,
    sampling: { rate: 0.2 },
    judge,
    evaluationBudgetMicroUsdPerDay: 5_000_000,
    remediation: { ...defaultSettings.remediation, mode, cooldownMinutes: 30, verifyHours },
  };
  return {
    captures: { bucket: "captures", prefix: "" },
    evaluations: {},
    deployment: defaultDeployment,
    falseAlarms: { count: 1, days: 90 },
    defaults: settings,
    endpoints: { chat: { ...settings, variants: ["stable", "candidate"] } },
  };
}

function alarmEvent(alarmName: string, time: string, value = "ALARM"): CloudWatchAlarmEvent {
  const state = { value, reason: "Threshold crossed", timestamp: `2026-03-02T${time}.431+0000` };
  return {
    source: "aws.cloudwatch",
    alarmArn: `arn:aws:cloudwatch:eu-west-1:000000000000:alarm:${alarmName}`,
    accountId: "000000000000",
    time: state.timestamp,
    region: "eu-west-1",
    alarmData: { alarmName, state, previousState: { ...state, value: "OK" }, configuration: { metrics: [] } },
  };
}
const named = (variant: string, kind: string) => `assay-prod-chat-${variant}-${kind}`;
const hardFailures = (time: string) => alarmEvent(named("candidate", "hard-failures"), time);

/** A world with an endpoint whose clock starts at 10:00, and whose monitor has found what it is told. */
async function worldIn(mode: RemediationMode, ...open: MonitorFinding[]) {
  const fresh = await wire.fresh();
  const account = startAccount();
  const clock = { ms: at("10:00:10") };
  const closed: string[] = [];
  const deps = () => ({
    assay: assayWith(mode),
    stage: "prod",
    ...fresh,
    ...account.connect(),
    pagesTopicArn: "arn:aws:sns:eu-west-1:000000000000:pages",
    stateMachineArn: "arn:aws:states:eu-west-1:000000000000:stateMachine:remediation",
    nowMs: () => clock.ms,
    openFindings: async () => open.filter(({ id }) => !closed.includes(id)),
    closeFinding: async (_: string, id: string) => void (closed.includes(id) || closed.push(id)),
  });
  const records = async () =>
    Object.entries(await wire.objects(fresh.resultsBucket))
      .filter(([key]) => key.startsWith("remediations/"))
      .map(([, text]): RemediationRecord => JSON.parse(text));

  /** The answers of a variant in a window, all of them chosen with π 0.2 and judged alike. */
  async function judged(variant: string, time: string, count: number, grade: number): Promise<void> {
    const window = windowOf(at(time));
    const key = { endpoint: "chat", variant, hour: "2026-03-02T10", startedAt: window };
    const ids = Array.from({ length: count }, (_, i) => `${variant}-${time}-${i}`);
    const summary = { ...emptySummary(), chosen: ids.map((eventId) => ({ eventId, pi: 0.2, segment: "all" })), piMin: 0.2 };
    const stored = { window, endpoint: "chat", variant, objectId: "o", summary };
    await wire.put(fresh.resultsBucket, summaryKey(window, key, `object-${time}`), JSON.stringify(stored));
    await Promise.all(
      ids.map(async (eventId) => {
        const judgement: StoredJudgement = {
          eventId,
          endpoint: "chat",
          variant,
          window,
          time: `2026-03-02T${time}Z`,
          pi: 0.2,
          segment: "all",
          scores: {},
          source: { bucket: "captures", key: "k", offset: 0, length: 1 },
          judgeVersion: version,
          judgement: { status: "graded", grades: { quality: grade }, costMicroUsd: 10 },
          judgedAt: window,
        };
        await wire.put(fresh.resultsBucket, judgementKey(judgement, version), JSON.stringify(judgement));
      }),
    );
  }

  /** The same in a window that the monitor has folded, in one object. */
  async function folded(variant: string, time: string, count: number, grade: number): Promise<void> {
    const window = windowOf(at(time));
    const row = (i: number) => ({
      eventId: `e${i}`,
      time: `2026-03-02T${time}Z`,
      segment: "all",
      y: { quality: grade },
      pi: 0.2,
    });
    const rows = Array.from({ length: count }, (_, i) => row(i));
    const records = [{ endpoint: "chat", window, variant, summary: emptySummary(), failed: [], pending: [], piRef: 0.2, rows }];
    const body = JSON.stringify({ endpoint: "chat", window, records, late: [], folded: {} });
    await wire.put(fresh.resultsBucket, foldedWindowKey("chat", window), body);
  }
  return { fresh, account, clock, closed, deps, records, judged, folded };
}
type TheWorld = Awaited<ReturnType<typeof worldIn>>;

/** What statemachines/remediation.asl.json does with its tasks; test/statemachines proves that it does. */
async function runExecution(
  world: TheWorld,
  name: string,
  connect: () => ReturnType<TheWorld["deps"]> = world.deps,
): Promise<void> {
  const { record, look } = JSON.parse(world.account.executions.get(name)!) as { record: AttemptKey; look?: { because: string } };
  /** A task that died is called again, in a new process. */
  const task = async <T>(run: (deps: ReturnType<TheWorld["deps"]>) => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await run(connect());
      } catch (error) {
        if ((error as Error).name !== "Crash") throw error;
        world.clock.ms += minuteMs;
      }
    }
  };
  const change = async (which: "change" | "undo"): Promise<string | null> => {
    const acted = await task((deps) => act({ record, which }, deps));
    if (acted.state === "refused") return acted.because;
    for (;;) {
      world.clock.ms += minuteMs / 2;
      const { state, because } = await task((deps) => inspectEndpoint({ record, which }, deps));
      if (state === "in_service") return null;
      if (state === "failed") return because;
      world.account.endpoint.status = "InService";
    }
  };
  const end = async (outcome: "kept" | "undone" | "held" | "failed", because: string) =>
    void (await task((deps) => finish({ record, outcome, because }, deps)));

  const undo = async (because: string) => {
    const stuck = await change("undo");
    return end(stuck ? "failed" : "undone", stuck ?? because);
  };

  if (look !== undefined) return undo(look.because);
  const failure = await change("change");
  if (failure) return end("failed", failure);
  for (;;) {
    world.clock.ms += 15 * minuteMs;
    const { verdict, because } = await task((deps) => verifyAction({ record }, deps));
    if (verdict === "kept") return end("kept", because);
    if (verdict === "hold") return end("held", because);
    if (verdict === "undo") return undo(because);
    if (verdict === "wait") continue;
    const deepened = await task((deps) => deepen({ record }, deps));
    if (deepened.state === "enough") return end("held", deepened.because);
    const stuck = await change("change");
    if (stuck) return end("failed", stuck);
  }
}

test.each([
  { mode: "auto", status: "acting", executions: 1, decision: "shift_traffic", outcomes: [], pages: 0 },
  { mode: "approve", status: "proposed", executions: 0, decision: "shift_traffic", outcomes: ["proposed"], pages: 1 },
  { mode: "observe", status: "held", executions: 0, decision: "hold", outcomes: ["held"], pages: 0 },
] as const)(
  "in mode $mode a failing variant's remediation is $status",
  async ({ mode, status, executions, decision, outcomes, pages }) => {
    const { account, deps, records } = await worldIn(mode);
    account.alarms.set(named("candidate", "hard-failures"), "ALARM");
    for (let delivery = 0; delivery < 3; delivery++) {
      await expect(remediateAlarm(hardFailures("10:00:00"), deps())).resolves.toMatchObject({ status });
    }
    expect(account.executions.size).toBe(executions);
    expect(account.outcomes).toEqual(outcomes);
    expect(account.pages).toHaveLength(pages);
    expect(await records()).toEqual([
      expect.objectContaining({
        status,
        endpoint: "chat",
        variant: "candidate",
        cause: "model",
        since: "2026-03-02T10:00:00Z",
        decision: expect.objectContaining({ kind: decision }),
      }),
    ]);
  },
);

test.each([
  {
    it: "an alarm without grades is verified by the receiver's alarms",
    stable: "OK",
    outcome: "kept",
    weights: { stable: 2, candidate: 0 },
    pages: 0,
  },
  {
    it: "with both failing it stays, and a person is called",
    stable: "ALARM",
    outcome: "held",
    weights: { stable: 2, candidate: 0 },
    pages: 1,
  },
])("$it", async ({ stable, outcome, weights, pages }) => {
  const world = await worldIn("auto");
  const { account, deps, records } = world;
  account.alarms.set(named("candidate", "hard-failures"), "ALARM");
  const { id } = (await remediateAlarm(hardFailures("10:00:00"), deps())) as { id: string };
  account.alarms.set(named("stable", "hard-failures"), stable);
  await runExecution(world, id);
  expect(account.endpoint.weights).toEqual(weights);
  expect(account.outcomes).toEqual(["acted", outcome]);
  expect(account.pages).toHaveLength(pages);
  expect(await records()).toMatchObject([{ status: outcome, failure: null, attempt: 1 }]);
  expect((await readLock(world.fresh.table, "chat", world.clock.ms)).owner).toBeNull();
});

test.each([
  {
    it: "fresh good grades keep the shift and close the finding",
    grade: 1,
    outcome: "kept",
    weights: { stable: 2, candidate: 0 },
    closed: ["m1"],
    pages: [],
  },
  {
    it: "fresh bad grades undo it and call a person",
    grade: 0,
    outcome: "undone",
    weights: { stable: 1, candidate: 1 },
    closed: [],
    pages: ["Assay prod: chat/candidate: an action did not help and was undone"],
  },
])("$it", async ({ grade, outcome, weights, closed, pages }) => {
  const world = await worldIn("auto", worse);
  const { account, deps, records } = world;
  await world.judged("stable", "09:55:00", 30, 1 - grade); // of before: must not count
  await world.judged("stable", "10:10:00", 5, grade);
  await world.judged("stable", "10:20:00", 15, grade);
  await expect(remediate(worse, deps())).resolves.toMatchObject({ status: "acting" });
  await runExecution(world, "m1");
  // The drift workflow sends an open finding at every tick.
  await expect(remediate(worse, deps())).resolves.toMatchObject({ status: outcome });
  expect(account.endpoint.weights).toEqual(weights);
  expect({ closed: world.closed, pages: account.pages, executions: account.executions.size }).toEqual({
    closed,
    pages,
    executions: 1,
  });
  const [record] = await records();
  expect(record!.steps.map(({ what }) => what)).toEqual([
    "decided",
    "changed",
    "in_service",
    "looked",
    ...(outcome === "undone" ? ["undoing"] : []),
    outcome,
  ]);
  expect(record!.steps[3]!.figures).toMatchObject({ judged: 20 });
  const { actions } = await readLock(world.fresh.table, "chat", world.clock.ms);
  expect(actions.map(({ kind }) => kind)).toEqual(outcome === "undone" ? ["shift_traffic", "undo"] : ["shift_traffic"]);
});

test("what the monitor folded is read as it was folded, with what came late to it", async () => {
  const world = await worldIn("auto", worse);
  const row = (i: number) => ({ eventId: `e${i}`, time: "2026-03-02T10:10:00Z", segment: "all", y: { quality: 1 }, pi: 0.2 });
  const rows = Array.from({ length: 20 }, (_, i) => row(i));
  const record = { endpoint: "chat", summary: emptySummary(), failed: [], pending: [], piRef: 0.2 };
  const window = windowOf(at("10:10:00"));
  const of = (variant: string, some: typeof rows) => ({ ...record, window, variant, rows: some });
  const late = [
    { ...row(20), window, variant: "stable", piRef: 0.2 },
    { ...row(21), window, variant: "candidate", piRef: 0.2 },
  ];
  const folded = { endpoint: "chat", window, records: [of("candidate", []), of("stable", rows.slice(0, 17))], late, folded: {} };
  await wire.put(world.fresh.resultsBucket, foldedWindowKey("chat", window), JSON.stringify(folded));
  await remediate(worse, world.deps());
  await runExecution(world, "m1");
  const [ended] = await world.records();
  expect(ended).toMatchObject({ status: "kept", steps: expect.arrayContaining([expect.objectContaining({ what: "looked" })]) });
  expect(ended!.steps.find(({ what }) => what === "looked")!.figures).toMatchObject({ judged: 18 });
});

test("undecided at the deadline, the shift stays and a person is called", async () => {
  const world = await worldIn("auto", worse);
  await world.judged("stable", "10:20:00", 2, 1);
  await remediate(worse, world.deps());
  await runExecution(world, "m1");
  expect(await world.records()).toMatchObject([{ status: "held", decision: { kind: "shift_traffic" } }]);
  expect(world.account.endpoint.weights).toEqual({ stable: 2, candidate: 0 });
  expect(world.account.pages).toEqual(["Assay prod: chat/candidate: an action is neither proven nor undone: decide what stays"]);
  await expect(remediate(worse, world.deps())).resolves.toMatchObject({ status: "held", attempt: 1 });
});

test.each([
  { it: "finding", own: { variant: "stable" } },
  { it: "alarm, though every variant is worse,", own: { variant: null, cause: "model_everywhere" as const } },
])("the receiver's own $it undoes the shift", async (more) => {
  const own = { ...worse, id: "m2", rules: ["judged/stable/quality"], ...more.own };
  const open = [worse];
  const world = await worldIn("auto", ...open);
  await remediate(worse, world.deps());
  const deps = () => ({ ...world.deps(), openFindings: async () => [worse, own] });
  await runExecution(world, "m1", deps);
  expect(await world.records()).toMatchObject([{ status: "undone" }]);
  expect(world.account.endpoint.weights).toEqual({ stable: 1, candidate: 1 });
});

test.each([
  { it: "by a count", floors: [], instances: 2 },
  { it: "by the floor of its scaling", floors: [["candidate", { MinCapacity: 1, MaxCapacity: 4 }]] as const, instances: 2 },
])("a slow variant gets an instance $it, verified by its alarm", async ({ floors, instances }) => {
  const world = await worldIn("auto");
  const { account, deps, records } = world;
  for (const [variant, bounds] of floors) account.floors.set(variant, bounds);
  account.alarms.set(named("candidate", "latency"), "ALARM");
  const { id } = (await remediateAlarm(alarmEvent(named("candidate", "latency"), "10:00:00"), deps())) as { id: string };
  account.alarms.set(named("candidate", "latency"), "OK");
  await runExecution(world, id);
  expect(account.endpoint.instances).toEqual({ stable: 1, candidate: instances });
  expect(account.floors.get("candidate")?.MinCapacity).toBe(floors.length > 0 ? 2 : undefined);
  expect(await records()).toMatchObject([{ status: "kept", cause: "capacity", decision: { kind: "scale_out" } }]);
});

test.each([
  { it: "by a count", bounds: null },
  { it: "by the floor of its scaling", bounds: { MinCapacity: 1, MaxCapacity: 4 } },
])("an instance that was added $it is taken back once nobody was slow for a day, and not before", async ({ bounds }) => {
  const world = await worldIn("auto");
  const { account, deps, records } = world;
  if (bounds) account.floors.set("candidate", bounds);
  account.alarms.set(named("candidate", "latency"), "ALARM");
  const { id } = (await remediateAlarm(alarmEvent(named("candidate", "latency"), "10:00:00"), deps())) as { id: string };
  account.alarms.set(named("candidate", "latency"), "OK");
  await runExecution(world, id);
  world.clock.ms += 23 * 60 * minuteMs;
  await remediateAlarmsThatAreOn(deps());
  expect(account.executions.size).toBe(1);
  world.clock.ms += 60 * minuteMs;
  account.endpoint.status = "InService";
  for (let tick = 0; tick < 2; tick++) await remediateAlarmsThatAreOn(deps());
  const [, back] = [...account.executions.keys()];
  await runExecution(world, back!);
  expect((await records()).find((record) => record.id === back)).toMatchObject({
    status: "kept",
    decision: { kind: "scale_back", relieves: id },
  });
  if (bounds) expect(account.floors.get("candidate")).toEqual(bounds);
  else expect(account.endpoint.instances).toEqual({ stable: 1, candidate: 1 });
  expect((await readLock(world.fresh.table, "chat", world.clock.ms)).added).toEqual([]);
});

test.each([
  { it: "weights", theirs: { weights: { stable: 1, candidate: 0.2 } } },
  { it: "another configuration, with the weights as they were", theirs: { configuration: "config-2" } },
])("what a person sets between the decision and the change stays: $it", async ({ theirs }) => {
  const world = await worldIn("auto", worse);
  await remediate(worse, world.deps());
  Object.assign(world.account.endpoint, theirs);
  await runExecution(world, "m1");
  expect(world.account.endpoint).toMatchObject({ ...theirs, updates: 0 });
  expect(await world.records()).toMatchObject([{ status: "failed", failure: expect.stringContaining("Somebody else changed") }]);
});

test.each([
  { it: "is taken where the budget has room for it", grown: 0, state: "deepened", because: "one step further" },
  { it: "is not taken over the serving budget", grown: 1, state: "enough", because: "over the serving budget" },
])("a second instance $it, whatever other variants have grown by meanwhile", async ({ grown, state, because }) => {
  const world = await worldIn("auto");
  const dollarAnHour = 1_000_000;
  const deps = () => {
    const own = world.deps();
    // Four instances, of which two run now.
    const servingBudget = {
      microUsdPerDay: 100 * dollarAnHour,
      microUsdPerInstanceHour: { stable: dollarAnHour, candidate: dollarAnHour },
    };
    return { ...own, assay: { ...own.assay, endpoints: { chat: { ...own.assay.endpoints.chat!, servingBudget } } } };
  };
  world.account.alarms.set(named("candidate", "latency"), "ALARM");
  const { id } = (await remediateAlarm(alarmEvent(named("candidate", "latency"), "10:00:00"), deps())) as { id: string };
  const { record } = JSON.parse(world.account.executions.get(id)!) as { record: AttemptKey };
  await act({ record, which: "change" }, deps());
  world.account.endpoint.status = "InService";
  await inspectEndpoint({ record, which: "change" }, deps());
  world.account.endpoint.instances.stable! += grown;
  await expect(deepen({ record }, deps())).resolves.toMatchObject({ state, because: expect.stringContaining(because) });
});

test("slow and worse: an instance first; when fresh grades say that it was no cure, it is taken back, and another attempt shifts traffic", async () => {
  const world = await worldIn("auto", worse);
  const { account, deps, records } = world;
  account.alarms.set(named("candidate", "latency"), "ALARM");
  await world.judged("candidate", "10:10:00", 20, 0);
  await world.judged("stable", "11:10:00", 20, 1);
  await expect(remediate(worse, deps())).resolves.toMatchObject({ decision: { kind: "scale_out" } });
  await runExecution(world, "m1");
  await expect(remediate(worse, deps())).resolves.toMatchObject({ status: "held", decision: { kind: "hold", until: "later" } });
  world.clock.ms = at("11:00:00");
  account.endpoint.status = "InService";
  await expect(remediate(worse, deps())).resolves.toMatchObject({
    status: "acting",
    attempt: 2,
    decision: { kind: "shift_traffic" },
  });
  await runExecution(world, "m1-2");
  expect(await records()).toMatchObject([{ status: "kept", attempt: 2 }]);
  expect(account.endpoint).toMatchObject({ weights: { stable: 2, candidate: 0 }, instances: { candidate: 1 }, updates: 3 });
  expect([...account.executions.keys()]).toEqual(["m1", "m1-2"]);
});

test("an open finding that holds is decided anew at every tick, and written only when there is news", async () => {
  const world = await worldIn("auto", worse);
  const undecided = { ...worse, cause: "undecided" } as const;
  const says = (finding: MonitorFinding) => () => ({ ...world.deps(), openFindings: async () => [finding] });
  for (let tick = 0; tick < 3; tick++) {
    world.clock.ms += 15 * minuteMs;
    await expect(remediate(undecided, says(undecided)())).resolves.toMatchObject({
      status: "held",
      decision: { until: "later" },
    });
  }
  expect(world.account.outcomes).toEqual(["held"]);
  const judge = { ...worse, cause: "judge", variant: null } as const;
  await expect(remediate(judge, says(judge)())).resolves.toMatchObject({ decision: { until: "person" } });
  expect(world.account.pages).toEqual(["Assay prod: chat/candidate: somebody must look"]);
  await expect(remediate(worse, world.deps())).resolves.toMatchObject({ status: "acting", cause: "model" });
});

test.each([
  { it: "that was closed meanwhile", open: [], sent: worse, because: "the finding is closed: the monitor has closed it since" },
  {
    it: "that ended by itself",
    open: [],
    sent: { ...worse, status: "closed" as const, because: "the judge explains it" },
    because: "the finding is closed: the judge explains it",
  },
  {
    it: "whose cause was decided meanwhile",
    open: [{ ...worse, cause: "traffic" as const }],
    sent: worse,
    because: "the questions changed",
  },
])("an invocation that comes late, of a finding $it, goes by what the monitor says now", async ({ open, sent, because }) => {
  const world = await worldIn("auto", ...open);
  const record = await remediate(sent, world.deps());
  expect(record).toMatchObject({ status: "held", decision: { because: expect.stringContaining(because) } });
  expect(world.account.endpoint.updates + world.account.executions.size).toBe(0);
});

test("the tick decides about every alarm that is on, and one that fails keeps no other waiting", async () => {
  const world = await worldIn("auto");
  for (const variant of ["stable", "candidate"]) world.account.alarms.set(named(variant, "hard-failures"), "ALARM");
  const deps = world.deps();
  const describe = deps.sagemaker.send.bind(deps.sagemaker);
  const denied = Object.assign(new Error("not now"), { name: "Denied" });
  let calls = 0;
  Object.assign(deps.sagemaker, {
    send: async (...args: Parameters<typeof describe>) => {
      if (++calls === 1) throw denied;
      return describe(...args);
    },
  });
  await expect(remediateAlarmsThatAreOn(deps)).rejects.toThrow(
    "1 of 2 alarms that are on wait for the next tick. Denied: not now",
  );
  expect(await world.records()).toMatchObject([{ status: "held", decision: { because: expect.stringContaining("in trouble") } }]);
  for (let tick = 0; tick < 2; tick++) expect(await remediateAlarmsThatAreOn(world.deps())).toBe(2);
  expect((await world.records()).map(({ variant }) => variant).toSorted()).toEqual(["candidate", "stable"]);
  expect(world.account.pages).toHaveLength(2);
});

test("a second alarm of the same trouble waits while the first is acted upon and verified", async () => {
  const world = await worldIn("auto");
  const { account, deps } = world;
  account.alarms.set(named("candidate", "hard-failures"), "ALARM").set(named("candidate", "latency"), "ALARM");
  const fused = alarmEvent(named("candidate", "slow-and-failing"), "10:00:02");
  await remediateAlarm(hardFailures("10:00:00"), deps());
  await expect(remediateAlarm(fused, deps())).resolves.toMatchObject({
    status: "held",
    because: expect.stringContaining("is acting"),
  });
  expect([account.executions.size, account.endpoint.updates]).toEqual([1, 0]);
});

test("a lock that another remediation holds is waited for, and one that expired is not", async () => {
  const { fresh, account, clock, deps } = await worldIn("auto");
  account.alarms.set(named("candidate", "hard-failures"), "ALARM");
  const action = { id: "another", kind: "shift_traffic", variant: "stable", atMs: at("09:00:00") } as const;
  const free = await readLock(fresh.table, "chat", clock.ms);
  await takeLock(fresh.table, "chat", free, { owner: "another", action, expiresAtMs: at("10:10:00") }, at("09:00:00"));
  await expect(remediateAlarm(hardFailures("10:00:00"), deps())).resolves.toMatchObject({ status: "held" });
  clock.ms = at("10:10:00");
  await expect(remediateAlarm(hardFailures("10:00:00"), deps())).resolves.toMatchObject({ status: "acting" });
});

test("of two decisions on the same past only one takes the lock", async () => {
  const { fresh, clock } = await worldIn("auto");
  const action = { id: "a", kind: "shift_traffic", variant: "candidate", atMs: clock.ms } as const;
  const read = await readLock(fresh.table, "chat", clock.ms);
  const take = (owner: string) =>
    takeLock(fresh.table, "chat", read, { owner, action: { ...action, id: owner }, expiresAtMs: clock.ms + 1 }, clock.ms);
  expect([await take("a"), await take("b")]).toEqual([true, false]);
});

test("what SageMaker refuses is recorded as failed, pages, and keeps nobody from acting", async () => {
  const world = await worldIn("auto", worse);
  await remediate(worse, world.deps());
  world.account.endpoint.status = "Failed"; // takes no change, and the task says so in time
  const { sagemaker } = world.deps();
  const denied = { ...world.deps(), sagemaker };
  const { SageMakerServiceException } = await import("@aws-sdk/client-sagemaker");
  sagemaker.send = (async () => {
    throw new SageMakerServiceException({
      name: "AccessDeniedException",
      message: "not authorized",
      $fault: "client",
      $metadata: {},
    });
  }) as typeof sagemaker.send;
  await runExecution(world, "m1", () => denied);
  expect(await world.records()).toMatchObject([
    { status: "failed", actedAt: null, failure: "AccessDeniedException: not authorized" },
  ]);
  expect(world.account.pages).toHaveLength(1);
  expect(await readLock(world.fresh.table, "chat", world.clock.ms)).toMatchObject({ owner: null, actions: [] });
});

test.each([
  { it: "a dead-letter alarm is recorded", alarm: "assay-prod-captures-dead-letters", because: "dead-letter queue" },
  {
    it: "the alarm of a judge that is away is recorded",
    alarm: "assay-prod-chat-judge",
    because: "the judge of chat grades nothing",
  },
  {
    it: "an alarm of an endpoint that was removed is recorded",
    alarm: "assay-prod-old-stable-latency",
    because: "no endpoint of assay.yml",
  },
])("$it, and a person is called once", async ({ alarm, because }) => {
  const { deps, records, account } = await worldIn("auto");
  for (let delivery = 0; delivery < 2; delivery++) {
    await expect(remediateAlarm(alarmEvent(alarm, "10:00:00"), deps())).resolves.toMatchObject({ status: "held" });
  }
  const decision = { kind: "hold", because: expect.stringContaining(because), until: "person" };
  expect(await records()).toEqual([expect.objectContaining({ alarm, endpoint: null, decision })]);
  expect({ outcomes: account.outcomes, pages: account.pages.length }).toEqual({ outcomes: ["held"], pages: 1 });
});

test.each([
  {
    it: "that is not in ALARM",
    event: alarmEvent(named("candidate", "hard-failures"), "10:00:00", "OK"),
    status: "not_in_alarm",
  },
  {
    it: "of evidence, whose finding comes by itself",
    event: alarmEvent(named("candidate", "evidence"), "10:00:00"),
    status: "noted",
  },
  { it: "of evidence and latency", event: alarmEvent(named("candidate", "worse-and-slow"), "10:00:00"), status: "noted" },
])("an alarm $it leaves no trace", async ({ event, status }) => {
  const { fresh, deps, records } = await worldIn("auto");
  expect(await remediateAlarm(event, deps())).toEqual({ status });
  expect([await records(), await wire.items(fresh.table)]).toEqual([[], []]);
});

/** From the first delivery to the end, as Lambda and Step Functions repeat what died. */
async function whole(world: TheWorld, connect: () => ReturnType<TheWorld["deps"]>): Promise<void> {
  while (!world.account.executions.has("m1")) {
    await remediate(worse, connect() as RemediateDeps).catch((error: Error) => {
      if (error.name !== "Crash") throw error;
    });
  }
  await runExecution(world, "m1", connect);
}

test.each([
  // Until the verdict it is the same: only how it ends.
  { it: "kept", grade: 1, updates: 1, last: 12 },
  { it: "undone", grade: 0, updates: 2, last: Number.POSITIVE_INFINITY },
])(
  "a crash after any write of all functions leaves the effect once, and a complete record: $it",
  async ({ it: outcome, grade, updates, last }) => {
    const clientsOf = ({ table, s3, cloudwatch, sagemaker, scaling, sns, sfn }: ReturnType<TheWorld["deps"]>) =>
      [table.client, s3, cloudwatch, sagemaker, scaling, sns, sfn] as never[];
    const prepare = async () => {
      const world = await worldIn("auto", worse);
      await world.folded("stable", "10:10:00", 20, grade);
      return world;
    };
    const undisturbed = await prepare();
    const calm = undisturbed.deps();
    const { calls: names } = crashing(clientsOf(calm), Number.POSITIVE_INFINITY, "lost");
    await whole(undisturbed, () => calm);
    const [expected] = await undisturbed.records();
    expect(names).toEqual(
      expect.arrayContaining(["StartExecutionCommand", "UpdateEndpointWeightsAndCapacitiesCommand", "GetObjectCommand"]),
    );
    const told = ({ steps, ...record }: RemediationRecord) => ({
      ...record,
      decidedAt: null,
      actedAt: null,
      inServiceAt: null,
      undoneAt: null,
      steps: steps.map(({ what, because }) => ({ what, because })),
    });

    for (const [i, name] of names.entries()) {
      const n = i + 1;
      // What is left after a question, or before a call, is what the last write left.
      if (n < names.length - last || /^(Get|Describe|List|Query)/.test(name)) continue;
      const world = await prepare();
      const deps = world.deps();
      const { restart } = crashing(clientsOf(deps), n, "done");
      // The first process dies; each later one is new.
      let processes = 0;
      await whole(world, () => {
        if (processes++ > 0) restart();
        return deps;
      });
      const where = `${name}, call ${n}`;
      const [record] = await world.records();
      expect({ where, updates: world.account.endpoint.updates, closed: world.closed }).toEqual({
        where,
        updates,
        closed: outcome === "kept" ? ["m1"] : [],
      });
      expect({ where, record: told(record!) }).toEqual({ where, record: told(expected!) });
      expect({ where, lock: (await readLock(world.fresh.table, "chat", world.clock.ms)).owner }).toEqual({ where, lock: null });
    }
  },
);

/** What a person says of the remediation as it stands. */
async function says(world: TheWorld, what: Word["says"]) {
  const [{ endpoint, alarm, openedAt, id, attempt }] = (await world.records()) as [RemediationRecord];
  const record = { endpoint, alarm, openedAt, id, attempt };
  return hear({ source: "assay.person", says: what, record, who: "the operator on call", why: "" }, world.deps());
}

test("what is approved is done once, however often it is said, and what was kept can be taken back", async () => {
  const world = await worldIn("approve");
  const { account, deps, records } = world;
  account.alarms.set(named("candidate", "hard-failures"), "ALARM");
  const { id } = (await remediateAlarm(hardFailures("10:00:00"), deps())) as { id: string };
  for (let time = 0; time < 2; time++) expect(await says(world, "approve")).toMatchObject({ state: "done", status: "acting" });
  expect(await says(world, "reject")).toMatchObject({ state: "refused" });
  await runExecution(world, id);
  expect(account.endpoint).toMatchObject({ weights: { stable: 2, candidate: 0 }, updates: 1 });

  account.endpoint.status = "InService";
  for (let time = 0; time < 2; time++) expect(await says(world, "undo")).toMatchObject({ state: "done", status: "acted" });
  await runExecution(world, `${id}-undo`);
  expect(await says(world, "undo")).toMatchObject({ state: "done", status: "undone" });
  expect(account.endpoint).toMatchObject({ weights: { stable: 1, candidate: 1 }, updates: 2 });
  expect([...account.executions.keys()]).toEqual([id, `${id}-undo`]);
  expect(account.outcomes).toEqual(["proposed", "acted", "kept", "acted", "undone"]);
  const [{ steps }] = (await records()) as [RemediationRecord];
  expect(steps.map(({ what }) => what)).toEqual([
    "proposed",
    "approved",
    "decided",
    "changed",
    "in_service",
    "looked",
    "looked",
    "kept",
    "undo_asked",
    "undoing",
    "undone",
  ]);
  expect((await readLock(world.fresh.table, "chat", world.clock.ms)).owner).toBeNull();
});

test.each([
  {
    it: "rejected, it is not proposed again",
    says: "reject",
    after: 10,
    state: "done",
    ends: { status: "rejected", attempt: 1 },
  },
  { it: "expired, it is proposed anew", says: "approve", after: 241, state: "refused", ends: { status: "proposed", attempt: 2 } },
  { it: "with nothing done there is nothing to take back", says: "undo", after: 10, state: "refused", ends: { attempt: 1 } },
] as const)("of a proposal: $it", async ({ says: what, after, state, ends }) => {
  const world = await worldIn("approve");
  world.account.alarms.set(named("candidate", "hard-failures"), "ALARM");
  await remediateAlarm(hardFailures("10:00:00"), world.deps());
  world.clock.ms += after * minuteMs;
  for (let time = 0; time < 2; time++) expect(await says(world, what)).toMatchObject({ state });
  await remediateAlarm(hardFailures("10:00:00"), world.deps());
  expect(await world.records()).toMatchObject([ends]);
  expect([world.account.executions.size, world.account.endpoint.updates]).toEqual([0, 0]);
});

test("a proposal whose reason is gone is withdrawn", async () => {
  const world = await worldIn("approve");
  world.account.alarms.set(named("candidate", "hard-failures"), "ALARM");
  await remediateAlarm(hardFailures("10:00:00"), world.deps());
  world.account.alarms.set(named("candidate", "hard-failures"), "OK");
  expect(await says(world, "approve")).toMatchObject({ state: "refused", status: "held" });
  expect(world.account.executions.size).toBe(0);
});

describe("a shift in two steps", () => {
  /** A world in which half of the candidate's traffic was taken from it, and that is in service. */
  async function afterTheFirst() {
    const world = await worldIn("auto", worse);
    const deps = () => {
      const own = world.deps();
      const remediation = { ...own.assay.defaults.remediation, maxShareOfTraffic: 0.25 };
      const chat = { ...own.assay.endpoints.chat!, remediation };
      return { ...own, assay: { ...own.assay, endpoints: { chat } } };
    };
    await world.folded("stable", "10:10:00", 20, 1);
    await remediate(worse, deps());
    return { world, deps, key: (JSON.parse(world.account.executions.get("m1")!) as { record: AttemptKey }).record };
  }

  test("the second follows when the first is proven, by its own fresh answers", async () => {
    const { world, deps } = await afterTheFirst();
    await world.folded("stable", "10:40:00", 20, 1);
    await runExecution(world, "m1", deps);
    expect(world.account.endpoint).toMatchObject({ weights: { candidate: 0 }, updates: 2 });
    const [record] = (await world.records()) as [RemediationRecord];
    expect(record.steps.map(({ what }) => what).filter((what) => what !== "looked")).toEqual([
      "decided",
      "changed",
      "in_service",
      "deepened",
      "changed",
      "in_service",
      "kept",
    ]);
    const { actions, owner } = await readLock(world.fresh.table, "chat", world.clock.ms);
    expect({ owner, actions: actions.length }).toEqual({ owner: null, actions: 2 });
  });

  test("a bad second one is undone to where all began", async () => {
    const { world, deps } = await afterTheFirst();
    await world.folded("stable", "10:40:00", 20, 0);
    await runExecution(world, "m1", deps);
    expect(world.account.endpoint).toMatchObject({ weights: { stable: 1, candidate: 1 }, updates: 3 });
    expect(await world.records()).toMatchObject([{ status: "undone" }]);
  });

  test("a process that dies after any call of the decision in between leaves one second step", async () => {
    for (let n = 1; n <= 6; n++) {
      const { world, deps, key } = await afterTheFirst();
      await act({ record: key, which: "change" }, deps());
      world.account.endpoint.status = "InService";
      await inspectEndpoint({ record: key, which: "change" }, deps());
      const dying = deps();
      const { restart } = crashing([dying.table.client, dying.s3], n, "done");
      await expect(deepen({ record: key }, dying)).rejects.toThrow("after");
      restart();
      await expect(deepen({ record: key }, deps())).resolves.toMatchObject({ state: "deepened" });
      const [record] = (await world.records()) as [RemediationRecord];
      expect(record).toMatchObject({ status: "acting", actedAt: null, decision: { deeper: [] } });
      expect(record.steps.filter(({ what }) => what === "deepened")).toHaveLength(1);
      expect((await readLock(world.fresh.table, "chat", world.clock.ms)).actions).toHaveLength(2);
    }
  });
});
