import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { continuousZ } from "../../../shared/statistics/continuousLook.ts";
import { normalQuantile } from "../../../shared/statistics/normal.ts";
import { wilson } from "../../../shared/statistics/wilson.ts";
import { casesOf, expectClose } from "./vectors.ts";

type Mean = { theta: number; nStar: number };
test.each(casesOf<Mean & { z: number }, object>("wilson"))("wilson: $name", ({ input: { theta, nStar, z }, expected }) => {
  expectClose(wilson(theta, nStar, z), expected);
});

type Look = Mean & { recordsSeen: number; recordsStar: number; alpha: number };
test.each(casesOf<Look, object>("cs"))("cs: $name", ({ input: { recordsSeen, recordsStar, alpha, theta, nStar }, expected }) => {
  const z = continuousZ(recordsSeen, recordsStar, alpha);
  expectClose({ z, ...wilson(theta, nStar, z) }, expected);
});

test.each([
  // Of tables; the last from the tail expansion that other implementations agree on.
  [0.5, 0],
  [0.975, 1.959963984540054],
  [0.995, 2.5758293035489004],
  [0.05, -1.6448536269514722],
  [1e-20, -9.262340089798409],
])("the normal quantile of %d is %d", (p, z) => expectClose(normalQuantile(p), z));

test("an interval holds its mean and lies in [0, 1]", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0.5, max: 1e6, noNaN: true }),
      fc.double({ min: 0.1, max: 6, noNaN: true }),
      (theta, nStar, z) => {
        const { low, high } = wilson(theta, nStar, z);
        expect(low >= 0 && low <= theta + 1e-9 && theta - 1e-9 <= high && high <= 1).toBe(true);
      },
    ),
  );
});

test.each([
  { it: "a mean of NaN", attempt: () => wilson(Number.NaN, 10, 2), says: "mean is NaN" },
  { it: "no records", attempt: () => wilson(0.5, 0, 2), says: "nStar is 0" },
  { it: "a quantile of 1", attempt: () => normalQuantile(1), says: "does not exist" },
  { it: "a look at nothing", attempt: () => continuousZ(0, 100, 0.05), says: "N is 0" },
])("refuses $it", ({ attempt, says }) => expect(attempt).toThrow(says));
