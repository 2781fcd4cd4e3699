import { expect, test } from "@jest/globals";
import { spendOf } from "../../../local/demo/outcome.ts";

const days = [
  { date: "2026-03-01", spentMicroUsd: 12_500 },
  { date: "2026-03-02", spentMicroUsd: 200_000 },
  { date: "2026-03-03", spentMicroUsd: 3_000 },
];

test.each([
  { it: "a whole day", from: "2026-03-02T00:00:00Z", until: "2026-03-03T00:00:00Z", spent: 200_000, budgets: 1 },
  { it: "some hours", from: "2026-03-02T09:00:00Z", until: "2026-03-02T12:30:00Z", spent: 200_000, budgets: 1 },
  { it: "hours around a midnight", from: "2026-03-02T23:30:00Z", until: "2026-03-03T00:30:00Z", spent: 203_000, budgets: 2 },
  { it: "a day on which nobody was asked", from: "2026-03-05T00:00:00Z", until: "2026-03-05T06:00:00Z", spent: 0, budgets: 1 },
])("the spend of $it stands beside the budget of the same days", ({ from, until, spent, budgets }) => {
  const span = { fromMs: Date.parse(from), untilMs: Date.parse(until) };
  const spend = { evaluationMicroUsd: spent, budgetMicroUsd: budgets * 5_000_000 };
  expect(spendOf(days, 5_000_000, span)).toEqual(spend);
});
