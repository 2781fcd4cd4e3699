import { gzipSync } from "node:zlib";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { mockClient } from "aws-sdk-client-mock";
import { concludeAlarms } from "../../functions/drift/conclude.ts";
import { foldReadyWindows } from "../../functions/drift/fold.ts";
import { measureEndpoint } from "../../functions/drift/measure.ts";
import { planDrift } from "../../functions/drift/plan.ts";
import { publishState } from "../../functions/drift/publish.ts";
import { atOnce } from "../../shared/aws/atOnce.ts";
import { approveBaseline, putBaseline } from "../../shared/aws/baselines.ts";
import type { FoldedWindow } from "../../shared/aws/foldedWindows.ts";
import { saveMonitorState } from "../../shared/aws/monitorState.ts";
import { putJson } from "../../shared/aws/results.ts";
import { createSamplingPolicies } from "../../shared/aws/samplingPolicies.ts";
import { parseAssay } from "../../shared/config/load.ts";
import { judgeVersion } from "../../shared/judging/judgeVersion.ts";
import type { Baseline } from "../../shared/monitoring/baseline.ts";
import { freezeBaseline } from "../../shared/monitoring/freezeBaseline.ts";
import { foldWindow, startMonitor } from "../../shared/monitoring/monitor.ts";
import { foldedWindowKey, judgementKey, summaryKey } from "../../shared/monitoring/resultKeys.ts";
import { dayMs, type MonitorSettings, monitorSettings } from "../../shared/monitoring/rules.ts";
import type { WindowRecord } from "../../shared/monitoring/windowRecord.ts";
import { iso, windowMs } from "../../shared/monitoring/windows.ts";
import { uniformPolicy } from "../../shared/sampling/policy.ts";
import { startWire, type Wire } from "../../test/functions/wire.ts";
import { type Chance, chanceFrom } from "../chance.ts";
import { drawWindow } from "../traffic.ts";

/**
 * One tick of the workflow over all endpoints, one task after the other: calls of S3 and DynamoDB, how long it took, and how much of
 * that no call was under way: the embedded S3 looks through all its keys for a listing, which says nothing about S3.
 */
export type Tick = { reads: number; writes: number; milliseconds: number; ownMilliseconds: number };

const startMs = Date.parse("2026-03-02T00:00:00Z");
const variant = "stable";
const nameOf = (n: number) => `endpoint-${n}`;
const traffic = { requestsPerHour: 40, pi: 0.2, segments: { all: { share: 1, mean: 0.9 } } };
const reading = new Set(["GetObjectCommand", "ListObjectsV2Command", "HeadObjectCommand", "GetCommand", "QueryCommand"]);
/** Seeding is not what is measured. */
const writesAtOnce = 50;

/** A tick after so many days of windows were folded, and how large the monitor's state is by then, packed as it is stored. */
export async function afterHistory(days: number): Promise<Tick & { stateBytes: number }> {
  return inWorld(1, async (world) => {
    const endpoint = nameOf(0);
    const settings = world.settings(endpoint);
    const chance = chanceFrom(1);
    const windows = (days * dayMs) / windowMs;
    let state = startMonitor(endpoint, world.baselines.get(endpoint)!);
    let folded: FoldedWindow[] = [];
    for (let n = 0; n < windows; n++) {
      const record = draw(chance, endpoint, n);
      const window = record.window;
      state = foldWindow(state, { window, records: [record], late: [] }, world.baselines.get(endpoint)!, settings).state;
      folded.push({ endpoint, window, records: [record], late: [], folded: { [window]: [] }, foldedAt: iso(at(n + 2)) });
      if (folded.length < writesAtOnce && n < windows - 1) continue;
      await Promise.all(folded.map((one) => putJson(world.s3, world.resultsBucket, foldedWindowKey(endpoint, one.window), one)));
      folded = [];
    }
    await saveMonitorState(world.table, state, [], startMs);
    // A window's policy is kept for 60 days.
    const kept = Array.from({ length: Math.min(windows, (60 * dayMs) / windowMs) }, (_, i) => iso(at(windows - 1 - i)));
    await atOnce(writesAtOnce, kept, (window) => world.policies(endpoint, window, uniformPolicy(traffic.pi), startMs));
    const tick = await world.tick(windows);
    return { ...tick, stateBytes: gzipSync(JSON.stringify(state)).length };
  });
}

/** A tick over so many endpoints. */
export function fleetOf(endpoints: number): Promise<Tick> {
  return inWorld(endpoints, (world) => world.tick(0));
}

const at = (window: number) => startMs + window * windowMs;
const draw = (chance: Chance, endpoint: string, n: number): WindowRecord =>
  drawWindow(chance, { startMs: at(n), endpoint, variant }, traffic);

async function inWorld<Measured>(endpoints: number, measure: (world: World) => Promise<Measured>): Promise<Measured> {
  const wire = await startWire();
  try {
    return await measure(await createWorld(wire, endpoints));
  } finally {
    await wire.stop();
  }
}

type World = Awaited<ReturnType<typeof createWorld>>;

