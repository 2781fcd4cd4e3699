import { expect, test } from "@jest/globals";
import { chanceFrom } from "../../../bench/chance.ts";
import { budgetMicroUsd, dailyCycle, methods, playDays, pricedJudge, type Traffic } from "../../../bench/sampling/days.ts";
import type { EndpointSettings } from "../../../shared/config/assay.ts";
import { promptFor } from "../../../shared/judging/prompt.ts";
import { expectedCostMicroUsd, pacedPolicy, startingRate } from "../../../shared/sampling/pacer.ts";
import { isChosen } from "../../../shared/sampling/poisson.ts";
import { type Band, piOf, uniformPolicy } from "../../../shared/sampling/policy.ts";
import { stratify } from "../../../shared/sampling/strata.ts";
import { type TrafficDay, windowsPerDay } from "../../../shared/sampling/traffic.ts";

const segments = {
  orders: { share: 0.699, riskyShare: 0.08 },
  billing: { share: 0.3, riskyShare: 0.1 },
  legal: { share: 0.001, riskyShare: 0.05 },
};
const mean: Traffic["mean"] = (_, __, band) => (band === "risky" ? 0.4 : 0.9);
const perDay = 6_000; // the budget pays for 1,300
const cycle = dailyCycle(perDay);
/** The second day, from ten in the morning on. */
const changes = windowsPerDay + 40;

const played = (answers: Traffic["answers"], days = 3) =>
  playDays(chanceFrom(7), days, { answers, segments, mean }, methods.ours());

test.each([
  { it: "a daily cycle", answers: cycle },
  { it: "traffic that doubles for good", answers: (w: number) => cycle(w) * (w >= changes ? 2 : 1) },
  { it: "a burst of ten times for two hours", answers: (w: number) => cycle(w) * (w >= changes && w < changes + 8 ? 10 : 1) },
  { it: "traffic that falls to a third", answers: (w: number) => cycle(w) * (w >= changes ? 1 / 3 : 1) },
  { it: "office hours with all but nothing at night", answers: (w: number) => (w % 96 >= 32 && w % 96 < 72 ? perDay / 40 : 0.5) },
])("$it: the budget is kept, used, and lasts from midnight to midnight", ({ answers }) => {
  const { spentMicroUsd, windows, judged, strata } = played(answers);
  for (const [day, spent] of spentMicroUsd.entries()) {
    expect(spent).toBeLessThanOrEqual(budgetMicroUsd);
    if (day > 0) expect(spent / budgetMicroUsd).toBeGreaterThan(0.85); // where traffic falls late, all of it may cost less
    const own = windows.filter(({ window }) => Math.floor(window / windowsPerDay) === day);
    const sum = (what: "chosen" | "skipped") => own.reduce((n, window) => n + window[what], 0);
    expect(sum("skipped")).toBeLessThanOrEqual(0.03 * sum("chosen"));
    // From the second day on, what is common is judged at every time of the day at which something is asked.
    for (let first = 0; first < windowsPerDay; first += 16) {
      const four = own.slice(first, first + 16);
      const answered = four.reduce((n, window) => n + window.answered, 0);
      const from = day * windowsPerDay + first;
      if (day > 0 && answered >= 50)
        expect(judged.filter(({ window }) => window >= from && window < from + 16).length).toBeGreaterThan(5);
    }
    const rare = strata[day]!.strata.legal ?? { quiet: 0, risky: 0 };
    const judgedRare = judged.filter(
      ({ window, segment }) => segment === "legal" && Math.floor(window / windowsPerDay) === day,
    ).length;
    if (day > 0) expect(judgedRare).toBeGreaterThanOrEqual(0.6 * Math.min(30, rare.quiet + rare.risky) - 2);
  }
});

test("where the budget pays for all, all is judged", () => {
  const { judged, windows } = played((w) => cycle(w) / 10, 2);
  const second = windows.filter(({ window }) => window >= windowsPerDay).reduce((n, { answered }) => n + answered, 0);
  expect(judged.filter(({ window }) => window >= windowsPerDay).length).toBeGreaterThan(0.97 * second);
});

const nowMs = Date.parse("2026-03-02T12:05:00Z");
const zeros = () => new Array<number>(windowsPerDay).fill(0);
const dayOf = (date: string, perWindow: number, windows = windowsPerDay): TrafficDay => ({
  date,
  answered: zeros().map((_, i) => (i < windows ? perWindow : 0)),
  chosen: zeros(),
  strata: { all: { quiet: perWindow * windows, risky: 0 } },
  promptTokens: 100 * perWindow * windows,
  completionTokens: 100 * perWindow * windows,
});
const yesterday = dayOf("2026-03-01", 100);
const morning = dayOf("2026-03-02", 100, 48);
const budget = { microUsdPerDay: 1_000_000, usedMicroUsd: 0 };
const piAt = (window: string, days: TrafficDay[], used = 0) =>
  piOf(pacedPolicy(window, days, { ...budget, usedMicroUsd: used }, pricedJudge, nowMs), "all", "quiet");

