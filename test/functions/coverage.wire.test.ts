import { CloudWatchClient, GetMetricDataCommand, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { DescribeEndpointCommand, SageMakerClient, SageMakerServiceException } from "@aws-sdk/client-sagemaker";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { type CoverageDeps, coverEndpoint } from "../../functions/drift/coverage.ts";
import { claimCapture } from "../../shared/aws/claims.ts";
import { readOpenFindings } from "../../shared/aws/monitorFindings.ts";
import { parseAssay } from "../../shared/config/load.ts";
import { summaryKey } from "../../shared/monitoring/resultKeys.ts";
import { emptySummary } from "../../shared/monitoring/summary.ts";
import { hourMs, hourOf, iso, windowMs, windowOf } from "../../shared/monitoring/windows.ts";
import { crashing, startWire, type Wire } from "./wire.ts";

let wire: Wire;
beforeAll(async () => {
  wire = await startWire();
});
afterAll(() => wire.stop());

// No judge and no baseline: captures are watched all the same.
const assay = parseAssay(JSON.stringify({ endpoints: { chat: { variants: ["stable"] } } }), "assay.yml");
const startMs = Date.parse("2026-03-02T09:00:00Z");
const region = "eu-west-1";

/** An endpoint with 100 requests an hour, and the books of the captures of each hour, which come 10 minutes after its end. */
async function world(records: readonly number[]) {
  const fresh = await wire.fresh();
  const published: { name: string; at: string; value: number }[] = [];
  const invoked: { finding: { id: string; cause: string; variant: string; status: string } }[] = [];
  for (const [n, count] of records.entries()) {
    const hour = iso(startMs + n * hourMs);
    const counts = { captured: count, answered: count, modelErrors: 0, inputOnly: 0, outputOnly: 0, quarantined: 0 };
    const summary = { ...emptySummary(), counts: { ...counts, lost: 0 }, hours: { [hour]: { ...counts, records: count } } };
    const window = windowOf(startMs + (n + 1) * hourMs + 10 * 60_000);
    const key = summaryKey(
      window,
      { endpoint: "chat", variant: "stable", hour: hour.slice(0, 13), startedAt: hour },
      `object-${n}`,
    );
    await wire.put(fresh.resultsBucket, key, JSON.stringify({ window, endpoint: "chat", variant: "stable", summary }));
  }
  const start = (nowMs: number, status = "Started"): CoverageDeps => {
    const cloudwatch = new CloudWatchClient({ region });
    mockClient(cloudwatch)
      .on(PutMetricDataCommand)
      .callsFake(({ MetricData }) => {
        for (const { MetricName, Timestamp, Values } of MetricData)
          published.push({ name: MetricName, at: iso(Timestamp.getTime()), value: Values[0] });
        return {};
      })
      .on(GetMetricDataCommand)
      .callsFake(({ MetricDataQueries }) => ({
        MetricDataResults: MetricDataQueries.map(({ Id }: { Id: string }) => ({ Id, Values: [100] })),
      }));
    const sagemaker = new SageMakerClient({ region });
    mockClient(sagemaker)
      .on(DescribeEndpointCommand)
      .callsFake(() => {
        if (status !== "gone")
          return { DataCaptureConfig: { EnableCapture: true, CaptureStatus: status, CurrentSamplingPercentage: 100 } };
        const message = "Could not find endpoint";
        throw new SageMakerServiceException({ name: "ValidationException", message, $fault: "client", $metadata: {} });
      });
    const lambda = new LambdaClient({ region });
    mockClient(lambda)
      .on(InvokeCommand, { FunctionName: "remediate", InvocationType: "Event" })
      .callsFake(({ Payload }) => {
        invoked.push(JSON.parse(Payload));
        return { StatusCode: 202 };
      });
    const { s3, table, resultsBucket } = fresh;
    return { cloudwatch, sagemaker, lambda, s3, table, resultsBucket, assay, remediateFunction: "remediate", nowMs: () => nowMs };
  };
  /** A tick every 15 minutes, from the hour before the first until the last is in the books. */
  const ticks = Array.from({ length: 4 * (records.length + 1) + 3 }, (_, n) => startMs - hourMs + n * windowMs);
  return { ...fresh, start, published, invoked, ticks };
}
const cover = (deps: CoverageDeps) => coverEndpoint({ endpoint: "chat" }, deps);

test("an hour is compared once its captures are in the books; what is lost is found, said at every tick, and ends by itself", async () => {
  const { start, published, invoked, ticks, table, resultsBucket } = await world([100, 100, 0, 100]);
  const done: string[] = [];
  for (const nowMs of ticks) {
    const { hours, findings } = await cover(start(nowMs));
    if (hours > 0) done.push(`${iso(nowMs).slice(11, 16)} ${hours} hour, ${findings} open`);
  }
  expect(done).toEqual(["10:30 1 hour, 0 open", "11:30 1 hour, 0 open", "12:30 1 hour, 1 open", "13:30 1 hour, 0 open"]);
  expect(published.filter(({ name }) => name === "Coverage").map(({ at, value }) => `${at.slice(11, 13)}: ${value}`)).toEqual([
    ...["09: 1", "10: 1", "11: 0", "12: 1"],
  ]);
  const evidence = published.filter(({ name, value }) => name === "Evidence" && value >= 1).map(({ at }) => at.slice(11, 16));
  expect(evidence).toEqual(["12:30", "12:45", "13:00", "13:15"]);
  const told = (status: string) => evidence.map(() => `capture stable ${status}`);
  const said = invoked.map(({ finding }) => `${finding.cause} ${finding.variant} ${finding.status}`);
  expect(said).toEqual([...told("open"), "capture stable closed"]);
  expect(await readOpenFindings(table, "chat")).toEqual([]);
  const kept = (await wire.items(table)).filter(({ sk }) => String(sk).startsWith("finding#"));
  expect(kept).toEqual([
    expect.objectContaining({
      ...{
        status: "closed",
        since: "2026-03-02T11:00:00Z",
        size: -1,
        because: "captures are whole again since 2026-03-02T12:00:00Z",
      },
    }),
  ]);
  const written = await wire.objects(resultsBucket);
  expect(JSON.parse(written["coverage/endpoint=chat/date=2026-03-02/hour=10.json"]!)).toEqual({
    endpoint: "chat",
    hour: "2026-03-02T10:00:00Z",
    variants: [
      expect.objectContaining({
        variant: "stable",
        requests: 100,
        records: 100,
        captured: 100,
        read: 100,
        scored: 100,
        judged: 0,
      }),
    ],
  });
});

test("a crash before or after any call that writes changes nothing", async () => {
  const outcome = async (at: number, how: "lost" | "done") => {
    const { start, table } = await world([100, 0]);
    await cover(start(startMs - hourMs));
    const deps = start(startMs + 2.5 * hourMs); // both hours are due
    const clients = [deps.cloudwatch, deps.sagemaker, deps.lambda, deps.s3, table.client] as never[];
    const { calls, restart } = crashing(clients, at, how);
    const crashed = at !== Number.POSITIVE_INFINITY;
    if (crashed) await expect(cover(deps)).rejects.toThrow();
    else await cover(deps);
    restart();
    if (crashed) await cover(deps);
    const items = (await wire.items(table)).map(({ ttl: _, ...item }) => item);
    const asText = (_: string, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString() : value);
    return { calls, items: JSON.stringify(items, asText) };
  };
  const sound = await outcome(Number.POSITIVE_INFINITY, "done");
  expect(sound.items).toContain("finding#");
  const writes = sound.calls.flatMap((name, i) => (/^(Put|Transact|Invoke)/.test(name) ? [i + 1] : []));
  expect(writes).toHaveLength(7); // of both hours what is kept and published, then the state, its evidence and the finding
  for (const at of writes) {
    for (const how of ["lost", "done"] as const) expect((await outcome(at, how)).items).toBe(sound.items);
  }
});

test("an hour waits while a capture of it is being read, and an endpoint that does not exist is no finding", async () => {
  const { start, table } = await world([100]);
  expect(await cover(start(startMs - hourMs, "gone"))).toEqual({ endpoint: "chat", hours: 0, findings: 0 });
  await cover(start(startMs - hourMs));
  const createdAtMs = startMs + 50 * 60_000;
  const object = { bucket: "c", key: `captures/chat/stable/${hourOf(createdAtMs).slice(0, 10)}`, etag: "e", createdAtMs };
  await claimCapture(table, object, "chat", "somebody", createdAtMs);
  expect(await cover(start(startMs + 1.5 * hourMs))).toMatchObject({ hours: 0 });
  // Longer than four windows nobody waits.
  expect(await cover(start(startMs + 2.25 * hourMs))).toMatchObject({ hours: 1 });
});
