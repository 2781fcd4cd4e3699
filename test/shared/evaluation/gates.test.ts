import { expect, test } from "@jest/globals";
import { InvalidGate, judgeGates, parseGate } from "../../../shared/evaluation/gates.ts";
import { answeredWith, resultOf } from "./results.ts";

const hours = (usdPerHour: number) => ({ by: "hours", usdPerHour, atOnce: 1 }) as const;
const spread = (i: number) => (i % 10) / 50;
/** 400 items: b is 0.1 worse, half as fast and four times as dear an hour. */
const worse = resultOf(400, (i) => [answeredWith(0.7 + spread(i)), answeredWith(0.6 + spread(i), { latencyMs: 2_000 })], {
  prices: { a: hours(1), b: hours(4) },
});
const noisy = resultOf(60, (i) => [answeredWith(0.6 + spread(i)), answeredWith(i % 2 ? 0.9 : 0.47)]);
const alone = resultOf(400, (i) => [answeredWith(0.7 + spread(i))]);

test.each([
  {
    gate: "quality >= baseline - 0.02",
    result: worse,
    outcome: "failed",
    says: "quality of b is -0.1 beside that of a; >= -0.02 is wanted",
  },
  { gate: "quality >= baseline - 0.15", result: worse, outcome: "passed", says: "beside that of a; >= -0.15 is wanted" },
  { gate: "quality>=baseline-0.02", result: noisy, outcome: "unknown", says: "which more items would show or refute" },
  { gate: "quality >= baseline", result: worse, outcome: "failed", says: ">= 0 is wanted" },
  { gate: "quality >= 0.5", result: worse, outcome: "passed", says: "quality of b is 0.69" },
  { gate: "quality >= 0.95", result: alone, outcome: "failed", says: "quality of a is 0.79" },
  { gate: "quality >= baseline - 0.02", result: alone, outcome: "unknown", says: "there is no baseline" },
  { gate: "cost <= 1.1x", result: worse, outcome: "failed", says: "cost of b is 9." },
  { gate: "cost <= 12x", result: worse, outcome: "passed", says: "times that of a" },
  { gate: "cost <= 1.1x", result: noisy, outcome: "unknown", says: "cost of b was not measured, or not of a" },
  { gate: "latency.p95 <= 1500", result: worse, outcome: "failed", says: "latency.p95 of b is 2000" },
  { gate: "latency.p50 <= 2x", result: worse, outcome: "passed", says: "latency.p50 of b is 2 times that of a" },
  { gate: "tokens <= 1.2x", result: worse, outcome: "passed", says: "tokens of b is 1" },
  { gate: "failures <= 0.01", result: worse, outcome: "passed", says: "failures of b is 0" },
  { gate: "exact >= baseline - 0.05", result: worse, outcome: "passed", says: "exact of b is 0" },
  { gate: "humour >= 0.5", result: worse, outcome: "unknown", says: "humour of b was not measured" },
])("$gate: $outcome", ({ gate, result, outcome, says }) =>
  expect(judgeGates(result, [parseGate(gate)])).toEqual([{ gate, outcome, because: expect.stringContaining(says) }]),
);

test("an evaluation that is unfinished passes no gate", () =>
  expect(judgeGates({ ...worse, unfinished: 3 }, [parseGate("quality >= 0")])).toMatchObject([
    { outcome: "unknown", because: expect.stringContaining("3 of 400 items are unfinished") },
  ]));

test.each([
  "quality",
  "quality > 0.5",
  "quality >= good",
  "cost <= -1x",
  ">= 3",
  "quality >= baseline * 2",
  `quality >= ${"1".repeat(99)}`,
])("%s is no gate, and says what one is like", (text) => {
  expect(() => parseGate(text)).toThrow(InvalidGate);
  expect(() => parseGate(text)).toThrow("quality >= baseline - 0.02");
});
