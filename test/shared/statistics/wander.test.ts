import { expect, test } from "@jest/globals";
import { chanceFrom } from "../../../bench/chance.ts";
import { wanderOf } from "../../../shared/statistics/wander.ts";

/** A week of hours with 400 pass/fail grades each, whose mean lies by turns over and under 0.9; weights as given. */
function week(deviation: number, seed: number, pi = (_: number) => 0.2) {
  const chance = chanceFrom(seed);
  return Array.from({ length: 168 }, (_, hour) =>
    Array.from({ length: 400 }, (_, i) => ({ y: chance() < 0.9 + (hour % 2 === 0 ? deviation : -deviation) ? 1 : 0, pi: pi(i) })),
  );
}

test.each([
  { it: "says nothing of a mean that stands still", deviation: 0, wander: 0, within: 0 },
  { it: "measures one that wanders by two points", deviation: 0.02, wander: 0.02, within: 0.006 },
  { it: "and by four", deviation: 0.04, wander: 0.04, within: 0.006 },
])("$it", ({ deviation, wander, within }) => {
  for (const seed of [1, 2, 3]) expect(Math.abs(wanderOf(week(deviation, seed)) - wander)).toBeLessThanOrEqual(within);
  const unequal = wanderOf(week(deviation, 4, (i) => (i % 2 === 0 ? 0.1 : 0.4)));
  expect(Math.abs(unequal - wander)).toBeLessThanOrEqual(2 * within);
});

test.each([
  { it: "without any grade", spans: [] },
  {
    it: "with one span",
    spans: [
      [
        { y: 1, pi: 1 },
        { y: 0, pi: 1 },
      ],
    ],
  },
  { it: "with one grade a span", spans: [[{ y: 1, pi: 1 }], [{ y: 0, pi: 1 }]] },
  {
    it: "where all grades are the same",
    spans: [
      [
        { y: 1, pi: 1 },
        { y: 1, pi: 1 },
      ],
      [
        { y: 1, pi: 1 },
        { y: 1, pi: 1 },
      ],
    ],
  },
])("shows nothing $it", ({ spans }) => expect(wanderOf(spans)).toBe(0));
