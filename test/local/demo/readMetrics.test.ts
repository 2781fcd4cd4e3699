import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { readMetrics, readState } from "../../../local/demo/readMetrics.ts";
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
test("in steps of 15 minutes, with gaps where nothing is known", async () => {
  await publish("a", "09:16", { Evidence: 0.1 });
  await publish("a", "09:29", { Evidence: 0.4 });
  const dimensions = { Endpoint: "e", Variant: "a", Signal: "quality" };
  const asked = [{ namespace: "Assay", name: "Evidence", dimensions, stat: "Maximum" }];
  const [values] = await readMetrics(world(), asked, ms("09:00"), ms("09:45"), 900_000);
  expect([...values!]).toEqual([[ms("09:15"), 0.4]]);
});

test.each([
  { it: "the newest", at: "09:50", is: { quality: { estimate: 0.8, lower: 0.7, upper: 0.85 }, evidence: 1.2 } },
  { it: "nothing that is older than half an hour", at: "10:30", is: { quality: null, evidence: null } },
])("the state of a variant is $it", async ({ at, is }) => {
  await publish("a", "09:30", { Quality: 0.92, QualityLower: 0.9, QualityUpper: 0.94, Evidence: 0.1 });
  await publish("a", "09:45", { Quality: 0.8, QualityLower: 0.7, QualityUpper: 0.85, Evidence: 1.2 });
  expect(await readState(world(), "e", "a", ms(at))).toEqual(is);
});
