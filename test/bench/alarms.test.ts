import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";
import { play } from "../../bench/alarms/month.ts";

const main = fileURLToPath(new URL("../../bench/main.ts", import.meta.url));

test("the bench of alarms ends with its figures beside the declared rate and the other rules", () => {
  const { stdout } = spawnSync(process.execPath, [main, "alarms", "--runs", "2", "--json"], { encoding: "utf8" });
  const { bench, figures, references } = JSON.parse(stdout);
  expect(bench).toBe("alarms");
  expect(references).toMatchObject({
    declared: 1,
    tunedZDelayDrop20: expect.any(Number),
    evidentlyFalseAlarmsPer90Days: expect.any(Number),
  });
  expect(figures.falseAlarmsPer90Days).toBeLessThanOrEqual(1);
  expect(figures.delayDrop20).toBeGreaterThan(5);
  expect(figures.delayDrop20).toBeLessThan(1000);
  expect(figures.delayDrop20OverTunedZ).toBeCloseTo(figures.delayDrop20 / references.tunedZDelayDrop20, 9);
});

test("quality that wanders by four points wakes people, and freezing the baseline had warned of it", () => {
  const month = play({ seed: 3, world: "wander04", baseline: "dense", z: 4 });
  expect(month.alarms).toBeGreaterThan(0);
  expect(month.warned).toBe(true);
});
