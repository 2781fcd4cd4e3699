import { expect, test } from "@jest/globals";
import { costPerGood, costPerGoodOfMeans, costRatio, pairedCostRatio } from "../../../shared/statistics/costPerGood.ts";
import {
  addDifference,
  bettingInterval,
  intervalOfFinishedSet,
  intervalWhileWatching,
  lnEvidenceAbove,
  lowerMean,
  noDifferences,
  verdictOf,
} from "../../../shared/statistics/pairedDifference.ts";
import { casesOf, expectClose } from "./vectors.ts";

const differencesOf = (ds: readonly number[]) => {
  const differences = noDifferences();
  for (const d of ds) addDifference(differences, d);
  return differences;
};

type Paired = { d: number[]; alpha: number; tol: number };
type Expected = {
  method: string;
  low: number;
  high: number;
  bettingLow: number;
  bettingHigh: number;
  verdict: string;
  onceLow: number | null;
  onceHigh: number;
};
test.each(casesOf<Paired, Expected>("paired"))("paired: $name", ({ input: { d, alpha, tol }, expected }) => {
  const differences = differencesOf(d);
  const watching = intervalWhileWatching(differences, alpha);
  const betting = { low: expected.bettingLow, high: expected.bettingHigh };
  expectClose(watching, { low: expected.low, high: expected.high });
  expectClose(bettingInterval(differences, alpha), betting);
  expect(differences.differing < 30 ? "betting" : "asymptotic").toBe(expected.method);
  expect(verdictOf(watching, tol)).toBe(expected.verdict);
  const once = expected.onceLow === null ? betting : { low: expected.onceLow, high: expected.onceHigh };
  expectClose(intervalOfFinishedSet(differences, alpha), once);
});

type Values = { u: number[]; m: number; alpha: number };
test.each(casesOf<Values, { logE: number; lower: number }>("lower-mean"))(
  "lower-mean: $name",
  ({ input: { u, m, alpha }, expected }) => {
    const values = u.map((value) => ({ u: value, count: 1 }));
    expectClose({ logE: lnEvidenceAbove(values, m), lower: lowerMean(values, alpha) }, expected);
  },
);

type Costs = { costs?: number[]; goods: number[]; costMean: number; costSe: number; goodMean: number; goodSe: number };
test.each(casesOf<Costs, object>("cost-per-good"))("cost-per-good: $name", ({ input, expected }) => {
  const { costs, goods, costMean, costSe, goodMean, goodSe } = input;
  const cost = costs
    ? costPerGood(costs.map((cost, i) => ({ cost, good: goods[i]! })))
    : costPerGoodOfMeans({ mean: costMean, standardError: costSe }, { mean: goodMean, standardError: goodSe });
  expectClose(cost, expected);
});

test.each([
  { it: "surely not zero, and inside the tolerance", low: 0.005, high: 0.015, verdict: "equivalent" },
  { it: "surely below zero, and inside the tolerance", low: -0.015, high: -0.005, verdict: "equivalent" },
  { it: "on the tolerance is not inside", low: 0.005, high: 0.02, verdict: "better" },
  { it: "above zero", low: 0.001, high: 0.4, verdict: "better" },
  { it: "below zero", low: -0.4, high: -0.001, verdict: "worse" },
  { it: "around zero, and wide", low: -0.01, high: 0.03, verdict: "undecided" },
  { it: "from zero on", low: 0, high: 0.03, verdict: "undecided" },
])("an interval $it: $verdict", ({ low, high, verdict }) => expect(verdictOf({ low, high }, 0.02)).toBe(verdict));

test("no pair leaves everything open, one pair nearly so", () => {
  expect(intervalWhileWatching(noDifferences(), 0.05)).toEqual({ low: -1, high: 1 });
  const { low, high } = intervalOfFinishedSet(differencesOf([1]), 0.05);
  expect([low < -0.9, high]).toEqual([true, 1]);
});

test("swapping A and B mirrors the interval", () => {
  const ds = [0.5, -0.25, 0, 1, 0.25];
  const { low, high } = bettingInterval(differencesOf(ds), 0.05);
  expectClose(bettingInterval(differencesOf(ds.map((d) => -d)), 0.05), { low: -high, high: -low });
});

const records = [2, 3, 5, 4, 6, 3].map((cost, i) => ({ cost, good: i % 3 ? 1 : 0.5 }));
const dearer = records.map(({ cost, good }) => ({ cost: 2 * cost, good }));
test("what both variants share cancels in pairs, and adds up otherwise", () => {
  const paired = pairedCostRatio(records.map((a, i) => ({ a, b: dearer[i]! })))!;
  expectClose(paired, { ratio: 2, vLog: 0, low: 2, high: 2 });
  const apart = costRatio(costPerGood(records)!, costPerGood(dearer)!);
  expectClose(apart, { ratio: 2, vLog: 2 * costPerGood(records)!.vLog });
});

test.each([
  {
    it: "nothing good",
    cost: costPerGood([
      { cost: 1, good: 0 },
      { cost: 2, good: 0 },
    ]),
  },
  {
    it: "no cost",
    cost: costPerGood([
      { cost: 0, good: 1 },
      { cost: 0, good: 1 },
    ]),
  },
  { it: "one record", cost: costPerGood([{ cost: 1, good: 1 }]) },
  { it: "pairs without anything good", cost: pairedCostRatio(records.map((a) => ({ a, b: { cost: 1, good: 0 } }))) },
])("with $it there is no cost per good answer", ({ cost }) => expect(cost).toBeNull());

test.each([
  { it: "a difference over 1", attempt: () => addDifference(noDifferences(), 1.5), says: "is 1.5" },
  { it: "a difference of NaN", attempt: () => addDifference(noDifferences(), Number.NaN), says: "is NaN" },
  { it: "an interval of NaN", attempt: () => verdictOf({ low: Number.NaN, high: 1 }, 0.02), says: "is NaN" },
  {
    it: "a negative cost",
    attempt: () =>
      costPerGood([
        { cost: -1, good: 1 },
        { cost: 0, good: 1 },
      ]),
    says: "mean cost of -0.5",
  },
])("refuses $it", ({ attempt, says }) => expect(attempt).toThrow(says));
