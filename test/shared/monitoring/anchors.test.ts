import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { anchorSpread, differencesOf, drawAnchors, storedAnchor } from "../../../shared/monitoring/anchors.ts";

const candidates = Array.from({ length: 300 }, (_, i) => ({ id: `e${i}` }));

test("a hundred anchors are drawn, the same ones from any order", () => {
  const drawn = drawAnchors(candidates);
  expect(new Set(drawn.map(({ id }) => id)).size).toBe(100);
  fc.assert(
    fc.property(fc.shuffledSubarray(candidates, { minLength: 300 }), (shuffled) => expect(drawAnchors(shuffled)).toEqual(drawn)),
    { numRuns: 10 },
  );
  expect(drawAnchors(candidates.slice(0, 7))).toHaveLength(7);
});

const text = { prompt: "May I?", completion: "Yes." };
test.each([
  { it: "the mean of the first three readings", readings: [0.2, 0.4, 0.6, 1], stored: 0.4 },
  { it: "the only one there is", readings: [0.9], stored: 0.9 },
])("stored is $it", ({ readings, stored }) => {
  const read = { id: "a", ...text, readings: readings.map((quality) => ({ quality })) };
  expect(storedAnchor(read)).toEqual({ id: "a", ...text, stored: { quality: expect.closeTo(stored, 12) } });
});

test("an anchor that was never graded is none", () => {
  expect(storedAnchor({ id: "a", ...text, readings: [{}, {}] })).toBeNull();
});

test("the spread is that of the fourth reading, and unknown from fewer than two anchors", () => {
  const anchor = (fourth: number) => ({ id: "a", ...text, readings: [0.5, 0.5, 0.5, fourth].map((quality) => ({ quality })) });
  expect(anchorSpread([anchor(0.4), anchor(0.6)]).quality).toBeCloseTo(Math.SQRT1_2 / 5, 12);
  expect(anchorSpread([anchor(0.4)])).toEqual({});
});

test("differences are new minus stored, of what has both", () => {
  const anchors = [
    { id: "a", stored: { quality: 0.5 }, grades: { quality: 0.75 } },
    { id: "b", stored: { quality: 0.5 }, grades: {} },
  ];
  expect(differencesOf({ time: "2026-11-02T00:00:00Z", anchors }, "quality")).toEqual({ a: 0.25 });
});
