import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { type RegressionRow, ridge } from "../../../shared/statistics/ridge.ts";

const line = (n: number): RegressionRow[] =>
  Array.from({ length: n }, (_, i) => ({ x: [i / n, 1], y: 0.2 + (0.5 * i) / n, weight: 1 + (i % 3) }));

test("records that insist get their line, fewer of them less of it", () => {
  const [many, few] = [ridge(line(10_000), 10), ridge(line(10), 10)];
  expect(many.coefficients[0]).toBeCloseTo(0.5, 2);
  expect(many.intercept).toBeCloseTo(0.2, 2);
  expect(few.coefficients[0]).toBeCloseTo(0.25, 9); // ten records against a penalty of ten
});

test.each([
  { it: "one that never varies", x: [3, 3, 3, 3] },
  { it: "one that never varies, but for rounding", x: [0.1 + 0.2, 0.3, 0.1 + 0.2, 0.3] },
])("a regressor gets no coefficient: $it", ({ x }) => {
  const rows = x.map((value, i) => ({ x: [value], y: i / 4, weight: 1 }));
  expect(ridge(rows, 1)).toEqual({ intercept: 0.375, coefficients: [0] });
});

test("two regressors that are the same share what one would get", () => {
  const twice = line(100).map(({ x, ...row }) => ({ ...row, x: [x[0]!, x[0]!] }));
  const [a, b] = ridge(twice, 1e-6).coefficients;
  expect(a).toBeCloseTo(0.25, 6);
  expect(b).toBeCloseTo(0.25, 6);
});

test("no other line does better by the weighted squares and the penalty", () => {
  const unit = fc.double({ min: 0, max: 1, noNaN: true });
  const row = fc.record({ x: fc.tuple(unit, unit), y: unit, weight: fc.double({ min: 1, max: 20, noNaN: true }) });
  const nudge = fc.tuple(fc.double({ min: -0.1, max: 0.1, noNaN: true }), fc.double({ min: -0.1, max: 0.1, noNaN: true }));
  fc.assert(
    fc.property(fc.array(row, { minLength: 3, maxLength: 12 }), nudge, (rows, [da, db]) => {
      const W = rows.reduce((sum, { weight }) => sum + weight, 0);
      const mean = (of: (row: RegressionRow) => number) => rows.reduce((sum, each) => sum + each.weight * of(each), 0) / W;
      const [m0, m1] = [mean(({ x }) => x[0]!), mean(({ x }) => x[1]!)];
      const [s0, s1] = [Math.sqrt(mean(({ x }) => (x[0]! - m0) ** 2)), Math.sqrt(mean(({ x }) => (x[1]! - m1) ** 2))];
      fc.pre(s0 > 0.01 && s1 > 0.01);
      const yBar = mean(({ y }) => y);
      const loss = (b0: number, b1: number) =>
        rows.length * mean(({ x, y }) => (y - yBar - b0 * (x[0]! - m0) - b1 * (x[1]! - m1)) ** 2) +
        2 * ((b0 * s0) ** 2 + (b1 * s1) ** 2);
      const [b0, b1] = ridge(rows, 2).coefficients as [number, number];
      expect(loss(b0, b1)).toBeLessThanOrEqual(loss(b0 + da, b1 + db) + 1e-9);
    }),
    { numRuns: 50 },
  );
});

test("without rows there is no model", () => {
  expect(() => ridge([], 1)).toThrow("no rows");
});
