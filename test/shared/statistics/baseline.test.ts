import { expect, test } from "@jest/globals";
import { fitDailyCycle, type HourlyRow, seasonalTerm } from "../../../shared/statistics/dailyCycle.ts";
import { afterJudgeMove, referenceOf, shiftedReference } from "../../../shared/statistics/reference.ts";
import { fleetStatistic, thresholdOf } from "../../../shared/statistics/thresholds.ts";
import { casesOf, expectClose } from "./vectors.ts";

type Budget = { budget: number; horizonWindows: number; metrics: number };
type Thresholds = { A: number; lnA: number; alpha0: number; z0: number };
test.each(casesOf<Budget, Thresholds>("thresholds"))("thresholds: $name", ({ input, expected: { A, ...expected } }) => {
  const threshold = thresholdOf(input.budget, input.horizonWindows, input.metrics);
  expectClose(threshold, expected);
  expectClose(Math.exp(threshold.lnA), A);
});

type Fleet = { logR: number[]; lnA: number[] };
test.each(casesOf<Fleet, { logG: number; alarm: boolean }>("fleet"))("fleet: $name", ({ input, expected }) => {
  const logG = fleetStatistic(input.logR.map((lnR, m) => ({ lnR, lnA: input.lnA[m]! })));
  expectClose({ logG, alarm: logG >= 0 }, expected);
});

test("a rule without data adds nothing to the fleet", () => {
  expect(fleetStatistic([{ lnR: -Infinity, lnA: 12 }])).toBe(-Infinity);
});

type Reference = { mu0: number; nStar: number; tol: number; z0: number };
type Edges = { refLow: number; refHigh: number };
test.each(casesOf<Reference, Edges>("reference"))("reference: $name", ({ input: { mu0, nStar, tol, z0 }, expected }) => {
  const { low, high } = referenceOf({ mu0, nStar0: nStar }, tol, z0);
  expectClose({ refLow: low, refHigh: high }, expected);
});

type Cycle = {
  b: number;
  c: number;
  cbar: number;
  sbar: number;
  s2: number;
  statistic: number;
  used: boolean;
  seasonal: number[];
};
test.each(casesOf<{ rows: HourlyRow[]; hours: number[] }, Cycle>("harmonic"))("harmonic: $name", ({ input, expected }) => {
  const { cbar, sbar, seasonal, ...fit } = expected;
  const cycle = fitDailyCycle(input.rows);
  expectClose(cycle, { ...fit, cBar: cbar, sBar: sbar });
  expectClose(
    input.hours.map((hour) => seasonalTerm({ ...cycle, used: true }, hour)),
    seasonal,
  );
  if (!expected.used) expect(input.hours.map((hour) => seasonalTerm(cycle, hour))).toEqual([0, 0, 0]);
});

test.each<{ it: string; rows: HourlyRow[] }>([
  { it: "no record", rows: [] },
  { it: "one hour only", rows: [0, 1, 1].map((y) => ({ hour: 7.5, y, pi: 0.5 })) },
  { it: "two hours only", rows: [0, 1, 1, 0].map((y, i) => ({ hour: i % 2 ? 7.5 : 9.5, y, pi: 0.5 })) },
  { it: "grades that are all alike", rows: Array.from({ length: 48 }, (_, i) => ({ hour: i / 2, y: 0.8, pi: 0.5 })) },
])("with $it there is no daily cycle", ({ rows }) => {
  const cycle = fitDailyCycle(rows);
  expect([cycle.used, seasonalTerm(cycle, 3)]).toEqual([false, 0]);
});

test("a judge that moved takes the baseline along and leaves it less sure", () => {
  const before = { mu0: 0.9, nStar0: 2000 };
  const after = afterJudgeMove(before, { J: -0.06, seJ: 0.006 });
  expectClose(after, { mu0: 0.84, nStar0: (0.84 * 0.16) / (0.09 / 2000 + 0.006 ** 2) });
  expect(afterJudgeMove({ mu0: 0.98, nStar0: 500 }, { J: 0.05, seJ: 0.006 })).toEqual({ mu0: 1, nStar0: 500 });
  expectClose(shiftedReference({ low: 0.8, high: 0.9 }, -0.05), { low: 0.75, high: 0.85 });
});

test.each([
  { it: "no budget", attempt: () => thresholdOf(0, 8640, 10), says: "budget of false alarms is 0" },
  { it: "half a rule", attempt: () => thresholdOf(1, 8640, 0.5), says: "rules is 0.5" },
  { it: "an alarm in every fold", attempt: () => thresholdOf(200, 90, 1), says: "nearly every fold" },
  { it: "a tolerance of NaN", attempt: () => referenceOf({ mu0: 0.9, nStar0: 10 }, Number.NaN, 2), says: "tolerance is NaN" },
  { it: "a grade of 2 in a cycle", attempt: () => fitDailyCycle([{ hour: 1, y: 2, pi: 1 }]), says: "y is 2" },
])("refuses $it", ({ attempt, says }) => expect(attempt).toThrow(says));
