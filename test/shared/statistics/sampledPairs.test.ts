import { expect, test } from "@jest/globals";
import { chanceFrom } from "../../../bench/chance.ts";
import { addDifference, intervalWhileWatching, noDifferences } from "../../../shared/statistics/pairedDifference.ts";
import { compareSampledPairs, type SampledPair } from "../../../shared/statistics/sampledPairs.ts";

const times = (n: number, of: (i: number) => SampledPair): SampledPair[] => Array.from({ length: n }, (_, i) => of(i));

test.each([
  { it: "too few pairs for a verdict", pairs: times(3, () => ({ a: 0, b: 1, pi: 0.1 })), verdict: "undecided" },
  { it: "better in each of forty", pairs: times(40, (i) => ({ a: 0.2, b: 0.4 + (i % 2) / 10, pi: 0.1 })), verdict: "better" },
  { it: "worse in each of forty", pairs: times(40, (i) => ({ a: 0.4 + (i % 2) / 10, b: 0.2, pi: 0.1 })), verdict: "worse" },
  { it: "forty that agree to a hair are too few", pairs: times(40, () => ({ a: 0.5, b: 0.51, pi: 0.1 })), verdict: "undecided" },
  { it: "alike in all of a thousand", pairs: times(1_000, () => ({ a: 1, b: 1, pi: 0.1 })), verdict: "equivalent" },
])("$it", ({ pairs, verdict }) => expect(compareSampledPairs(pairs, 0.05, 0.05)!.verdict).toBe(verdict));

test("a pair that stands for ten counts ten times one that stands for itself", () => {
  const pairs = [...times(100, () => ({ a: 0, b: 0.5, pi: 0.1 })), ...times(1_000, () => ({ a: 0.5, b: 0, pi: 1 }))];
  expect(compareSampledPairs(pairs, 0.02, 0.05)!.difference).toBeCloseTo(0, 12);
});

test.each([
  { it: "few differing", pairs: times(25, (i) => ({ a: 0.5, b: i % 3 === 0 ? 0.5 : 1, pi: 0.3 })) },
  { it: "many differing", pairs: times(300, (i) => ({ a: (i % 7) / 7, b: (i % 5) / 5, pi: 0.3 })) },
])("with equal probabilities it is the comparison of plain pairs: $it", ({ pairs }) => {
  const plain = noDifferences();
  for (const { a, b } of pairs) addDifference(plain, b - a);
  const { low, high } = intervalWhileWatching(plain, 0.05);
  const { lower, upper } = compareSampledPairs(pairs, 0.02, 0.05)!;
  expect([lower, upper]).toEqual([expect.closeTo(low, 9), expect.closeTo(high, 9)]);
});

test("looked at all day, at most one day in twenty calls a difference that there is not", () => {
  const draw = chanceFrom(7);
  const days = Array.from({ length: 300 }, () => {
    const pairs = times(200, () => ({
      a: Math.floor(draw() * 5) / 4,
      b: Math.floor(draw() * 5) / 4,
      pi: draw() < 0.5 ? 0.1 : 0.5,
    }));
    return [20, 40, 80, 120, 160, 200].some((n) =>
      ["better", "worse"].includes(compareSampledPairs(pairs.slice(0, n), 0, 0.05)!.verdict),
    );
  });
  expect(days.filter(Boolean).length / days.length).toBeLessThanOrEqual(0.05);
});
