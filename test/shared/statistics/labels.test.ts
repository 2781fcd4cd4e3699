import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { agreementOf } from "../../../shared/statistics/agreement.ts";
import { correctedMean, type LabelledRow } from "../../../shared/statistics/labels.ts";
import { casesOf, expectClose } from "./vectors.ts";

type Input = { thetaJudge: number; vJudge: number; rows: LabelledRow[] };
test.each(casesOf<Input, object>("labels-ppi"))("labels-ppi: $name", ({ input: { thetaJudge, vJudge, rows }, expected }) => {
  expectClose(correctedMean({ theta: thetaJudge, variance: vJudge }, rows), expected);
});

test("refuses to correct by nothing", () => {
  expect(() => correctedMean({ theta: 0.5, variance: 0.1 }, [])).toThrow(RangeError);
});

const rowsOf = (counts: readonly [h: number, y: number, times: number][], a = 1): LabelledRow[] =>
  counts.flatMap(([h, y, times]) => Array.from({ length: times }, () => ({ h, y, a })));

test("κ of the textbook's table: 20 and 15 of 50 agree", () => {
  const { agreement, kappa, confusion, bias, n } = agreementOf(
    rowsOf([
      [1, 1, 20],
      [1, 0, 5],
      [0, 1, 10],
      [0, 0, 15],
    ]),
  );
  expect(n).toBe(50);
  expect(agreement.share).toBeCloseTo(0.7, 12);
  expect(kappa!.value).toBeCloseTo(0.4, 12);
  // Cohen's standard error is √(0.7 · 0.3 / 50) / 0.5 = 0.13; Wilson is about as wide, and leans inwards.
  expect(kappa!.low).toBeCloseTo(0.12, 1);
  expect(kappa!.high).toBeCloseTo(0.62, 1);
  expect(confusion).toEqual([
    [expect.closeTo(0.3, 12), 0, expect.closeTo(0.2, 12)],
    [0, 0, 0],
    [expect.closeTo(0.1, 12), 0, expect.closeTo(0.4, 12)],
  ]);
  expect(bias).toBeCloseTo(0.1, 12);
});

test.each([
  {
    it: "grades go to the nearest of 0, 0.5 and 1",
    rows: rowsOf([
      [0.24, 0, 3],
      [0.25, 0.74, 3],
      [0.75, 1, 3],
    ]),
    share: 1,
  },
  { it: "a heavy row counts for many", rows: [...rowsOf([[1, 0, 1]], 9), ...rowsOf([[1, 1, 1]])], share: 0.1 },
])("$it", ({ rows, share }) => expect(agreementOf(rows).agreement.share).toBeCloseTo(share, 12));

test("few that all agree leave κ open, and one bin has none", () => {
  const { kappa } = agreementOf(
    rowsOf([
      [1, 1, 6],
      [0, 0, 6],
    ]),
  );
  expect(kappa).toMatchObject({ value: expect.closeTo(1, 12), high: expect.closeTo(1, 12) });
  expect(kappa!.low).toBeLessThan(0.6);
  expect(agreementOf(rowsOf([[1, 1, 6]])).kappa).toBeNull();
});

test("the interval holds the mean, only the ratios of weights count, and so does agreement's", () => {
  const unit = fc.double({ min: 0, max: 1, noNaN: true });
  const row = fc.record({ h: unit, y: unit, a: fc.double({ min: 1, max: 50, noNaN: true }) });
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 9 }), unit, (rows, theta) => {
      const judge = { theta, variance: 0.001 };
      const corrected = correctedMean(judge, rows);
      const t = Math.min(1, Math.max(0, corrected.theta));
      expect(corrected.low - 1e-9 <= t && t <= corrected.high + 1e-9).toBe(true);
      const doubled = rows.map((one) => ({ ...one, a: 2 * one.a }));
      expectClose(correctedMean(judge, doubled), corrected);
      expectClose(agreementOf(doubled), agreementOf(rows));
    }),
    { numRuns: 30 },
  );
});
