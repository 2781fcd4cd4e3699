import { expect, test } from "@jest/globals";
import { play as playChange } from "../../bench/alarms/change.ts";
import { play as playMonth } from "../../bench/alarms/month.ts";

test("a drop of 20 points is found within some hundred judged answers", () => {
  const { drop20: delays } = playChange({ seed: 1, z: 4.7 });
  expect(delays.assay).toBeGreaterThan(5);
  expect(delays.assay).toBeLessThan(1000);
  expect(delays.tunedZ).toBeLessThan(1000);
  // The limit for the hourly mean is an hour behind at most.
  expect(delays.hourlyMean).toBeLessThan(120);
});

test("a steady span is quiet, where a limit for the hourly mean alarms every few hours", () => {
  const { alarms, rivals } = playMonth({ seed: 3, world: "steady", baseline: "thin", z: 4.7, days: 3 });
  expect(alarms).toBe(0);
  expect(rivals.hourlyMean).toBeGreaterThan(10);
});
