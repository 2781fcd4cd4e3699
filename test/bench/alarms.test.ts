import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";

const main = fileURLToPath(new URL("../../bench/main.ts", import.meta.url));

test("the bench of alarms ends with its figures beside the declared rate, and the same seeds give the same figures", () => {
  const run = () => spawnSync(process.execPath, [main, "alarms", "--runs", "2", "--json"], { encoding: "utf8" }).stdout;
  const line = JSON.parse(run());
  expect(line).toMatchObject({ bench: "alarms", references: { declared: 1 } });
  expect(line.figures.falseAlarmsPer90Days).toBeLessThanOrEqual(1);
  expect(line.figures.delayDropJudged).toBeGreaterThan(5);
  expect(line.figures.delayDropHours).toBeLessThanOrEqual(2);
  expect(JSON.parse(run())).toEqual(line);
});