test.each([
  { it: "nothing was ever answered", days: [] },
  { it: "the first window still runs", days: [{ ...dayOf("2026-03-02", 0), answered: zeros().with(48, 500) }] },
])("while $it, the rate is where it starts", ({ days }) =>
  expect(pacedPolicy("2026-03-02T12:15:00Z", days, budget, pricedJudge, nowMs)).toEqual(uniformPolicy(startingRate)),
);

test("the rate is what is left of the budget over what is left of the day's traffic", () => {
  const cost = expectedCostMicroUsd([yesterday, morning], pricedJudge);
  expect(piAt("2026-03-02T12:15:00Z", [yesterday, morning])).toBeCloseTo(Math.min(1, 1_000_000 / cost / 4700), 2);
  expect(piAt("2026-03-02T12:15:00Z", [yesterday, morning], 800_000)).toBeCloseTo(200_000 / cost / 4700, 2);
  expect(piAt("2026-03-03T00:00:00Z", [yesterday, morning])).toBeCloseTo(1_000_000 / cost / 9600, 2);
});

test("a spent budget leaves next to nothing, and never nothing", () => {
  expect(piAt("2026-03-02T12:15:00Z", [yesterday, morning], 1_000_000)).toBe(0.001);
  expect(piAt("2026-03-02T12:15:00Z", [yesterday, morning], 2_000_000)).toBe(0.001);
});

test("what is chosen and not yet paid counts as spent, and what was paid tells the price", () => {
  const chosen = zeros().map((_, i) => (i < 46 ? 20 : i < 48 ? 500 : 0));
  const waiting = { ...morning, chosen };
  const used = 46 * 20 * 400; // 400 micro-dollars each
  const left = (1_000_000 - used) / 400 - 1000;
  // The window that runs chooses at the rate of the last two hours, which were eight windows.
  const soon = ((6 * 20 + 2 * 500) / 800) * 100;
  expect(piAt("2026-03-02T12:15:00Z", [yesterday, waiting], used)).toBeCloseTo(Math.max(0.001, (left - soon) / 4700), 3);
});

test("the guess of a judgement's price is near what its request would cost", () => {
  const judge = { rubric: pricedJudge.rubric, maxTokens: 200, weights: null } as unknown as NonNullable<
    EndpointSettings["judge"]
  >;
  const text = "word ".repeat(100);
  const prompt = promptFor({ id: "e", messages: [{ role: "user", content: text }], completion: text }, judge);
  const tokens = JSON.stringify(prompt).length / 4.5;
  const guessed = expectedCostMicroUsd([yesterday], pricedJudge);
  const real = (tokens * 150_000 + 22 * 600_000) / 1_000_000;
  expect(guessed / real).toBeGreaterThan(0.6);
  expect(guessed / real).toBeLessThan(1.6);
});

test("the same traffic gives the same policy, whatever order its days come in", () =>
  expect(pacedPolicy("2026-03-02T12:15:00Z", [morning, yesterday], budget, pricedJudge, nowMs)).toEqual(
    pacedPolicy("2026-03-02T12:15:00Z", [yesterday, morning], budget, pricedJudge, nowMs),
  ));

test("over many days, the estimate from a stratified sample has no bias, and that of the sample's plain mean has", () => {
  const population = Array.from({ length: 400 }, (_, i) => {
    const band: Band = i % 8 === 0 ? "risky" : "quiet";
    const segment = i % 40 === 0 ? "legal" : "orders";
    return { id: i, band, segment, y: (band === "risky" ? 0.3 : 0.9) + ((i * 7) % 10) / 100 };
  });
  const counts = { orders: { quiet: 350, risky: 40 }, legal: { quiet: 0, risky: 10 } };
  const policy = stratify(counts, 400, 0.15);
  const truth = population.reduce((sum, { y }) => sum + y, 0) / population.length;
  const days = Array.from({ length: 300 }, (_, day) => {
    const sample = population.flatMap((answer) => {
      const pi = piOf(policy, answer.segment, answer.band);
      return isChosen(`${day}/${answer.id}`, pi) ? [{ ...answer, pi }] : [];
    });
    const W = sample.reduce((sum, { pi }) => sum + 1 / pi, 0);
    return {
      horvitzThompson: sample.reduce((sum, { y, pi }) => sum + y / pi, 0) / population.length,
      hajek: sample.reduce((sum, { y, pi }) => sum + y / pi, 0) / W,
      plain: sample.reduce((sum, { y }) => sum + y, 0) / sample.length,
    };
  });
  const bias = (what: keyof (typeof days)[number]) => {
    const values = days.map((day) => day[what]);
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const standardError = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length ** 2);
    return { bias: mean - truth, standardError };
  };
  for (const estimator of ["horvitzThompson", "hajek"] as const) {
    const { bias: found, standardError } = bias(estimator);
    expect(Math.abs(found)).toBeLessThan(4 * standardError + 0.002); // Hájek's own bias is of order 1/n
  }
  expect(bias("plain").bias).toBeLessThan(-0.1);
});
