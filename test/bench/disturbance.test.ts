import { expect, test } from "@jest/globals";
import { disturbance } from "../../bench/faults/disturbance.ts";

const seeds = [1, 2, 3];

test.each(seeds)("disturbance %i lets no function die twice in a row, so that what is tried three times is done", (seed) => {
  const perFunction = Map.groupBy(disturbance(seed).faults, ({ function: name }) => name);
  expect(perFunction.size).toBe(12); // the judge, five tasks of drift, remediate and its five tasks
  for (const faults of perFunction.values()) {
    const dies = new Set(faults.map(({ at }) => ("invocation" in at ? at.invocation : Number.NaN)));
    expect(dies.size).toBeGreaterThan(50);
    expect([...dies].filter((invocation) => dies.has(invocation + 1))).toEqual([]);
  }
});

test("a number names its disturbance", () => {
  expect(disturbance(1)).toEqual(disturbance(1));
  expect(disturbance(1)).not.toEqual(disturbance(2));
});
