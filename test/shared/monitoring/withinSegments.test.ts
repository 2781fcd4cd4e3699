import { expect, test } from "@jest/globals";
import { noSums, sumsOf } from "../../../shared/monitoring/qualitySums.ts";
import { changeWithinSegments } from "../../../shared/monitoring/withinSegments.ts";

const graded = (n: number, y: number) =>
  sumsOf(
    n,
    0,
    Array.from({ length: n }, () => ({ y, f: 0, pi: 1 })),
    0,
  );
const then = { bySegment: [{ mu0: 0.9, se0: 0.01, judged: 100 }, { mu0: 0.5, se0: 0.01, judged: 100 }, null] };
const shares = { counts: [700, 300, 0] };

test.each([
  { it: "other shares of the same quality are no change", bins: [graded(10, 0.9), graded(90, 0.5), noSums()], q: 0 },
  { it: "a new segment does not count", bins: [graded(50, 0.9), graded(20, 0.5), graded(90, 0)], q: 0 },
  { it: "a fall counts by the baseline's shares", bins: [graded(20, 0.8), graded(80, 0.3), noSums()], q: -0.7 * 0.1 - 0.3 * 0.2 },
  { it: "a segment with few grades is left out", bins: [graded(20, 0.8), graded(9, 0), noSums()], q: -0.1 },
])("$it", ({ bins, q }) => {
  expect(changeWithinSegments(bins, then, shares, 0)!.q).toBeCloseTo(q, 9);
});

test("what moved for other reasons is taken off", () => {
  expect(changeWithinSegments([graded(20, 0.8), graded(20, 0.4), noSums()], then, shares, -0.1)!.q).toBeCloseTo(0, 9);
});

test("it is unknown where less than half of the baseline's traffic is left", () => {
  expect(changeWithinSegments([noSums(), graded(90, 0.5), graded(90, 0.5)], then, shares, 0)).toBeNull();
});
