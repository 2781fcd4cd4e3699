import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { gradeBets, K } from "../../../shared/statistics/bets.ts";
import {
  addEvidence,
  type Evidence,
  type GradedRow,
  gradeDirection,
  gradeEvidence,
  type LateRow,
} from "../../../shared/statistics/gradeEvidence.ts";
import { everySample, sum } from "./everySample.ts";
import { casesOf, expectClose } from "./vectors.ts";

const J = gradeBets.length;
/** A reference whose bets on a drop have this m; the bets on a rise get 0.95. */
const dropFrom = (m: number) => ({ low: 1 - m, high: 0.95 });
const drops = ({ lnE }: Evidence) => lnE.slice(0, J);
const rises = ({ lnE }: Evidence) => lnE.slice(J);

type Bet = { kappa: number; m: number; beta: number; piRef: number };
// The product bets without the prediction (beta 0). What the other cases say of beta > 0 has no counterpart, but lambda and,
// where the prediction does not enter it, the bound do not depend on beta.
test.each(casesOf<Bet, { lam: number; bound: number }>("bet"))("bet: $name", ({ input: { kappa, m, beta, piRef }, expected }) => {
  const j = gradeBets.findIndex((bet) => Math.abs(bet - kappa) < 1e-12);
  const worst = drops(gradeEvidence(piRef, dropFrom(m), [{ y: 0, pi: piRef }]))[j]!;
  expectClose(Math.expm1(worst) / (1 - m), expected.lam);
  if (beta > 0 && piRef < 1) return;
  // A conversation of k good answers stakes s k bound, s = K/(k bound).
  const k = 60;
  const good = Array.from({ length: k }, () => ({ y: 1, pi: piRef, conversation: "c" }));
  expectClose(
    drops(gradeEvidence(piRef, dropFrom(m), good))[j]!,
    Math.log1p(-Math.min(1, K / (k * expected.bound)) * k * expected.bound),
  );
});

type Row = { y: number; f: number; pi: number; conv?: string };
type Window = {
  piRef: number;
  judged: Row[];
  failed?: { pi: number }[];
  late?: { y: number; pi: number; piRef: number; m: number }[];
};
type WindowCase = { window: Window; m: number; beta: number };
const withoutPrediction = casesOf<WindowCase, { logE: number[] }>("window-evidence").filter(({ input }) => input.beta === 0);
test.each(withoutPrediction)("window-evidence: $name", ({ input: { window, m }, expected }) => {
  const rows: GradedRow[] = [
    ...window.judged.map(({ y, pi, conv }) => (conv === undefined ? { y, pi } : { y, pi, conversation: conv })),
    ...(window.failed ?? []).map(({ pi }) => ({ y: null, pi })),
  ];
  const late = (window.late ?? []).map(({ m, ...row }) => ({ ...row, reference: dropFrom(m) }));
  expectClose(drops(gradeEvidence(window.piRef, dropFrom(m), rows, late)), expected.logE);
});
test("five cases of window-evidence are without prediction", () => expect(withoutPrediction).toHaveLength(5));

test("a rise is a drop of what is missing to 1", () => {
  const rows = [0, 0.3, 0.9, 1, 1].map((y, i) => ({ y, pi: i % 2 ? 0.2 : 0.1, ...(i > 2 ? { conversation: "c" } : {}) }));
  const late = { y: 0.7, pi: 0.5, piRef: 0.25, reference: { low: 0.6, high: 0.8 } };
  const mirrored = { ...late, y: 1 - late.y, reference: { low: 1 - 0.8, high: 1 - 0.6 } };
  const evidence = gradeEvidence(0.1, { low: 0.7, high: 0.85 }, rows, [late]);
  const ofTheRest = gradeEvidence(
    0.1,
    { low: 1 - 0.85, high: 1 - 0.7 },
    rows.map((row) => ({ ...row, y: 1 - row.y })),
    [mirrored],
  );
  expectClose(rises(evidence), drops(ofTheRest));
  expectClose(drops(evidence), rises(ofTheRest));
  expect([0, J - 1, J, 2 * J - 1].map(gradeDirection)).toEqual(["drop", "drop", "rise", "rise"]);
});

test("good answers speak for a rise and against a drop, bad ones the other way round", () => {
  const signs = (y: number) => {
    const evidence = gradeEvidence(
      0.5,
      { low: 0.7, high: 0.8 },
      Array.from({ length: 5 }, () => ({ y, pi: 0.5 })),
    );
    return [drops(evidence), rises(evidence)].map((lnE) => lnE.every((x) => x > 0));
  };
  expect([signs(1), signs(0)]).toEqual([
    [false, true],
    [true, false],
  ]);
});

