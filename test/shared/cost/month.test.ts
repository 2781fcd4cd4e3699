import { expect, test } from "@jest/globals";
import { costOf, planMonth } from "../../../cli/plan/month.ts";
import { parseAssay } from "../../../shared/config/load.ts";
import { alternatives } from "../../../shared/cost/prices.ts";

const judge =
  "judge: { provider: bedrock, model: m, rubric: { quality: good }, usdPerMillionInputTokens: 1, usdPerMillionOutputTokens: 1 }, evaluationBudget: { usdPerDay: 2 }";
const plain = parseAssay("endpoints: { chat: { variants: [a] } }", "a.yml");
const judged = parseAssay(`endpoints: { chat: { variants: [a], ${judge} } }`, "a.yml");
const fewer = parseAssay("endpoints: { chat: { variants: [a], scorers: { off: [toxicity, pii] } } }", "a.yml");
const line = (month: ReturnType<typeof costOf>, what: string) => month.lines.find((one) => one.what === what)!.usd;

test("the lines add up to the whole, and the judges' budget stands beside it", () => {
  const month = costOf(judged, 5_000);
  expect(month.lines.reduce((sum, { usd }) => sum + usd, 0)).toBeCloseTo(month.usd, 9);
  expect(month.judgesAtMostUsd).toBeCloseTo((2 * 365) / 12, 9);
  expect(costOf(plain, 5_000).judgesAtMostUsd).toBe(0);
});

test("a scorer that is left out saves its metric, and a judge adds what it publishes and does", () => {
  expect(line(costOf(plain, 100), "metrics") - line(costOf(fewer, 100), "metrics")).toBeCloseTo(2 * 0.3, 9);
  for (const what of ["metrics", "alarms", "DynamoDB", "S3"])
    expect(line(costOf(judged, 5_000), what)).toBeGreaterThan(line(costOf(plain, 5_000), what));
});

test("ten times the answers cost much less than ten times as much: a file a minute holds them all", () => {
  const [little, much] = [costOf(plain, 10_000).usd, costOf(plain, 100_000).usd];
  expect(much).toBeGreaterThan(little);
  expect(much).toBeLessThan(2 * little);
});

test("a hundred endpoints cost a hundred times what one adds, and what is asked of the queues only once", () => {
  const [one, ten, hundred] = planMonth(judged, "chat", 5_000).sizes.map(({ usd }) => usd);
  expect((hundred! - ten!) / 90).toBeCloseTo((ten! - one!) / 9, 6);
});

const named = (name: string) => alternatives.find((one) => one.name.startsWith(name))!;
test.each([
  // 100,000 units are included; 900,000 at 8 dollars for 100,000, and the next million at 7.
  { name: "Langfuse", answers: 30_000, usd: 29 },
  { name: "Langfuse", answers: 1_000_000 / 3, usd: 29 + 72 },
  { name: "Langfuse", answers: 2_000_000 / 3, usd: 29 + 72 + 70 },
  { name: "LangSmith", answers: 10_000, usd: 39 },
  { name: "LangSmith", answers: 110_000, usd: 39 + 250 },
])("$name asks $usd dollars for $answers answers", ({ name, answers, usd }) =>
  expect(named(name).usdPerMonth(1, answers)).toBeCloseTo(usd, 6),
);
