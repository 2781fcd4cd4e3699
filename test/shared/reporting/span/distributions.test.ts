import { expect, test } from "@jest/globals";
import type { Baseline } from "../../../../shared/monitoring/baseline.ts";
import { emptySummary } from "../../../../shared/monitoring/summary.ts";
import { distributionsOf, ratesOf } from "../../../../shared/reporting/span/distributions.ts";

const summary = {
  ...emptySummary(),
  scores: { empty: { "0": 20, "100": 80 }, repetition: { "20": 3, "90": 1 }, relevance: { "20": 1, "90": 1 } },
};
const books = { total: summary, variants: new Map([["v", summary]]), chosen: new Map() };
const edges = { kind: "edges" as const, edges: [50] };
const share = (binning: object, counts: number[]) => ({ binning, counts, windows: 1, dispersion: null });
const baseline = {
  shares: {
    "score-empty/v": share({ kind: "categories", categories: ["fine", "bad"] }, [95, 5, 0]),
    "score-relevance/v": share(edges, [5, 5]),
    "score-repetition/v": share(edges, [1, 9]),
    "score-repetition/gone": share(edges, [1, 9]),
  },
} as unknown as Baseline;

test("scores stand beside the baseline's shares of the same bins, those first that moved most; variants that are gone do not", () => {
  const drawn = distributionsOf(baseline, books);
  expect(drawn.map(({ caption }) => caption.split(",")[0])).toEqual(["score-repetition", "score-relevance"]);
  expect(drawn[0]).toMatchObject({ baseline: [0.1, 0.9], variants: [{ name: "v", shares: [0.75, 0.25], n: 4 }] });
});

test("without a baseline every score is drawn over ten even bins, all of its answers in them", () => {
  const [first] = distributionsOf(null, books);
  expect(first!.baseline).toBeNull();
  expect(first!.variants[0]!.shares.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
  expect(first!.variants[0]!.shares.at(-1)).toBe(0.8);
});

test("a rate is the share of what is bad, then and now", () =>
  expect(ratesOf(baseline, books)).toEqual([{ signal: "score-empty", variant: "v", before: 0.05, now: 0.2, n: 100 }]));