const reference = { low: 0.8, high: 0.9 };
const one = (row: GradedRow) => gradeEvidence(0.1, reference, [row]).lnE;
const lateOf = (row: Partial<LateRow>): LateRow => ({ y: 0, pi: 0.1, piRef: 0.1, reference, ...row });
const lnE = (...late: LateRow[]) => gradeEvidence(0.5, reference, [], late).lnE;
test.each([
  {
    it: "a record of a conversation of one counts as a single record",
    a: one({ y: 0, pi: 0.2, conversation: "c" }),
    b: one({ y: 0, pi: 0.2 }),
  },
  { it: "a late row counts as it would have in its own window", a: lnE(lateOf({})), b: one({ y: 0, pi: 0.1 }) },
  {
    it: "a late row is held against its own window's reference",
    a: lnE(lateOf({ reference: { low: 0.6, high: 0.7 } })),
    b: gradeEvidence(0.1, { low: 0.6, high: 0.7 }, [{ y: 0, pi: 0.1 }]).lnE,
  },
  {
    it: "a late row has the weight of its own window",
    a: lnE(lateOf({ pi: 0.4 })),
    b: gradeEvidence(0.1, reference, [{ y: 0, pi: 0.4 }]).lnE,
  },
  { it: "a record without a grade is neutral", a: one({ y: null, pi: 0.3 }), b: new Array(2 * J).fill(0) },
  {
    it: "a record four times as likely counts a quarter",
    a: [Math.expm1(one({ y: 0, pi: 0.4 })[0]!)],
    b: [Math.expm1(one({ y: 0, pi: 0.1 })[0]!) / 4],
  },
  {
    it: "a reference under 0 leaves m at 0.999",
    a: gradeEvidence(1, { low: -0.1, high: 1.1 }, [{ y: 0, pi: 1 }]).lnE,
    b: gradeEvidence(1, { low: 0.001, high: 0.999 }, [{ y: 0, pi: 1 }]).lnE,
  },
])("$it", ({ a, b }) => expectClose(a, b));

test("records count, failed ones do not", () => {
  expect(
    gradeEvidence(
      0.1,
      reference,
      [
        { y: 1, pi: 0.1 },
        { y: null, pi: 0.1 },
      ],
      [lateOf({})],
    ).records,
  ).toBe(2);
});

test.each<{ it: string; piRef: number; row: GradedRow; says: string }>([
  { it: "π under piRef", piRef: 0.2, row: { y: 1, pi: 0.1 }, says: "pi is 0.1, under its window's smallest, piRef 0.2" },
  { it: "π under piRef, also of a failed record", piRef: 0.2, row: { y: null, pi: 0.1 }, says: "under its window's smallest" },
  { it: "a grade over 1", piRef: 0.1, row: { y: 1.01, pi: 0.1 }, says: "y is 1.01" },
  { it: "a grade of NaN", piRef: 0.1, row: { y: Number.NaN, pi: 0.1 }, says: "y is NaN" },
  { it: "a π of NaN", piRef: 0.1, row: { y: 1, pi: Number.NaN }, says: "pi is NaN" },
  { it: "a piRef of 0", piRef: 0, row: { y: 1, pi: 0.1 }, says: "piRef is 0" },
])("refuses $it", ({ piRef, row, says }) => expect(() => gradeEvidence(piRef, reference, [row])).toThrow(says));
test.each([
  { it: "π under its own piRef", row: lateOf({ pi: 0.05 }), says: "piRef 0.1" },
  { it: "a grade under 0", row: lateOf({ y: -1 }), says: "y is -1" },
  { it: "a reference of NaN", row: lateOf({ reference: { low: Number.NaN, high: 1 } }), says: "reference is NaN" },
])("refuses a late row with $it", ({ row, says }) => expect(() => gradeEvidence(0.5, reference, [], [row])).toThrow(says));

const unit = fc.double({ min: 0, max: 1, noNaN: true });
const graded = fc.record({ y: unit, pi: fc.double({ min: 0.1, max: 1, noNaN: true }) });

test("over all samples the sampler can draw, no factor is worth more than 1 while the window's own mean is harmless", () => {
  fc.assert(
    fc.property(fc.array(graded, { minLength: 1, maxLength: 7 }), (all) => {
      const mean = sum(all.map(({ y }) => y)) / all.length;
      fc.pre(mean >= 0.001 && mean <= 0.999); // beyond, the bets are placed on 0.001 and 0.999
      const samples = everySample(all).map(({ probability, chosen }) => {
        // The reference is the mean itself: the very edge of harmless, for both directions.
        const { lnE } = gradeEvidence(0.1, { low: mean, high: mean }, chosen);
        return { probability, lnE };
      });
      for (let j = 0; j < 2 * J; j++) {
        expect(sum(samples.map(({ probability, lnE }) => probability * Math.exp(lnE[j]!)))).toBeLessThanOrEqual(1 + 1e-9);
      }
    }),
  );
});

test("no record and no conversation can take more than K of the evidence", () => {
  fc.assert(
    fc.property(fc.array(graded, { minLength: 1, maxLength: 30 }), unit, unit, (rows, x, y) => {
      const reference = { low: Math.min(x, y), high: Math.max(x, y) };
      const together = gradeEvidence(
        0.1,
        reference,
        rows.map((row) => ({ ...row, conversation: "c" })),
      );
      expect(Math.min(...together.lnE)).toBeGreaterThanOrEqual(Math.log(1 - K) - 1e-9);
    }),
  );
});

test("evidence adds: a day is the sum of its windows, in any order and grouping", () => {
  const eighths = fc.record<Evidence>({
    lnE: fc.array(
      fc.integer({ min: -80, max: 80 }).map((i) => i / 8),
      { minLength: 12, maxLength: 12 },
    ),
    records: fc.nat(50),
  });
  fc.assert(
    fc.property(eighths, eighths, eighths, (a, b, c) => {
      expect(addEvidence(a, b)).toEqual(addEvidence(b, a));
      expect(addEvidence(addEvidence(a, b), c)).toEqual(addEvidence(a, addEvidence(b, c)));
    }),
  );
  const rows = [0, 1, 0.4].map((y) => ({ y, pi: 0.1 }));
  expectClose(rows.map((row) => gradeEvidence(0.1, reference, [row])).reduce(addEvidence), gradeEvidence(0.1, reference, rows));
  expect(() => addEvidence({ lnE: [0], records: 0 }, { lnE: [0, 0], records: 0 })).toThrow("1 bets does not add to that of 2");
});
