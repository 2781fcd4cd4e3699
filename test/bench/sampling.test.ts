import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { samplingPlot } from "../../bench/sampling/plot.ts";
import { sampling } from "../../bench/sampling.ts";

test("the plot of docs/sampling.md is what the simulation shows", () =>
  expect(readFileSync(new URL("../../docs/sampling.svg", import.meta.url), "utf8")).toBe(samplingPlot()));

test("at the same budget, strata and pacer see the rare segment and every hour, and the mean without bias", async () => {
  const { figures, references } = await sampling.run(1, () => {});
  expect(figures.rareSeen).toBeGreaterThan(0.9);
  expect(references.uniformRareSeen).toBeLessThan(0.3);
  expect(figures.hoursSeen).toBe(1);
  expect(references.firstComeHoursSeen).toBeLessThan(0.5);
  expect(figures.budgetUsedMax).toBeLessThanOrEqual(1);
  expect(figures.falseAlarmsPer90Days).toBe(0);
  expect(figures.judgedUntilDropFound).toBeLessThan(2_000);
  expect(Math.abs(figures.bias!)).toBeLessThan(0.02); // four standard errors of a day's mean
});
