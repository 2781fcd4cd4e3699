import { expect, test } from "@jest/globals";
import { plan } from "../../../shared/statistics/planning.ts";
import { casesOf, expectClose } from "./vectors.ts";

type Input = Record<
  | "budget_day"
  | "cost"
  | "fail"
  | "sigma2"
  | "rho"
  | "deff"
  | "n0"
  | "tol"
  | "budget_alarms"
  | "horizon_days"
  | "windows_per_day"
  | "M"
  | "d"
  | "fall",
  number
>;
const inputOf = (input: Input) => ({
  budgetPerDay: input.budget_day,
  costPerJudgement: input.cost,
  failShare: input.fail,
  sigma2: input.sigma2,
  rho: input.rho,
  deff: input.deff,
  n0: input.n0,
  tolerance: input.tol,
  falseAlarms: input.budget_alarms,
  horizonDays: input.horizon_days,
  windowsPerDay: input.windows_per_day,
  rules: input.M,
  drop: input.d,
  fall: input.fall,
});

const cases = casesOf<Input, Record<string, number | string | null>>("plan");
test.each(cases)("plan: $name", ({ input, expected }) => {
  // What is found at no budget is Infinity there, and null with us: it must survive JSON.
  const known = Object.fromEntries(Object.entries(expected).map(([name, value]) => [name, value === "Infinity" ? null : value]));
  expectClose(plan(inputOf(input)), known);
});

const first = inputOf(cases[0]!.input);
test("a budget for three judgements a day finds nothing within the day", () => {
  expect(plan({ ...first, budgetPerDay: 3 * first.costPerJudgement }).dropFoundInOneDay).toBeNull();
});

test.each([
  { it: "no budget", change: { budgetPerDay: 0 }, says: "budget per day is 0" },
  { it: "an unpriced judge", change: { costPerJudgement: 0 }, says: "cost of a judgement is 0" },
  { it: "a share over 1", change: { failShare: 2 }, says: "failed calls is 2" },
])("refuses $it", ({ change, says }) => expect(() => plan({ ...first, ...change })).toThrow(says));
