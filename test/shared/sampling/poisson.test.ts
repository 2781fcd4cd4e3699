import { expect, test } from "@jest/globals";
import { isChosen, unitHash } from "../../../shared/sampling/poisson.ts";

const ids = Array.from({ length: 20_000 }, (_, i) => `event-${i}`);
/** Of a chi-square with 99 degrees of freedom, the quantile that 1 in 1,000 uniform draws pass. */
const chiSquare99 = 148.23;

function chiSquareOfHundredths(values: number[]): number {
  const counts = new Array<number>(100).fill(0);
  for (const value of values) counts[Math.floor(value * 100)]! += 1;
  const expected = values.length / 100;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

test("the hash of an id is pinned: a new one would choose others in the middle of a window", () => {
  expect(unitHash("assay:judge:v1", "b1c2d3e4-0001-4000-8000-000000000001")).toBe(0.9311197476061075);
});

test("hashes of ids in a row are uniform", () => {
  const hashes = ids.map((id) => unitHash("assay:judge:v1", id));
  expect(Math.min(...hashes)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...hashes)).toBeLessThan(1);
  expect(chiSquareOfHundredths(hashes)).toBeLessThan(chiSquare99);
});

test("another salt draws independently", () => {
  // The sum of two independent uniform numbers, less its whole part, is uniform; twice the same would leave half the bins empty.
  const sums = ids.map((id) => (unitHash("assay:judge:v1", id) + unitHash("another", id)) % 1);
  expect(chiSquareOfHundredths(sums)).toBeLessThan(chiSquare99);
});

test.each([0, 0.05, 0.2, 0.7, 1])("π = %d chooses about that share", (pi) => {
  const chosen = ids.filter((id) => isChosen(id, pi)).length;
  expect(Math.abs(chosen - pi * ids.length)).toBeLessThanOrEqual(4 * Math.sqrt(ids.length * pi * (1 - pi)));
});

test("the same event meets the same fate, and a greater π keeps whom a smaller one chose", () => {
  const chosen = (pi: number) => ids.filter((id) => isChosen(id, pi));
  expect(chosen(0.1)).toEqual(chosen(0.1));
  const more = new Set(chosen(0.3));
  expect(chosen(0.1).every((id) => more.has(id))).toBe(true);
});
