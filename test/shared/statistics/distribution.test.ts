import { expect, test } from "@jest/globals";
import { applyFold, lnStatistic, newRule } from "../../../shared/statistics/alarmRule.ts";
import {
  type BinReference,
  binEvidence,
  binReferences,
  binsOfCategories,
  binsOfNumbers,
  countBins,
  hitEvidence,
  rateTolerance,
} from "../../../shared/statistics/bins.ts";
import { overdispersion, overdispersionAt } from "../../../shared/statistics/overdispersion.ts";
import { casesOf, expectClose } from "./vectors.ts";

type Bins = { baseline: number[]; D: number; delta: number; alpha0: number; window: number[] };
type Expected = { reference: BinReference[]; logE: number[]; logStatisticFirstWindow: number };
test.each(casesOf<Bins, Expected>("bins"))("bins: $name", ({ input: { baseline, D, delta, alpha0, window }, expected }) => {
  const references = binReferences(baseline, D, delta, alpha0);
  expectClose(references, expected.reference);
  const evidence = binEvidence(references, window, D);
  expectClose(evidence.lnE, expected.logE);
  expectClose(lnStatistic(applyFold(newRule(evidence.lnE.length), 1, evidence, 12)), expected.logStatisticFirstWindow);
});

type Windows = { windows: number[][]; n: number; nBar: number };
test.each(casesOf<Windows, object>("overdispersion"))("overdispersion: $name", ({ input: { windows, n, nBar }, expected }) => {
  const D = overdispersion(windows);
  expectClose({ D, Dt: overdispersionAt(n, D, nBar) }, expected);
});

const evenly = (n: number) => Object.fromEntries(Array.from({ length: n }, (_, i) => [String(i / 10), 1]));
test.each([
  { it: "a hundred values: nine edges", baseline: evenly(100), edges: [0.9, 1.9, 2.9, 3.9, 4.9, 5.9, 6.9, 7.9, 8.9] },
  { it: "one value that half of all have: its edge once", baseline: { ...evenly(12), "0": 12 }, edges: [0, 0.2, 0.5, 0.7, 0.9] },
  { it: "the largest value is no edge", baseline: { ...evenly(11), "1.1": 30 }, edges: [0.4, 0.8] },
])("edges of $it", ({ baseline, edges }) => expect(binsOfNumbers(baseline)).toEqual({ kind: "edges", edges }));

test("ten values are categories: nine by frequency and the rest", () => {
  const baseline = { ...evenly(10), "0.5": 9, "0.9": 4 };
  const binning = binsOfNumbers(baseline);
  expect(binning).toEqual({ kind: "categories", categories: ["0.5", "0.9", "0", "0.1", "0.2", "0.3", "0.4", "0.6", "0.7"] });
  expect(countBins(binning, baseline)).toEqual([9, 4, 1, 1, 1, 1, 1, 1, 1, 1]);
});

test("a value on an edge belongs below it, and what the baseline never saw still has a bin", () => {
  expect(
    countBins({ kind: "edges", edges: [0.2, 0.7] }, { "0.2": 1, "0.21": 2, "0.7": 4, "0.71": 8, "-3": 16, "9": 32 }),
  ).toEqual([17, 6, 40]);
  expect(countBins(binsOfCategories({ billing: 5, refunds: 9 }), { billing: 1, "a new kind": 7, __proto__x: 2 })).toEqual([
    0, 1, 9,
  ]);
});

test("a new kind of question is found although the baseline had none of it, and the same mix is quiet", () => {
  const references = binReferences([400, 600, 0], 1, 0.02, 0.05);
  const after = (counts: number[]) => {
    const evidence = binEvidence(references, counts, 1);
    return lnStatistic(applyFold(newRule(evidence.lnE.length), 1, evidence, 12));
  };
  expect(after([30, 50, 20])).toBeGreaterThan(12);
  expect(after([40, 60, 0])).toBeLessThan(0);
});

test("an empty window says nothing, and overdispersion divides", () => {
  const references = binReferences([40, 60], 1, 0.02, 0.05);
  expect(binEvidence(references, [0, 0], 3)).toEqual({ lnE: new Array(24).fill(0), records: 0 });
  const lnE = (Dt: number) => binEvidence(references, [7, 3], Dt).lnE;
  expectClose(
    lnE(4),
    lnE(1).map((x) => x / 4),
  );
});

test("a share that may be everything cannot be exceeded", () => expect(hitEvidence(9, 10, 1, 1)).toEqual([0, 0, 0, 0, 0, 0]));

test.each([
  [0.4, 0.1],
  [0.01, 0.005],
])("the tolerance of a rate of %d is %d", (p, tolerance) => expectClose(rateTolerance(p), tolerance));

test("windows without records and bins that never differ are no overdispersion", () => {
  expect(
    overdispersion([
      [5, 0],
      [9, 0],
      [0, 0],
    ]),
  ).toBe(1);
  expectClose(
    overdispersion([
      [30, 20],
      [0, 0],
      [10, 40],
    ]),
    overdispersion([
      [30, 20],
      [10, 40],
    ]),
  );
});

test.each([
  {
    it: "one window",
    attempt: () =>
      overdispersion([
        [1, 2],
        [0, 0],
      ]),
    says: "at least two with records, not 1",
  },
  { it: "an empty baseline", attempt: () => binReferences([0, 0], 1, 0.02, 0.05), says: "records in the baseline is 0" },
  { it: "bins without a value", attempt: () => binsOfNumbers({ "0.5": 0 }), says: "at least one value" },
  { it: "names as numbers", attempt: () => binsOfNumbers({ "0.5": 1, high: 1 }), says: "not a finite number" },
  { it: "overdispersion under 1", attempt: () => hitEvidence(1, 2, 0.5, 0.5), says: "overdispersion is 0.5" },
  { it: "more hits than records", attempt: () => hitEvidence(3, 2, 0.5, 1), says: "3 hits of 2" },
  { it: "other bins", attempt: () => binEvidence(binReferences([1, 1], 1, 0.02, 0.05), [1, 1, 1], 1), says: "3 bins" },
])("refuses $it", ({ attempt, says }) => expect(attempt).toThrow(says));
