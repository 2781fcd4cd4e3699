import { CloudWatchClient, GetMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { DescribeEndpointCommand, DescribeEndpointConfigCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { watchCapacity } from "../../functions/drift/capacity.ts";
import type { CoverageDeps } from "../../functions/drift/coverage.ts";
import { readOpenFindings } from "../../shared/aws/monitorFindings.ts";
import { parseAssay } from "../../shared/config/load.ts";
import { hourMs } from "../../shared/monitoring/windows.ts";
import { crashing, startWire, type Wire } from "./wire.ts";

let wire: Wire;
beforeAll(async () => {
  wire = await startWire();
});
afterAll(() => wire.stop());

const region = "eu-west-1";
const startMs = Date.parse("2026-03-02T00:05:00Z");
const dayMs = 24 * hourMs;
const assay = parseAssay(
  JSON.stringify({
    endpoints: {
      chat: {
        variants: ["stable"],
        latency: { p90OverMs: 1_500 },
        servingBudget: { usdPerDay: 100, usdPerInstanceHour: { "ml.g5.xlarge": 1.5 } },
      },
    },
  }),
  "assay.yml",
);

/** An instance takes 1000 requests an hour at most, 667 of them in time; `peak`: those of 09:00 a week before the day that is looked at. */
async function world(peak: { requests: number }) {
  const { table, s3, resultsBucket } = await wire.fresh();
  const sent: { id: string; status: string; because: string }[] = [];
  const start = (nowMs: number): CoverageDeps => {
    const hours = Array.from({ length: 8 * 24 }, (_, k) => new Date(Math.floor(nowMs / hourMs) * hourMs - (k + 1) * hourMs));
    const load = hours.map((at) => (at.getUTCHours() === 9 ? peak.requests : 300 + 10 * at.getUTCHours()));
    const cloudwatch = new CloudWatchClient({ region });
    mockClient(cloudwatch)
      .on(GetMetricDataCommand)
      .callsFake(({ MetricDataQueries }) => ({
        MetricDataResults: MetricDataQueries.flatMap(
          ({ Id, MetricStat }: { Id: string; MetricStat: { Metric: { MetricName: string } } }) => {
            const { MetricName } = MetricStat.Metric;
            const Values = MetricName.startsWith("Invocations")
              ? load
              : MetricName === "ModelLatency"
                ? load.map((x) => 500_000 / (1 - Math.min(x, 990) / 1_000))
                : null;
            return Values === null ? [] : [{ Id, Timestamps: hours, Values }];
          },
        ),
      }));
    const sagemaker = new SageMakerClient({ region });
    mockClient(sagemaker)
      .on(DescribeEndpointCommand)
      .resolves({ EndpointConfigName: "c", ProductionVariants: [{ VariantName: "stable", CurrentInstanceCount: 1 }] })
      .on(DescribeEndpointConfigCommand)
      .resolves({ ProductionVariants: [{ VariantName: "stable", ModelName: "m", InstanceType: "ml.g5.xlarge" }] });
    const lambda = new LambdaClient({ region });
    mockClient(lambda)
      .on(InvokeCommand)
      .callsFake(({ Payload }) => {
        sent.push((JSON.parse(Payload) as { finding: (typeof sent)[number] }).finding);
        return { StatusCode: 202 };
      });
    return { cloudwatch, sagemaker, lambda, s3, table, resultsBucket, assay, remediateFunction: "remediate", nowMs: () => nowMs };
  };
  return { start, sent, table, resultsBucket };
}

test("a usual peak that would be too much is found once, sent at every tick, and closed on the day on which it fits", async () => {
  const peak = { requests: 900 };
  const { start, sent, table, resultsBucket } = await world(peak);
  for (const tick of [0, 1]) await watchCapacity("chat", start(startMs + tick * 900_000));
  expect(sent).toMatchObject([{ status: "open" }, { status: "open", id: sent[0]!.id }]);
  expect(sent[0]!.because).toMatch(
    /^the usual peak .* 900 requests at the usual peak \(09:00 UTC, 1 weeks\).* 36 USD a day more$/,
  );
  expect(await readOpenFindings(table, "chat")).toMatchObject([{ cause: "capacity", variant: "stable" }]);

  peak.requests = 350;
  await watchCapacity("chat", start(startMs + dayMs));
  expect(sent.at(-1)).toMatchObject({ id: sent[0]!.id, status: "closed" });
  expect(await readOpenFindings(table, "chat")).toEqual([]);
  expect(Object.keys(await wire.objects(resultsBucket))).toEqual(
    ["2026-03-02", "2026-03-03"].map((date) => `capacity/endpoint=chat/date=${date}.json`),
  );
});

test("a crash at any call leaves one finding, which the next tick sends", async () => {
  for (const how of ["lost", "done"] as const) {
    for (let n = 1; n <= 7; n++) {
      const { start, sent, table } = await world({ requests: 900 });
      const deps = start(startMs);
      const { restart } = crashing([deps.table.client, deps.s3, deps.cloudwatch, deps.sagemaker, deps.lambda], n, how);
      await expect(watchCapacity("chat", deps)).rejects.toThrow(how === "lost" ? "before" : "after");
      restart();
      await watchCapacity("chat", start(startMs + 900_000));
      expect(new Set(sent.map(({ id }) => id)).size).toBe(1);
      expect(await readOpenFindings(table, "chat")).toHaveLength(1);
    }
  }
});
