import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { addToMixture, lnEvidenceOf, newMixture, type StartMixture } from "../../../shared/statistics/startMixture.ts";

type Fold = { opens: boolean; up: number };

/** Every way in which coins may fall: a factor of 1.5 or 0.5, each as likely. */
function everyPath(folds: readonly Fold[]): StartMixture[] {
  return folds.reduce<StartMixture[]>(
    (paths, { opens, up }) =>
      paths.flatMap((path) => [addToMixture(path, [Math.log(1 + up)], opens), addToMixture(path, [Math.log(1 - up)], opens)]),
    [newMixture()],
  );
}

test("by chance alone its mean is 1 after any folds, whenever starts open", () => {
  const fold = fc.record({ opens: fc.boolean(), up: fc.double({ min: 0.05, max: 0.9, noNaN: true }) });
  fc.assert(
    fc.property(fc.array(fold, { minLength: 1, maxLength: 7 }), (folds) => {
      const paths = everyPath(folds);
      const mean = paths.reduce((sum, path) => sum + Math.exp(lnEvidenceOf(path, 0, 1)), 0) / paths.length;
      expect(mean).toBeCloseTo(1, 9);
    }),
    { numRuns: 30 },
  );
});

test("a change at the d-th start pays ln(d (d + 1)), and keeps its bets apart", () => {
  let mixture = newMixture();
  expect(lnEvidenceOf(mixture, 0, 2)).toBe(0);
  for (let day = 0; day < 9; day++) mixture = addToMixture(mixture, [-50, -50], true);
  for (let day = 0; day < 10; day++) mixture = addToMixture(mixture, [5, -50], day === 0);
  expect(lnEvidenceOf(mixture, 0, 1)).toBeCloseTo(50 - Math.log(10 * 11), 6);
  expect(lnEvidenceOf(mixture, 1, 2)).toBeCloseTo(-Math.log(11), 6);
});