async function createWorld(wire: Wire, endpoints: number) {
  const names = Array.from({ length: endpoints }, (_, n) => nameOf(n));
  const judge = {
    ...{ endpoint: "grader", model: "m-1", rubric: { quality: "1: right. 0: wrong." } },
    ...{ usdPerMillionInputTokens: 1, usdPerMillionOutputTokens: 10 },
  };
  const settings = { variants: [variant], sampling: { rate: traffic.pi }, judge, evaluationBudget: { usdPerDay: 5 } };
  const assay = parseAssay(JSON.stringify({ endpoints: Object.fromEntries(names.map((name) => [name, settings])) }), "assay.yml");
  const version = judgeVersion(assay.endpoints[nameOf(0)]!.judge!);
  const fresh = await wire.fresh();
  const { s3, table, resultsBucket } = fresh;
  const policies = createSamplingPolicies(table);
  const settingsOf = (endpoint: string): MonitorSettings => monitorSettings(assay, endpoint)!; // each has a judge

  const baselines = new Map<string, Baseline>();
  await atOnce(writesAtOnce, names, async (endpoint) => {
    const chance = chanceFrom(7);
    const records = Array.from({ length: dayMs / windowMs }, (_, n) => draw(chance, endpoint, n - dayMs / windowMs));
    const source = { endpoint, madeFrom: "simulation", judgeVersion: version, system: null, records, anchors: [] };
    const baseline = freezeBaseline(source, settingsOf(endpoint), iso(startMs));
    baselines.set(endpoint, baseline);
    await putBaseline(fresh, baseline);
    await approveBaseline(fresh, endpoint, baseline.version, "bench", "simulated", startMs);
  });

  const watch = watched([s3, table.client] as never[]);
  const cloudwatch = new CloudWatchClient({ region: "eu-west-1" });
  mockClient(cloudwatch).onAnyCommand().resolves({});
  const lambda = new LambdaClient({ region: "eu-west-1" });
  mockClient(lambda).onAnyCommand().resolves({});
  const sagemaker = new SageMakerClient({ region: "eu-west-1" });
  mockClient(sagemaker).onAnyCommand().resolves({}); // no shadow

  const write = async (endpoint: string, n: number) => {
    const { window, rows, summary } = draw(chanceFrom(n), endpoint, n);
    await policies(endpoint, window, uniformPolicy(traffic.pi), startMs);
    const chosen = rows.map(({ eventId, pi, segment }) => ({ eventId, pi, segment }));
    const key = summaryKey(window, { endpoint, variant, hour: "", startedAt: "" }, "object");
    await putJson(s3, resultsBucket, key, { window, endpoint, variant, objectId: "object", summary: { ...summary, chosen } });
    for (const { y, f: _, ...row } of rows) {
      const about = { ...row, endpoint, variant, window };
      const judgement = { status: "graded", grades: y, costMicroUsd: 200 };
      await putJson(s3, resultsBucket, judgementKey(about, version), { ...about, judgement, judgeVersion: version });
    }
  };
  const run = async (nowMs: number) => {
    const deps = {
      s3,
      table,
      resultsBucket,
      assay,
      cloudwatch,
      lambda,
      sagemaker,
      remediateFunction: "remediate",
      nowMs: () => nowMs,
    };
    const plan = await planDrift({}, deps);
    let windows = 0;
    for (const { endpoint } of plan.endpoints) {
      windows += (await foldReadyWindows({ endpoint }, deps)).folded;
      await concludeAlarms({ endpoint, anchorsFailed: false }, deps);
      await publishState({ endpoint }, deps);
      windows += (await measureEndpoint({ endpoint }, deps)).windows;
    }
    return windows;
  };
  return {
    s3,
    table,
    resultsBucket,
    policies,
    baselines,
    settings: settingsOf,
    /** Ticks until there is nothing to catch up with, and the next one, which is measured. @param n number of the first one's window */
    async tick(n: number): Promise<Tick> {
      for (const window of [n, n + 1]) await atOnce(writesAtOnce, names, (endpoint) => write(endpoint, window));
      while ((await run(at(n + 2))) > 0);
      return watch(() => run(at(n + 3)));
    },
  };
}

type Sender = { send(...args: never[]): Promise<unknown> };

/** Counts what clients call during some work, and times it. */
function watched(clients: readonly Sender[]): (work: () => Promise<unknown>) => Promise<Tick> {
  const names: string[] = [];
  let [inFlight, idleSinceMs, ownMs] = [0, 0, 0];
  for (const client of clients) {
    const send = client.send.bind(client);
    client.send = async (...args: never[]) => {
      names.push((args[0] as unknown as object).constructor.name);
      if (inFlight++ === 0) ownMs += performance.now() - idleSinceMs;
      try {
        return await send(...args);
      } finally {
        if (--inFlight === 0) idleSinceMs = performance.now();
      }
    };
  }
  return async (work) => {
    names.length = 0;
    ownMs = 0;
    const began = performance.now();
    idleSinceMs = began;
    await work();
    const ended = performance.now();
    const reads = names.filter((name) => reading.has(name)).length;
    const ownMilliseconds = ownMs + ended - idleSinceMs;
    return { reads, writes: names.length - reads, milliseconds: ended - began, ownMilliseconds };
  };
}
