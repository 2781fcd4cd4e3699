import { expect, test } from "@jest/globals";
import { compareTags, type TaggedPair } from "../../../shared/statistics/compareTags.ts";
import { lnEvidenceBetter, lnEvidenceWorse, rejectedAtOnce } from "../../../shared/statistics/manyAtOnce.ts";
import { casesOf } from "./vectors.ts";

test.each(casesOf<{ logE: number[]; alpha: number }, { kept: number[] }>("e-bh"))("e-bh: $name", ({ input, expected }) =>
  expect(rejectedAtOnce(input.logE, input.alpha)).toEqual(expected.kept),
);

test("evidence is exact: over all outcomes of a fair coin, an e-value averages to 1 at most", () => {
  const n = 10;
  let mean = 0;
  for (let outcome = 0; outcome < 2 ** n; outcome++) {
    const wins = [...outcome.toString(2)].filter((bit) => bit === "1").length;
    mean +=
      Math.exp(
        lnEvidenceBetter(
          new Map([
            [1, wins],
            [-1, n - wins],
          ]),
        ),
      ) /
      2 ** n;
  }
  expect(mean).toBeCloseTo(1, 9);
});

test("evidence for better is evidence for worse, upside down", () => {
  const [up, down] = [
    new Map([
      [0.5, 9],
      [-0.1, 2],
    ]),
    new Map([
      [-0.5, 9],
      [0.1, 2],
    ]),
  ];
  expect(lnEvidenceBetter(up)).toBeCloseTo(lnEvidenceWorse(down), 12);
  expect(lnEvidenceBetter(up)).toBeGreaterThan(1);
});

const pairs = (n: number, of: (i: number) => [number, number], ...tags: string[]): TaggedPair[] =>
  Array.from({ length: n }, (_, i) => ({ a: of(i)[0], b: of(i)[1], tags }));
const even = (i: number): [number, number] => (i % 2 ? [0.5, 0.9] : [0.9, 0.5]);

test("a tag that is worse is called among many that are not, and untagged questions count nowhere", () => {
  const quality = [
    ...pairs(40, () => [0.9, 0.3], "billing", "en"),
    ...pairs(40, even, "shipping"),
    ...pairs(40, () => [0.1, 0.9]),
    ...Array.from({ length: 20 }, (_, i) => pairs(10, even, `rare-${i}`)).flat(),
  ];
  const compared = compareTags({ quality }, 0.05);
  expect(compared).toHaveLength(23);
  expect(compared.filter(({ verdict }) => verdict !== null)).toEqual(
    ["billing", "en"].map((tag) => ({
      ...{ criterion: "quality", tag, verdict: "worse", difference: expect.closeTo(-0.6, 12) },
      ...{ n: 40, wins: 0, ties: 0, losses: 40 },
    })),
  );
});

test("the more is looked at, the more it takes: what one tag alone shows, among a hundred it does not", () => {
  const shown = pairs(10, () => [0, 1], "t");
  expect(compareTags({ quality: shown }, 0.05)[0]!.verdict).toBe("better");
  const others = Array.from({ length: 100 }, (_, i) => pairs(10, even, `u${i}`)).flat();
  expect(compareTags({ quality: [...shown, ...others] }, 0.05)[0]!.verdict).toBeNull();
});
