import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { readCurves, readState } from "../../../local/demo/readCurves.ts";
import type { World } from "../../../local/world.ts";
import { cloudWatchAt, seconds } from "../cloudwatch/cloudWatch.ts";

let cloudWatch: ReturnType<typeof cloudWatchAt>;
const world = () =>
  ({ call: (_: string, operation: string, input: Record<string, unknown>) => cloudWatch.call(operation, input) }) as World;
beforeEach(() => {
  cloudWatch = cloudWatchAt("2026-03-02T12:00:00Z");
});
afterEach(() => cloudWatch.clock.uninstall());

const ms = (time: string) => seconds(time) * 1_000;
async function publish(variant: string, time: string, values: Record<string, number>) {
  for (const [MetricName, Value] of Object.entries(values)) {
    const Dimensions = [
      { Name: "Endpoint", Value: "e" },
      { Name: "Variant", Value: variant },
      ...(MetricName === "Evidence" ? [{ Name: "Signal", Value: "quality" }] : []),
    ];
    await cloudWatch.call("PutMetricData", {
      Namespace: "Assay",
      MetricData: [{ MetricName, Dimensions, Timestamp: seconds(time), Value }],
    });
  }
}
const serve = (variant: string, time: string, latenciesMs: number[]) =>
  cloudWatch.call(
    "PutMetricData",
    {
      Namespace: "AWS/SageMaker",
      MetricData: ["Invocations", "ModelLatency"].map((MetricName) => ({
        MetricName,
        Dimensions: [
          { Name: "EndpointName", Value: "e" },
          { Name: "VariantName", Value: variant },
        ],
        Timestamp: seconds(time),
        Values: latenciesMs.map((latency) => (MetricName === "Invocations" ? 1 : latency * 1_000)),
      })),
    },
    "", // as SageMaker itself
  );

test("in steps of 15 minutes, with gaps where nothing is known", async () => {
  await publish("a", "09:16", { Quality: 0.92, QualityLower: 0.9, QualityUpper: 0.94, Evidence: 0.1 });
  await publish("a", "09:29", { Evidence: 0.4 });
  await serve("a", "09:16", [1_000]);
  await serve("a", "09:40", [2_000, 2_000, 2_000]);
  await serve("b", "09:40", [1_500]);
  const [a, b] = await readCurves(world(), "e", ["a", "b"], ms("09:00"), ms("09:45"));
  const values = (points: readonly { value: number | null }[]) => points.map(({ value }) => value);

  expect(a!.quality.map(({ estimate, lower, upper }) => [estimate, lower, upper])).toEqual([
    [null, null, null],
    [0.92, 0.9, 0.94],
    [null, null, null],
  ]);
  expect(a!.quality.map(({ at }) => at.slice(11, 16))).toEqual(["09:00", "09:15", "09:30"]);
  expect(values(a!.evidence)).toEqual([null, 0.4, null]);
  expect(values(a!.latencyP90Ms)).toEqual([null, 1_000, 2_000]);
  // Nobody asked at nine. Then only a was asked, so b's share is known to be none.
  expect(values(a!.trafficShare)).toEqual([null, 1, 0.75]);
  expect(values(b!.trafficShare)).toEqual([null, 0, 0.25]);
});

test.each([
  { it: "the newest", at: "09:50", is: { quality: { estimate: 0.8, lower: 0.7, upper: 0.85 }, evidence: 1.2 } },
  { it: "nothing that is older than half an hour", at: "10:30", is: { quality: null, evidence: null } },
])("the state of a variant is $it", async ({ at, is }) => {
  await publish("a", "09:30", { Quality: 0.92, QualityLower: 0.9, QualityUpper: 0.94, Evidence: 0.1 });
  await publish("a", "09:45", { Quality: 0.8, QualityLower: 0.7, QualityUpper: 0.85, Evidence: 1.2 });
  expect(await readState(world(), "e", "a", ms(at))).toEqual(is);
});
