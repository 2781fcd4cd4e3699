import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { parseFormula } from "../../../local/cloudwatch/math.ts";

const values: Record<string, number> = { n: 20, share: 0.25, zero: 0, m1: 6, m2: 4 };
const atMs = Date.parse("2026-03-02T09:41:00Z");
const read = (name: string) => values[name] ?? null;

test.each<{ it: string; text: string; gives: number | null }>([
  { it: "a guard that holds", text: "IF(n >= 20, share)", gives: 0.25 },
  { it: "a guard that does not hold: no point", text: "IF(n > 20, share)", gives: null },
  { it: "the other branch", text: "IF(n > 20, share, 0)", gives: 0 },
  { it: "a missing condition", text: "IF(gone >= 20, share, 0)", gives: null },
  { it: "a missing value in the branch that is not chosen", text: "IF(n >= 20, share, gone)", gives: 0.25 },
  { it: "a condition filled first", text: "IF(FILL(gone, 0) >= 20, share, -1)", gives: -1 },
  { it: "FILL of what is there", text: "FILL(share, 9)", gives: 0.25 },
  { it: "FILL with another series", text: "FILL(gone, m1)", gives: 6 },
  { it: "precedence", text: "1 + 2 * m1 - m2 / 2", gives: 11 },
  { it: "left association", text: "10 - 4 - 3", gives: 3 },
  { it: "parentheses and signs", text: "-(m1 - m2) * -2", gives: 4 },
  { it: "comparison under arithmetic", text: "m1 - m2 > 1.5", gives: 1 },
  { it: "a division by zero: no point", text: "m1 / zero", gives: null },
  { it: "an operand without a point", text: "m1 + gone", gives: null },
  { it: "exponents and no spaces", text: "1e3*m1", gives: 6_000 },
])("computes $it", ({ text, gives }) => expect(parseFormula(text).at(read, atMs)).toBe(gives));

test("knows the hour of a point, where there is one", () => {
  expect(parseFormula("24 - HOUR(n)").at(read, atMs)).toBe(15);
  expect(parseFormula("HOUR(none)").at(() => null, atMs)).toBeNull();
});

test("knows what it reads", () => expect([...parseFormula("IF(n >= 20, bad / n)").names]).toEqual(["n", "bad"]));

test.each([
  { it: "an unknown function", text: "RATE(m1)", says: "no function RATE" },
  { it: "a name that JavaScript objects have", text: "constructor(m1)", says: "no function constructor" },
  { it: "an operator it does not have", text: "m1 ^ 2", says: "character 3" },
  { it: "a wrong number of arguments", text: "IF(m1)", says: "takes 2 or 3 arguments, not 1" },
  { it: "an open parenthesis", text: "(m1 + 1", says: 'expected ")", got its end' },
  { it: "an end too early", text: "m1 +", says: "ends where a value is expected" },
  { it: "something left over", text: "m1 m2", says: '"m2" is not expected' },
])("refuses $it", ({ text, says }) =>
  expect(() => parseFormula(text)).toThrow(
    expect.objectContaining({ code: "ValidationError", message: expect.stringContaining(says) }),
  ),
);

test("reads sums and products as JavaScript does", () => {
  const number = fc.integer({ min: 0, max: 99 }).map(String);
  const sum = fc.array(fc.tuple(fc.constantFrom("+", "-", "*"), number), { maxLength: 8 });
  fc.assert(
    fc.property(number, sum, (first, rest) => {
      const text = [first, ...rest.flat()].join(" ");
      // Integers stay exact, so both must agree to the last bit.
      expect(parseFormula(text).at(read, atMs)).toBe(new Function(`return ${text}`)());
    }),
  );
});
