import { expect, test } from "@jest/globals";
import { anchorDirection, anchorEvidence, anchorMargin, judgeShift } from "../../../shared/statistics/anchors.ts";
import { attribute } from "../../../shared/statistics/attribution.ts";
import { casesOf, expectClose } from "./vectors.ts";

type Anchors = { d: number[]; margin: number };
test.each(casesOf<Anchors, { logE: number[] }>("anchors"))("anchors: $name", ({ input: { d, margin }, expected }) => {
  expectClose(anchorEvidence(d, margin), { lnE: expected.logE, records: d.length });
});

type Fall = { q: number; seQ: number; d: number[] };
type Expected = { J: number; seJ: number; S: number; seS: number; verdict: string };
test.each(casesOf<Fall, Expected>("attribution"))(
  "attribution: $name",
  ({ input: { q, seQ, d }, expected: { J, seJ, ...rest } }) => {
    const shift = judgeShift(d)!;
    expectClose(shift, { J, seJ });
    expectClose(attribute(q, seQ, shift), rest);
  },
);

test.each([
  { it: "a judge that got milder hides a drop of the system", q: -0.02, J: 0.06, verdict: "both" },
  { it: "a judge that got milder while quality rose as much", q: 0.06, J: 0.06, verdict: "judge" },
  { it: "a shift of the judge under a hundredth is none", q: 0, J: -0.009, verdict: "undecided" },
  { it: "quality rose and the judge stood still", q: 0.1, J: 0, verdict: "undecided" },
])("$it: $verdict", ({ q, J, verdict }) => expect(attribute(q, 0.01, { J, seJ: 0.002 }).verdict).toBe(verdict));

test("anchors that fell and rose mirror each other", () => {
  const { lnE } = anchorEvidence([-0.2, 0.1, 0], 0.02);
  const mirrored = anchorEvidence([0.2, -0.1, 0], 0.02).lnE;
  expectClose([...lnE.slice(6), ...lnE.slice(0, 6)], mirrored);
  expect([0, 5, 6, 11].map(anchorDirection)).toEqual(["fell", "fell", "rose", "rose"]);
});

test("no anchor ends a day's evidence, not even one that went from one end to the other", () => {
  expect(Math.min(...anchorEvidence([1], 0).lnE)).toBeCloseTo(Math.log(0.03), 9);
});

test.each([
  { sd: 0.01, margin: 0.01 },
  { sd: 0.1, margin: 0.02 },
])("100 anchors whose readings spread by $sd leave a margin of $margin", ({ sd, margin }) =>
  expectClose(anchorMargin(sd, 100, 2), margin),
);

test("a single anchor tells no spread", () => expect(judgeShift([0.1])).toBeNull());

test.each([
  { it: "a difference over 1", attempt: () => anchorEvidence([1.2], 0.01), says: "difference of two grades is 1.2" },
  { it: "a difference of NaN", attempt: () => judgeShift([0, Number.NaN]), says: "is NaN" },
  { it: "a margin of NaN", attempt: () => anchorEvidence([0], Number.NaN), says: "margin is NaN" },
  { it: "a spread under 0", attempt: () => anchorMargin(-1, 100, 2), says: "is -1" },
  { it: "an unknown estimate", attempt: () => attribute(Number.NaN, 0.1, { J: 0, seJ: 0.1 }), says: "cannot be told from NaN" },
])("refuses $it", ({ attempt, says }) => expect(attempt).toThrow(says));
