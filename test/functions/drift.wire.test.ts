import { randomBytes } from "node:crypto";
import { CloudWatchClient, GetMetricDataCommand, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { DescribeEndpointCommand, DescribeEndpointConfigCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { InvokeEndpointCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { DeleteCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { chanceFrom } from "../../bench/chance.ts";
import { drawWindow } from "../../bench/traffic.ts";
import { type AnchorsDeps, readAnchors } from "../../functions/drift/anchors.ts";
import { askBaselines } from "../../functions/drift/baseline.ts";
import { type ConcludeDeps, concludeAlarms } from "../../functions/drift/conclude.ts";
import { foldReadyWindows } from "../../functions/drift/fold.ts";
import { planDrift } from "../../functions/drift/plan.ts";
import { type PublishDeps, publishState } from "../../functions/drift/publish.ts";
import { gatherBaselineSource } from "../../shared/aws/baselineSource.ts";
import { approveBaseline, approvedVersion, listBaselines, putBaseline, retireBaseline } from "../../shared/aws/baselines.ts";
import { claimCapture, finishClaim } from "../../shared/aws/claims.ts";
import type { FoldedWindow } from "../../shared/aws/foldedWindows.ts";
import { connectJudges } from "../../shared/aws/judge.ts";
import { openLedger } from "../../shared/aws/ledger.ts";
import { closeMonitorFinding } from "../../shared/aws/monitorFindings.ts";
import { readMonitorState, saveMonitorState } from "../../shared/aws/monitorState.ts";
import { rebuildMonitor } from "../../shared/aws/rebuildMonitor.ts";
import { createSamplingPolicies } from "../../shared/aws/samplingPolicies.ts";
import { keys } from "../../shared/aws/table.ts";
import type { Source } from "../../shared/capture/inference.ts";
import { parseAssay } from "../../shared/config/load.ts";
import { judgeVersion } from "../../shared/judging/judgeVersion.ts";
import type { ReadAnchor } from "../../shared/monitoring/anchors.ts";
import type { Baseline } from "../../shared/monitoring/baseline.ts";
import { objectIdOf } from "../../shared/monitoring/claim.ts";
import { foldWindow, startMonitor } from "../../shared/monitoring/monitor.ts";
import type { SignalLine } from "../../shared/monitoring/monitorState.ts";
import { judgementKey, signalsKey, summaryKey } from "../../shared/monitoring/resultKeys.ts";
import { monitorSettings } from "../../shared/monitoring/rules.ts";
import type { JudgedRow, WindowRecord } from "../../shared/monitoring/windowRecord.ts";
import { iso, windowMs } from "../../shared/monitoring/windows.ts";
import { uniformPolicy } from "../../shared/sampling/policy.ts";
import { scorersVersion } from "../../shared/scoring/scorersVersion.ts";
import { endpoint, freeze, graded, type Segments, sound, soundDays, startMs } from "../shared/monitoring/played.ts";
import { crashing, startWire, type Wire } from "./wire.ts";

let wire: Wire;
let baseline: Baseline;
beforeAll(async () => {
  wire = await startWire();
  const anchors = ["Yes.", "No.", "Within 30 days.", "Never."].map((completion, i): ReadAnchor => {
    const readings = Array.from({ length: 4 }, (_, n) => ({ quality: 0.2 * (i + 1) + (n === 3 ? 0.01 * (-1) ** i : 0) }));
    return { id: `anchor-${i}`, prompt: "May I return shoes?", completion, readings };
  });
  baseline = { ...freeze(soundDays(5), anchors), judgeVersion: null };
});
afterAll(() => wire.stop());

const assayWith = (rubric: string) =>
  parseAssay(
    JSON.stringify({
      endpoints: {
        [endpoint]: {
          variants: ["stable", "candidate"],
          segment: "attributes.segment",
          sampling: { rate: 0.2 },
          judge: {
            endpoint: "grader",
            model: "m-1",
            rubric: { quality: rubric },
            usdPerMillionInputTokens: 1,
            usdPerMillionOutputTokens: 10,
          },
          evaluationBudget: { usdPerDay: 5 },
        },
        mute: { variants: ["a"] },
      },
    }),
    "assay.yml",
  );
const assay = assayWith("1: right. 0: wrong.");
const version = judgeVersion(assay.endpoints[endpoint]!.judge!);
const ourScorers = scorersVersion(assay.endpoints[endpoint]!.scorers);
const at = (windows: number) => startMs + windows * windowMs;
const windowAt = (n: number) => iso(at(n));

type Books = { record: WindowRecord; graded: readonly JudgedRow[] };

/** A stack whose baseline is approved at 00:00. `start` is a process of it at a moment. */
async function world({ shift = 0, approved = true, shadows = [] as string[] } = {}) {
  const fresh = await wire.fresh();
  const published: { name: string; dimensions: Record<string, string>; value: number }[] = [];
  const invoked: { source: string; finding: { id: string; cause: string } }[] = [];
  const paid: string[] = [];
  const served: Record<string, string> = { stable: "model-1" };
  const policies = createSamplingPolicies(fresh.table);
  const start = (nowMs: number) => {
    const cloudwatch = new CloudWatchClient({ region: "eu-west-1" });
    mockClient(cloudwatch)
      .on(PutMetricDataCommand)
      .callsFake(({ MetricData }) => {
        for (const { MetricName, Dimensions, Values } of MetricData) {
          const named = Dimensions.map(({ Name, Value }: { Name: string; Value: string }) => [Name, Value]);
          published.push({ name: MetricName, dimensions: Object.fromEntries(named), value: Values[0] });
        }
        return {};
      })
      .on(GetMetricDataCommand)
      .callsFake(() => ({ MetricDataResults: [] }));
    const lambda = new LambdaClient({ region: "eu-west-1" });
    mockClient(lambda)
      .on(InvokeCommand, { FunctionName: "remediate", InvocationType: "Event" })
      .callsFake(({ Payload }) => {
        invoked.push(JSON.parse(Payload));
        return { StatusCode: 202 };
      });
    const runtime = new SageMakerRuntimeClient({ region: "eu-west-1", maxAttempts: 1 });
    mockClient(runtime)
      .on(InvokeEndpointCommand)
      .callsFake(({ Body }) => {
        const asked: string = JSON.parse(Body).messages[1].content;
        const anchor = baseline.anchors.find(({ completion }) => asked.includes(`answer\n${completion}\n`))!;
        paid.push(anchor.id);
        const quality = Math.min(1, anchor.stored.quality! + shift);
        const content = JSON.stringify({ quality });
        const usage = { prompt_tokens: 100, completion_tokens: 10 };
        return { Body: Buffer.from(JSON.stringify({ choices: [{ message: { content }, finish_reason: "stop" }], usage })) };
      });
    const { s3, table, resultsBucket } = fresh;
    const askJudge = connectJudges(runtime, () => nowMs);
    const sagemaker = new SageMakerClient({ region: "eu-west-1" });
    mockClient(sagemaker)
      .on(DescribeEndpointCommand)
      .resolves({ EndpointConfigName: "config", ShadowProductionVariants: shadows.map((VariantName) => ({ VariantName })) })
      .on(DescribeEndpointConfigCommand)
      .callsFake(() => ({
        ProductionVariants: Object.entries(served).map(([VariantName, ModelName]) => ({ VariantName, ModelName })),
      }));
    const clients = { cloudwatch, lambda, runtime, sagemaker, askJudge, s3, table };
    return { ...clients, resultsBucket, assay, ledger: openLedger(table), remediateFunction: "remediate", nowMs: () => nowMs };
  };
  const store = { table: fresh.table, s3: fresh.s3, resultsBucket: fresh.resultsBucket };
  await putBaseline(store, baseline);
  if (approved) await approveBaseline(store, endpoint, baseline.version, "me", "a sound week", startMs);

  const judge = async (
    { eventId, time, segment, pi, y }: JudgedRow,
    { window, variant }: WindowRecord,
    source: Source = { bucket: "captures", key: "unread", offset: 0, length: 1 },
  ) => {
    const about = { eventId, endpoint, variant, window, time, pi, segment, source };
    const judgement = { status: "graded", grades: y, costMicroUsd: 200 };
    const stored = { ...about, judgeVersion: version, judgement, judgedAt: time };
    await wire.put(fresh.resultsBucket, judgementKey(about, version), JSON.stringify(stored));
  };
  return {
    ...fresh,
    store,
    start,
    published,
    invoked,
    paid,
    served,
    judge,
    /** Writes books and grades as `sample` and `judge` do. */
    async write({ record, graded: rows }: Books): Promise<void> {
      const { window, variant } = record;
      await policies(endpoint, window, uniformPolicy(0.2), startMs);
      const chosen = record.rows.map(({ eventId, pi }) => ({ eventId, pi }));
      const stored = { window, endpoint, variant, objectId: `o-${variant}`, summary: { ...record.summary, chosen } };
      const key = summaryKey(window, { endpoint, variant, hour: "", startedAt: "" }, `o-${variant}`);
      await wire.put(fresh.resultsBucket, key, JSON.stringify(stored));
      for (const row of rows) await judge(row, record);
    },
    async signals(): Promise<SignalLine[]> {
      return JSON.parse((await wire.objects(fresh.resultsBucket))[signalsKey(endpoint)]!).signals;
    },
    async folded(n: number): Promise<FoldedWindow> {
      return JSON.parse((await wire.objects(fresh.resultsBucket))[`windows/endpoint=${endpoint}/window=${windowAt(n)}.json`]!);
    },
  };
}
type TestWorld = Awaited<ReturnType<typeof world>>;

/** One window of both variants, all of it judged. */
function drawn(n: number, candidate: Segments = sound, requestsPerHour = 200): Books[] {
  return ["stable", "candidate"].map((variant) => {
    const segments = variant === "candidate" ? candidate : sound;
    const record = drawWindow(chanceFrom(100 + n), { startMs: at(n), endpoint, variant }, { requestsPerHour, pi: 0.2, segments });
    return { record, graded: record.rows };
  });
}

const writeAll = async (w: TestWorld, books: readonly Books[]) => {
  for (const one of books) await w.write(one);
};
const clientsOf = ({ table, s3, cloudwatch, lambda, runtime }: ReturnType<TestWorld["start"]>) =>
  [table.client, s3, cloudwatch, lambda, runtime] as never[];

test("settled windows are folded in order, as the pure monitor does it", async () => {
  const w = await world();
  const books = [0, 1, 2].flatMap((n) => drawn(n));
  await writeAll(w, books);
  expect(await foldReadyWindows({ endpoint }, w.start(at(3)))).toEqual({
    endpoint,
    folded: 2,
    more: false,
    anchorsDue: true,
    failed: [],
    unread: [],
  });
  expect(await foldReadyWindows({ endpoint }, w.start(at(3)))).toMatchObject({ folded: 0 });
  expect(await foldReadyWindows({ endpoint }, w.start(at(4)))).toMatchObject({ folded: 1 });

  const settings = monitorSettings(assay, endpoint)!;
  let expected = startMonitor(endpoint, baseline);
  for (const n of [0, 1, 2]) {
    const { records } = await w.folded(n);
    expect(records.map(({ variant, rows }) => [variant, rows.length])).toEqual(
      drawn(n)
        .map(({ record }) => [record.variant, record.rows.length])
        .sort(),
    );
    expected = foldWindow(expected, { window: windowAt(n), records, late: [] }, baseline, settings).state;
  }
  expect(await readMonitorState(w.table, endpoint)).toEqual(JSON.parse(JSON.stringify(expected)));
});

test("monitoring begins with the first window after the approval that has captures, and empty windows need no look at S3", async () => {
  const w = await world();
  await writeAll(w, [...drawn(-2), ...drawn(3)]);
  const deps = w.start(at(8));
  const { calls } = crashing([deps.s3 as never], Number.POSITIVE_INFINITY, "lost");
  expect(await foldReadyWindows({ endpoint }, deps)).toMatchObject({ folded: 4 });
  expect(await readMonitorState(w.table, endpoint)).toMatchObject({ lastWindow: windowAt(6) });
  // The baseline, one window, and what is kept of each of the four; the full window is looked at for late grades three times.
  expect(calls.filter((call) => call === "PutObjectCommand")).toHaveLength(4);
  expect(calls.filter((call) => call === "ListObjectsV2Command")).toHaveLength(1 + 2 + 3);
});

test("a window of 2 variants with 10 judged answers each takes few calls", async () => {
  const w = await world();
  const ten = drawn(0).map(({ record }) => ({
    record: { ...record, rows: record.rows.slice(0, 10) },
    graded: record.rows.slice(0, 10),
  }));
  await writeAll(
    w,
    ten.map(({ record, graded: rows }) => ({ record, graded: rows })),
  );
  const deps = w.start(at(2));
  const { calls } = crashing(clientsOf(deps), Number.POSITIVE_INFINITY, "lost");
  await foldReadyWindows({ endpoint }, deps);
  const judgedRows = ten.reduce((n, { graded: rows }) => n + rows.length, 0);
  // Pointer and baseline 3, monitor 1, which windows 2, listings 2, books 2, kept 1, written 1: beside the judgements, 12.
  expect(calls.length - judgedRows).toBe(12);
});

test.each([
  { it: "waits while a capture of it is open", ticks: 3, open: true, folded: 0 },
  { it: "waits until four windows after its end", ticks: 4, open: true, folded: 0 },
  { it: "is folded after that, whatever is open", ticks: 5, open: true, folded: 4 },
  { it: "is folded once its captures are finished", ticks: 3, open: false, folded: 2 },
])("a window $it", async ({ ticks, open, folded }) => {
  const w = await world();
  await writeAll(w, [...drawn(0), ...drawn(1), ...drawn(2), ...drawn(3)]);
  const object = { bucket: "b", key: "k", etag: "e", createdAtMs: at(0) + 60_000 };
  await claimCapture(w.table, object, endpoint, "me", at(0) + 60_000);
  await claimCapture(w.table, { ...object, key: "of another" }, "other", "me", at(0) + 60_000);
  if (!open) await finishClaim(w.table, objectIdOf(object), at(1));
  expect(await foldReadyWindows({ endpoint }, w.start(at(ticks)))).toMatchObject({ folded });
});

test("grades that come after their window was folded are folded once, as late", async () => {
  const w = await world();
  const [stable, candidate] = drawn(0) as [Books, Books];
  await writeAll(w, [{ ...stable, graded: stable.graded.slice(2) }, candidate, ...drawn(1), ...drawn(2), ...drawn(3)]);
  await foldReadyWindows({ endpoint }, w.start(at(2)));
  expect((await w.folded(0)).records.map(({ variant, pending }) => [variant, pending.length])).toEqual([
    ["candidate", 0],
    ["stable", 2],
  ]);
  await w.judge(stable.graded[0]!, stable.record);
  await foldReadyWindows({ endpoint }, w.start(at(3)));
  await w.judge(stable.graded[1]!, stable.record);
  await foldReadyWindows({ endpoint }, w.start(at(5)));
  const late = await Promise.all([1, 2, 3].map(async (n) => (await w.folded(n)).late));
  expect(late.map((rows) => rows.map(({ eventId, window, variant, piRef }) => ({ eventId, window, variant, piRef })))).toEqual([
    [{ eventId: stable.graded[0]!.eventId, window: windowAt(0), variant: "stable", piRef: 0.2 }],
    [{ eventId: stable.graded[1]!.eventId, window: windowAt(0), variant: "stable", piRef: 0.2 }],
    [],
  ]);
});

test("a capture that was read after its window was folded brings late grades, once its books are there", async () => {
  const w = await world();
  const [stable, candidate] = drawn(0) as [Books, Books];
  await writeAll(w, [candidate, ...drawn(1), ...drawn(2), ...drawn(3)]);
  await foldReadyWindows({ endpoint }, w.start(at(2)));
  await w.judge(stable.graded[0]!, stable.record); // the judge was faster than the books
  await foldReadyWindows({ endpoint }, w.start(at(3)));
  await w.write(stable);
  await foldReadyWindows({ endpoint }, w.start(at(4)));
  expect((await w.folded(1)).late).toEqual([]);
  expect((await w.folded(2)).late.map(({ eventId }) => eventId).sort()).toEqual(
    stable.graded.map(({ eventId }) => eventId).sort(),
  );
});

test("judgements of another judge version, and of answers that no book knows, are left out", async () => {
  const w = await world();
  const [stable, candidate] = drawn(0) as [Books, Books];
  await writeAll(w, [stable, candidate]);
  const about = { window: windowAt(0), endpoint, variant: "stable", eventId: stable.graded[0]!.eventId };
  await wire.put(w.resultsBucket, judgementKey(about, "0123456789abcdef"), "{}");
  await w.judge({ ...stable.graded[0]!, eventId: "unknown" }, stable.record);
  await foldReadyWindows({ endpoint }, w.start(at(2)));
  expect((await w.folded(0)).records.find(({ variant }) => variant === "stable")!.rows).toHaveLength(stable.graded.length);
});

test("objects that cannot be read are passed over and named, and stop neither their window nor the other variant", async () => {
  const w = await world();
  const [stable, candidate] = drawn(0) as [Books, Books];
  await writeAll(w, [stable, candidate]);
  const { eventId } = stable.graded[0]!;
  const judgement = judgementKey({ window: windowAt(0), endpoint, variant: "stable", eventId }, version);
  const books = summaryKey(windowAt(0), { endpoint, variant: "stable", hour: "", startedAt: "" }, "damaged");
  await wire.put(w.resultsBucket, judgement, '{"eventId": "e');
  await wire.put(w.resultsBucket, books, "{}");
  expect(await foldReadyWindows({ endpoint }, w.start(at(2)))).toMatchObject({
    folded: 1,
    failed: ["stable"],
    unread: [books, judgement],
  });
  const { records } = await w.folded(0);
  expect(records.map(({ variant, rows }) => [variant, rows.length])).toEqual([
    ["candidate", candidate.graded.length],
    ["stable", stable.graded.length - 1],
  ]);
  // Nothing of it is tried again for ever.
  expect(await foldReadyWindows({ endpoint }, w.start(at(3)))).toMatchObject({ folded: 1, failed: [], unread: [] });
});

test("two runs at once fold every window once, with the same end", async () => {
  const [alone, contested] = [await world(), await world()];
  const books = [0, 1, 2, 3, 4].flatMap((n) => drawn(n));
  for (const w of [alone, contested]) await writeAll(w, books);
  await foldReadyWindows({ endpoint }, alone.start(at(6)));
  await Promise.all([1, 2].map(() => foldReadyWindows({ endpoint }, { ...contested.start(at(6)) })));
  const states = await Promise.all([alone, contested].map((w) => readMonitorState(w.table, endpoint)));
  expect(states[1]).toEqual(states[0]);
  expect(states[0]).toMatchObject({ lastWindow: windowAt(4), version: 6 });
});

test("many windows are folded over several calls", async () => {
  const w = await world();
  await w.write(drawn(0)[0]!);
  expect(await foldReadyWindows({ endpoint }, w.start(at(40)))).toMatchObject({ folded: 24, more: true });
  expect(await foldReadyWindows({ endpoint }, w.start(at(40)))).toMatchObject({ folded: 15, more: false });
});

/** One tick of the workflow. */
async function tick(deps: AnchorsDeps & PublishDeps & ConcludeDeps) {
  const { anchorsDue } = await foldReadyWindows({ endpoint }, deps);
  if (anchorsDue) await readAnchors({ endpoint, owner: "execution" }, deps);
  const concluded = await concludeAlarms({ endpoint, anchorsFailed: false }, deps);
  return { ...concluded, ...(await publishState({ endpoint }, deps)) };
}

const worse = graded(sound, -0.2);
const candidateAt = (n: number, worseFrom: number) => (n < worseFrom ? sound : worse);
/** Ticks until something is found. */
async function playUntilFound(w: TestWorld, worseFrom = 4): Promise<number> {
  for (let n = 0; n < 40; n++) {
    await writeAll(w, drawn(n, candidateAt(n, worseFrom)));
    await tick(w.start(at(n + 2)));
    if ((await readMonitorState(w.table, endpoint))!.findings.length > 0) return n;
  }
  throw new Error("nothing was found");
}

test("a variant that goes bad is found as such, said again at every tick, and closed for good", async () => {
  const w = await world();
  const n = await playUntilFound(w);
  const [open] = (await readMonitorState(w.table, endpoint))!.findings;
  expect(open!.finding).toMatchObject({ cause: "model", variant: "candidate", signal: "quality", status: "open" });
  expect(w.invoked).toEqual([{ source: "assay.drift", finding: open!.finding }]);
  expect(w.published).toContainEqual({
    name: "Evidence",
    dimensions: { Endpoint: endpoint, Variant: "candidate", Signal: "quality" },
    value: expect.any(Number),
  });
  const last = (name: string, dimensions: object) =>
    w.published.filter((datum) => datum.name === name && JSON.stringify(datum.dimensions) === JSON.stringify(dimensions)).at(-1)
      ?.value;
  const candidate = { Endpoint: endpoint, Variant: "candidate" };
  expect(last("Evidence", { ...candidate, Signal: "quality" })).toBeGreaterThanOrEqual(1);
  expect(last("Quality", candidate)).toBeLessThan(0.8);
  expect(last("QualityLower", candidate)).toBeLessThan(last("Quality", candidate)!);
  expect(last("QualityUpper", candidate)).toBeGreaterThan(last("Quality", candidate)!);
  expect(last("Quality", { ...candidate, Signal: "quality" })).toBeUndefined();
  expect(last("Evidence", { Endpoint: endpoint, Signal: "input-mix" })).toBeLessThan(1);
  expect(last("JudgeCost", { Endpoint: endpoint })).toBeGreaterThan(0);

  await tick(w.start(at(n + 2) + 60_000));
  expect(w.invoked).toHaveLength(2);
  const items = async () => (await wire.items(w.table)).filter(({ sk }) => String(sk).startsWith("finding#"));
  expect(await items()).toEqual([expect.objectContaining(open!.finding)]);

  await closeMonitorFinding(w.table, endpoint, open!.finding.id, "kept", at(n + 3));
  await tick(w.start(at(n + 2) + 120_000));
  expect(w.invoked).toHaveLength(2);
  expect(await items()).toEqual([expect.objectContaining({ id: open!.finding.id, status: "closed", because: "kept" })]);
});

test("anchors are read once a day, and at once for an alarm", async () => {
  const w = await world();
  const n = await playUntilFound(w);
  expect(w.paid).toHaveLength(8);
  await tick(w.start(at(n + 2) + 60_000));
  expect(w.paid).toHaveLength(8);
  expect(await readAnchors({ endpoint, owner: "tomorrow" }, w.start(at(96 + 4)))).toEqual({ endpoint, asked: 4, graded: 4 });
});

test("a judge that moves is said so before there is any traffic", async () => {
  const w = await world({ shift: 0.5 });
  const said = { source: "assay.drift", finding: { cause: "judge", variant: null, signal: "judge" } };
  const isSaid = () => w.invoked.some(({ finding }) => finding.cause === "judge");
  for (let day = 0; day < 14 && !isSaid(); day++) {
    const deps = w.start(at(96 * day) + 60_000);
    await foldReadyWindows({ endpoint }, deps);
    await readAnchors({ endpoint, owner: `day-${day}` }, deps);
    await concludeAlarms({ endpoint, anchorsFailed: false }, deps);
    await publishState({ endpoint }, deps);
  }
  expect(w.invoked.filter(({ finding }) => finding.cause === "judge")).toMatchObject([said]);
  const evidence = w.published.filter(({ name }) => name === "Evidence");
  expect(new Set(evidence.map(({ dimensions }) => JSON.stringify(dimensions)))).toEqual(
    new Set([JSON.stringify({ Endpoint: endpoint, Signal: "judge" })]),
  );
  expect(evidence.at(-1)!.value).toBeGreaterThanOrEqual(1);
});

test("without an answer of the judge, an alarm is concluded as undecided", async () => {
  const w = await world();
  for (let n = 0; n < 40; n++) {
    await writeAll(w, drawn(n, worse));
    await foldReadyWindows({ endpoint }, w.start(at(n + 2)));
    if ((await readMonitorState(w.table, endpoint))!.waiting.length > 0) {
      expect(await concludeAlarms({ endpoint, anchorsFailed: false }, w.start(at(n + 2)))).toMatchObject({ findings: [] });
      expect(await concludeAlarms({ endpoint, anchorsFailed: true }, w.start(at(n + 2)))).toMatchObject({
        findings: [{ cause: "undecided", variant: "candidate" }],
      });
      return;
    }
  }
  throw new Error("no alarm");
});

test("another approved baseline closes what was found against the one before", async () => {
  const w = await world();
  const n = await playUntilFound(w);
  const other: Baseline = { ...baseline, version: "another" };
  await putBaseline(w.store, other);
  await approveBaseline(w.store, endpoint, "another", "me", "the candidate's week", at(n + 2));
  const before = w.invoked.length;
  await tick(w.start(at(n + 2) + 60_000));
  await tick(w.start(at(n + 2) + 120_000));
  expect(await readMonitorState(w.table, endpoint)).toMatchObject({
    baselineVersion: "another",
    findings: [],
    ended: [],
    lastWindow: windowAt(n),
  });
  // Remediation hears of it once: there is nothing left to wait for.
  expect(w.invoked.slice(before)).toMatchObject([{ source: "assay.drift", finding: { status: "closed" } }]);
  expect((await wire.items(w.table)).filter(({ sk }) => String(sk).startsWith("finding#"))).toEqual([
    expect.objectContaining({ status: "closed", because: expect.stringContaining("another") }),
  ]);
});

test("baselines are approved and retired by one pointer", async () => {
  const w = await world({ approved: false });
  const statuses = async () => Object.fromEntries((await listBaselines(w.store, endpoint)).map((b) => [b.version, b.status]));
  await putBaseline(w.store, { ...baseline, version: "another" });
  await approveBaseline(w.store, endpoint, baseline.version, "me", "first", startMs);
  await approveBaseline(w.store, endpoint, "another", "me", "second", at(1));
  expect(await statuses()).toEqual({ [baseline.version]: "retired", another: "approved" });
  expect(await approvedVersion(w.table, endpoint)).toEqual({ version: "another", approvedAt: windowAt(1) });
  await retireBaseline(w.store, endpoint, "another", "me", "third", at(2));
  expect(await approvedVersion(w.table, endpoint)).toBeNull();
  expect(await statuses()).toEqual({ [baseline.version]: "retired", another: "retired" });
  await expect(approveBaseline(w.store, endpoint, "nowhere", "me", "?", at(1))).rejects.toMatchObject({
    name: "BaselineNotChanged",
  });
});

test("a monitor is rebuilt from what it took in: as it was, also without its item", async () => {
  const w = await world();
  const settings = monitorSettings(assay, endpoint)!;
  const n = await playUntilFound(w);
  const [open] = (await readMonitorState(w.table, endpoint))!.findings;
  await closeMonitorFinding(w.table, endpoint, open!.finding.id, "kept", at(n + 2) + 300_000);
  for (const later of [n + 1, n + 2, n + 3]) {
    await writeAll(w, drawn(later, worse));
    await tick(w.start(at(later + 2)));
  }
  const before = (await readMonitorState(w.table, endpoint))!;
  expect(before.findings).toHaveLength(1);
  expect(await rebuildMonitor(endpoint, settings, w.store, at(n + 6))).toMatchObject({ changed: false, findings: 1 });

  await w.table.client.send(new DeleteCommand({ TableName: w.table.name, Key: keys.monitor(endpoint) }));
  expect(await rebuildMonitor(endpoint, settings, w.store, at(n + 6))).toMatchObject({ changed: true, findings: 1 });
  expect(await readMonitorState(w.table, endpoint)).toEqual({ ...before, version: 1 });
  expect((await wire.items(w.table)).filter(({ sk }) => String(sk).startsWith("finding#"))).toHaveLength(2);
});

test("a baseline of another judge is compared with nothing, and that it is to be revised is found once", async () => {
  const w = await world();
  await writeAll(w, [...drawn(0), ...drawn(1), ...drawn(2)]);
  await tick(w.start(at(2)));
  await putBaseline(w.store, { ...baseline, version: "graded", judgeVersion: "0123456789abcdef" });
  await approveBaseline(w.store, endpoint, "graded", "me", "why", at(2));
  const published = w.published.length;
  await tick(w.start(at(3)));
  await tick(w.start(at(4)));
  const state = (await readMonitorState(w.table, endpoint))!;
  expect(state).toMatchObject({ lastWindow: windowAt(0), findings: [{ finding: { cause: "baseline", variant: null } }] });
  expect(state.findings[0]!.finding.because).toContain(`assay.yml has judge ${version}`);
  expect(w.invoked.map(({ finding }) => finding.id)).toEqual(Array(2).fill(state.findings[0]!.finding.id));
  expect(w.published).toHaveLength(published);

  await approveBaseline(w.store, endpoint, baseline.version, "me", "the judge is back", at(4));
  await tick(w.start(at(4) + 60_000));
  expect(await readMonitorState(w.table, endpoint)).toMatchObject({ lastWindow: windowAt(2), findings: [], revision: null });
});

test("another model asks for another baseline, and is not compared with the old one until it is gone", async () => {
  const w = await world();
  const known = { ...baseline, version: "known", system: { scorersVersion: ourScorers, models: { stable: "model-1" } } };
  await putBaseline(w.store, known);
  await approveBaseline(w.store, endpoint, "known", "me", "why", startMs);
  await writeAll(w, [...drawn(0), ...drawn(1), ...drawn(2), ...drawn(3)]);
  await tick(w.start(at(2)));
  expect((await readMonitorState(w.table, endpoint))!.findings).toEqual([]);
  w.served.stable = "model-2";
  await tick(w.start(at(3)));
  const folds = async (variant: string) =>
    (await readMonitorState(w.table, endpoint))!.rules[`judged/${variant}/quality`]!.rule.lastFold;
  const because = expect.stringContaining("stable serves another model");
  expect(await readMonitorState(w.table, endpoint)).toMatchObject({
    lastWindow: windowAt(1),
    findings: [{ finding: { cause: "baseline", because } }],
  });
  await tick(w.start(at(4)));
  expect([await folds("stable"), await folds("candidate")]).toEqual([at(1) / windowMs, at(2) / windowMs]);
  expect((await w.folded(2)).apart).toEqual(["stable"]);
  expect((await w.signals()).find(({ signal, variant }) => signal === "quality" && variant === "stable")).toMatchObject({
    state: "needs_data",
    needs: { n: 1, of: "baselines with its model" },
  });
  w.served.stable = "model-1";
  await tick(w.start(at(5)));
  await tick(w.start(at(6)));
  const state = await readMonitorState(w.table, endpoint);
  expect(state).toMatchObject({ lastWindow: windowAt(4), findings: [], revision: null, models: { stable: { alike: true } } });
  // What was folded is what a rebuilt monitor takes in.
  expect(await rebuildMonitor(endpoint, monitorSettings(assay, endpoint)!, w.store, at(7))).toMatchObject({ changed: false });
});

test("the workflow does with baselines what the command does", async () => {
  const w = await world({ approved: false });
  const ask = (asked: object) => askBaselines({ asked, owner: "execution" }, w.start(at(1)));
  const { version: first } = baseline;
  const why = { endpoint, who: "Ada", why: "a sound week" };
  await putBaseline(w.store, { ...baseline, version: "another", anchors: [] });
  expect((await ask({ approve: { ...why, version: first } })).baselines).toMatchObject([{ version: first, status: "approved" }]);
  expect((await ask({ approve: { ...why, version: "another" } })).baselines).toMatchObject([{ status: "approved" }]);
  expect((await ask({ list: { endpoint } })).baselines.map((b) => [b.version, b.status])).toEqual(
    expect.arrayContaining([
      [first, "retired"],
      ["another", "approved"],
    ]),
  );
  const [retired] = (await listBaselines(w.store, endpoint)).filter((b) => b.version === first);
  expect(retired!.retired).toEqual({ at: windowAt(1), by: "Ada", why: "another took its place: a sound week" });
  expect((await ask({ diff: { endpoint, versions: [first, "another"] } })).difference).toMatchObject({
    notAlike: [],
    criteria: { quality: { difference: 0 } },
    anchors: { before: 4, after: 0 },
  });
  expect((await ask({ retire: { ...why, version: "another" } })).baselines).toMatchObject([{ status: "retired" }]);
  expect(await approvedVersion(w.table, endpoint)).toBeNull();
  for (const [asked, name] of [
    [{}, "InvalidBaselineInput"],
    [{ create: { endpoint, from: windowAt(1), to: windowAt(0) } }, "InvalidBaselineInput"],
    [{ create: { endpoint, from: windowAt(0), to: windowAt(1) } }, "NothingToFreeze"],
    [{ create: { endpoint: "mute", from: windowAt(0), to: windowAt(1) } }, "NothingToFreeze"],
    [{ create: { endpoint, evaluation: "unknown" } }, "NothingToFreeze"],
    [{ diff: { endpoint, versions: [first, "gone"] } }, "InvalidBaselineInput"],
    [{ approve: { ...why, version: "gone" } }, "BaselineNotChanged"],
  ] as const)
    await expect(ask(asked)).rejects.toMatchObject({ name });
});

test("what only a shadow answered makes no baseline", async () => {
  const w = await world({ approved: false, shadows: ["candidate"] });
  const [one, other] = drawn(0);
  const candidate = [one!, other!].find(({ record }) => record.variant === "candidate")!;
  await w.write(candidate);
  const create = { endpoint, from: windowAt(0), to: windowAt(1) };
  const asked = askBaselines({ asked: { create }, owner: "execution" }, w.start(at(3)));
  await expect(asked).rejects.toMatchObject({ name: "NothingToFreeze" });
  expect(w.paid).toEqual([]);
});

test("what cannot be watched is named, with what it needs", async () => {
  const [w, draft] = [await world(), await world({ approved: false })];
  expect(await planDrift({}, w.start(at(1)))).toEqual({
    endpoints: [{ endpoint }],
    needsData: [{ endpoint: "mute", because: expect.stringContaining("no judge") }],
    captured: [{ endpoint }, { endpoint: "mute" }],
  });
  expect(await planDrift({ endpoints: [endpoint, "gone"] }, draft.start(at(1)))).toEqual({
    endpoints: [],
    needsData: [
      { endpoint, because: expect.stringContaining("no approved baseline") },
      { endpoint: "gone", because: expect.stringContaining("not among the endpoints") },
    ],
    captured: [{ endpoint }],
  });
  await putBaseline(w.store, { ...baseline, version: "graded", judgeVersion: "0123456789abcdef" });
  await approveBaseline(w.store, endpoint, "graded", "me", "why", at(1));
  expect((await planDrift({ endpoints: [endpoint] }, w.start(at(1)))).needsData).toEqual([
    { endpoint, because: expect.stringContaining(`assay.yml has judge ${version}`) },
  ]);
  await expect(planDrift({ endpoints: "all" }, w.start(at(1)))).rejects.toMatchObject({ name: "InvalidDriftInput" });
});

test("a baseline is gathered from captured traffic: windows, and anchors with their texts, each grade paid once", async () => {
  const w = await world({ approved: false });
  const questions = ["May I return shoes? I am ann@example.org", "Gone?"];
  const captured = questions.map((question, i) => {
    const side = (mode: string, data: object) => ({ mode, data: JSON.stringify(data), encoding: "JSON" });
    const answer = { choices: [{ message: { role: "assistant", content: "Yes." }, finish_reason: "stop" }] };
    return JSON.stringify({
      captureData: {
        endpointInput: side("INPUT", { messages: [{ role: "user", content: question }] }),
        endpointOutput: side("OUTPUT", answer),
      },
      eventMetadata: { eventId: `event-${i}`, inferenceTime: windowAt(0) },
      eventVersion: "0",
    });
  });
  await wire.put(w.captures, "there", captured[0]!);
  const [stable] = drawn(0) as [Books];
  const rows = captured.map((_, i) => ({
    eventId: `event-${i}`,
    time: windowAt(0),
    segment: "all",
    pi: 0.2,
    y: { quality: 1 },
    f: {},
    scores: {},
  }));
  await w.write({ record: { ...stable.record, rows }, graded: [] });
  for (const [i, row] of rows.entries()) {
    const source = { bucket: w.captures, key: i === 0 ? "there" : "gone", offset: 0, length: Buffer.byteLength(captured[i]!) };
    await w.judge(row, stable.record, source);
  }
  const settings = assay.endpoints[endpoint]!;
  const gather = () =>
    gatherBaselineSource({ endpoint, fromMs: startMs, toMs: at(96) }, settings, settings.judge!, "me", w.start(at(97)));
  const source = await gather();
  expect(source).toMatchObject({
    judgeVersion: version,
    records: [{ window: windowAt(0), variant: "stable", rows: [{ eventId: "event-0" }, { eventId: "event-1" }] }],
  });
  const prompt = "May I return shoes? I am [e-mail]";
  const grade = baseline.anchors[0]!.stored;
  expect(source.anchors).toEqual([{ id: "event-0", prompt, completion: "Yes.", readings: [grade, grade, grade, grade] }]);
  expect(await gather()).toEqual(source);
  expect(w.paid).toHaveLength(4);

  // Nothing was left for another span today; tomorrow its readings are paid, each once.
  const poor = { ...settings, evaluationBudgetMicroUsdPerDay: 1 };
  const span = { endpoint, fromMs: startMs, toMs: at(95) };
  const readings = async (by: typeof settings, day: number) =>
    (await gatherBaselineSource(span, by, settings.judge!, "me", w.start(at(96 * day)))).anchors.map(
      (anchor) => anchor.readings.length,
    );
  expect(await readings(poor, 1)).toEqual([0]);
  expect(await readings(settings, 2)).toEqual([4]);
  expect(await readings(settings, 3)).toEqual([4]);
  expect(w.paid).toHaveLength(8);
});

test("a state that has no room in one item takes several, all or none of them; one of another version of Assay says so", async () => {
  const w = await world();
  const large = { ...startMonitor(endpoint, baseline), baselineVersion: randomBytes(700_000).toString("base64") };
  expect(await saveMonitorState(w.table, large, [], startMs)).toBe(true);
  expect(await readMonitorState(w.table, endpoint)).toEqual(large);
  const next = { ...large, version: 2, baselineVersion: randomBytes(500_000).toString("base64") };
  expect(await saveMonitorState(w.table, { ...large, version: 5 }, [], startMs)).toBe(false);
  expect(await readMonitorState(w.table, endpoint)).toEqual(large);
  expect(await saveMonitorState(w.table, next, [], startMs)).toBe(true);
  expect(await readMonitorState(w.table, endpoint)).toEqual(next);

  const Item = { ...keys.monitor(endpoint), version: 3, state: Buffer.from("of another shape") };
  await w.table.client.send(new PutCommand({ TableName: w.table.name, Item }));
  await expect(readMonitorState(w.table, endpoint)).rejects.toMatchObject({ name: "OutdatedMonitorState", version: 3 });
  const rebuilt = await rebuildMonitor(endpoint, monitorSettings(assay, endpoint)!, w.store, at(4));
  expect(rebuilt).toMatchObject({ changed: true });
  expect(await readMonitorState(w.table, endpoint)).toMatchObject({ version: 4, baselineVersion: baseline.version });
});

test("a state that DynamoDB would refuse is refused with what to do", async () => {
  const w = await world();
  const state = { ...startMonitor(endpoint, baseline), baselineVersion: randomBytes(4_000_000).toString("base64") };
  await expect(saveMonitorState(w.table, state, [], startMs)).rejects.toMatchObject({
    name: "MonitorStateTooLarge",
    message: expect.stringContaining("fewer criteria"),
  });
});

test("a crash before or after any call of a tick changes nothing in the end, and pays for no anchor twice", async () => {
  const alarming = async () => {
    const w = await world();
    for (let n = 0; n < 40; n++) {
      await writeAll(w, drawn(n, worse));
      if (n < alarmAt) await foldReadyWindows({ endpoint }, w.start(at(n + 2)));
      else return w;
    }
    throw new Error("unreachable");
  };
  // How many windows it takes, found out once: the fold after them raises the alarm.
  const scout = await world();
  const alarmAt = await playUntilFound(scout, 0);
  const end = async (w: TestWorld) => ({
    state: await readMonitorState(w.table, endpoint),
    findings: (await wire.items(w.table)).filter(({ sk }) => String(sk).startsWith("finding#")),
    paid: [...w.paid].sort(),
    // What is committed may be more: a call that nobody heard the answer of stays charged at its bound.
    spentMicroUsd: (await openLedger(w.table).day(endpoint, at(alarmAt + 2)))?.spentMicroUsd,
    said: new Set(w.invoked.map(({ finding }) => finding.id)).size,
  });

  const undisturbed = await alarming();
  const whole = undisturbed.start(at(alarmAt + 2));
  const { calls } = crashing(clientsOf(whole), Number.POSITIVE_INFINITY, "lost");
  await tick(whole);
  const ofTick = [...calls];
  const expected = await end(undisturbed);
  expect(expected).toMatchObject({ findings: [{ cause: "model" }], said: 1, paid: baseline.anchors.map(({ id }) => id) });

  // Reads change nothing, and to be lost is to be done before the next call: what counts is what is written, asked and said.
  const reads = new Set(["GetObjectCommand", "ListObjectsV2Command", "GetCommand", "QueryCommand"]);
  const points = ofTick.flatMap((call, i) => (reads.has(call) ? [] : [i + 1]));
  expect(points.length).toBeGreaterThan(20);
  for (const point of points) {
    const w = await alarming();
    const doomed = w.start(at(alarmAt + 2));
    const { restart } = crashing(clientsOf(doomed), point, "done");
    const where = `after ${ofTick[point - 1]}, call ${point}`;
    const outcome = await tick(doomed).catch(({ name }: Error) => name);
    // A judge whose client died cannot be reached: said so, and then nothing else can be either.
    expect({ where, outcome }).toEqual({ where, outcome: expect.stringMatching(/^(Crash|JudgeUnreachable)$/) });
    restart();
    await tick(w.start(at(alarmAt + 2)));
    // An answer of the judge that nobody heard is asked for again, and paid once by the ledger.
    const { paid, ...after } = await end(w);
    const { paid: _, ...wanted } = expected;
    expect({ where, ...after }).toEqual({ where, ...wanted });
    expect(new Set(paid).size).toBe(baseline.anchors.length);
  }
});
