import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { estimateOf, lateSums, meanSeasonal, mergeSums, noSums, sumsOf } from "../../../shared/monitoring/qualitySums.ts";
import { conversationVariance } from "../../../shared/statistics/conversations.ts";
import { estimateMean } from "../../../shared/statistics/estimate.ts";
import { momentsOf } from "../../../shared/statistics/momentBlocks.ts";

const row = fc.record(
  {
    y: fc.double({ min: 0, max: 1, noNaN: true }),
    f: fc.double({ min: 0, max: 1, noNaN: true }),
    pi: fc.double({ min: 0.05, max: 1, noNaN: true }),
    conversation: fc.constantFrom("c1", "c2", "c3"),
  },
  { requiredKeys: ["y", "f", "pi"] },
);

test("the estimate is that of the rows, predictions and conversations included", () => {
  fc.assert(
    fc.property(fc.array(row, { minLength: 2, maxLength: 20 }), fc.constantFrom(0, 0.4, 1), (rows, beta) => {
      const expected = estimateMean(momentsOf(50, 31, rows), beta, conversationVariance(rows, beta))!;
      const actual = estimateOf(sumsOf(50, 31, rows, 0), beta)!;
      expect(actual.theta).toBeCloseTo(expected.theta, 9);
      expect(actual.V).toBeCloseTo(expected.V, 9);
    }),
  );
});

test("windows add, and a late grade adds as if it had been there, but for its conversation", () => {
  const unit = fc.double({ min: 0, max: 1, noNaN: true });
  const single = fc.record({ y: unit, f: unit, pi: fc.double({ min: 0.05, max: 1, noNaN: true }) });
  fc.assert(
    fc.property(fc.array(single, { minLength: 1, maxLength: 9 }), single, (rows, late) => {
      const whole = sumsOf(20, 15, [...rows, late], 0.01);
      const parts = mergeSums(mergeSums(noSums(), sumsOf(20, 15, [...rows, { ...late, y: null }], 0.01)), lateSums([late], 0.01));
      expect(parts.moments.N).toBe(whole.moments.N);
      expect(parts.moments.failed).toBe(0);
      expect(parts.moments.wFailed).toBeCloseTo(0, 9);
      expect(parts.moments.v.ayy).toBeCloseTo(whole.moments.v.ayy, 6);
      expect(parts.moments.sumF).toBe(whole.moments.sumF);
      expect(parts.totals.ayf).toBeCloseTo(whole.totals.ayf, 6);
      expect(meanSeasonal(parts)).toBeCloseTo(0.01, 12);
    }),
  );
});

test("nothing judged is no estimate", () => {
  expect(estimateOf(sumsOf(5, 0, [{ y: null, f: 0, pi: 0.5 }], 0))).toBeNull();
  expect(meanSeasonal(noSums())).toBe(0);
});
