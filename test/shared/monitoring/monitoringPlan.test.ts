import { expect, test } from "@jest/globals";
import { chanceFrom } from "../../../bench/chance.ts";
import { drawWindow } from "../../../bench/traffic.ts";
import { parseAssay } from "../../../shared/config/load.ts";
import { freezeBaseline } from "../../../shared/monitoring/freezeBaseline.ts";
import { answersPerDayOf, monitoringPlan, type PlanBasis } from "../../../shared/monitoring/monitoringPlan.ts";
import { dayMs, fleetRules, monitorSettings } from "../../../shared/monitoring/rules.ts";
import { iso, windowMs } from "../../../shared/monitoring/windows.ts";
import { plan } from "../../../shared/statistics/planning.ts";

const assayWith = ({
  falseAlarms = "1 per 90 days",
  usdPerDay = 0.3,
  rate = "paced" as string | number,
  variants = "[stable, candidate]",
} = {}) =>
  parseAssay(
    `
falseAlarms: ${falseAlarms}
endpoints:
  chat:
    variants: ${variants}
    sampling: { rate: ${rate} }
    quality: { target: 0.9 }
    judge:
      provider: bedrock
      model: a-judge
      rubric: { quality: 1 is good; 0 is bad. }
      usdPerMillionInputTokens: 0.15
      usdPerMillionOutputTokens: 0.60
    evaluationBudget: { usdPerDay: ${usdPerDay} }
`,
    "assay.yml",
    () => "",
  );
const basis: PlanBasis = { answersPerDay: 10_000, tokensPerAnswer: 500, baseline: null };
const of = (given: Parameters<typeof assayWith>[0] = {}, more: Partial<PlanBasis> = {}) =>
  monitoringPlan(assayWith(given), "chat", { ...basis, ...more });

test.each([
  { it: "the budget", given: {}, limitedBy: "budget", judged: null },
  { it: "the traffic", given: { usdPerDay: 50 }, limitedBy: "traffic", judged: 10_000 },
  { it: "the rate that somebody set", given: { usdPerDay: 50, rate: 0.05 }, limitedBy: "rate", judged: 500 },
])("says that $it limits what is judged", ({ given, limitedBy, judged }) => {
  const planned = of(given);
  expect(planned.limitedBy).toBe(limitedBy);
  if (judged !== null) expect(planned.judgedPerDay).toBeCloseTo(judged, 6);
  expect(planned.usdPerDay).toBeCloseTo(planned.judgedPerDay * planned.usdPerJudgement, 9);
});

test("leaves the reserve of the budget to anchors and verification", () => {
  const { judgedPerDay, usdPerJudgement } = of();
  expect(judgedPerDay * usdPerJudgement).toBeCloseTo(0.9 * 0.3, 9);
});

test("gives each variant its share: a drop is found by its own judged answers, while all are paid for", () => {
  const [{ judgedPerDay, usdPerJudgement, lnA, drops }, alone] = [of(), of({ variants: "[stable]" })];
  const own = plan({
    budgetPerDay: judgedPerDay / 2,
    costPerJudgement: 1,
    failShare: 0,
    sigma2: 0.09,
    rho: 0,
    deff: 1,
    n0: 7 * judgedPerDay,
    tolerance: 0.02,
    falseAlarms: 0.5,
    horizonDays: 90,
    windowsPerDay: 96,
    rules: fleetRules(assayWith()).judged,
    drop: 0.1,
    fall: 1,
  });
  expect(lnA).toBeCloseTo(own.lnA, 12);
  expect(drops[1]).toMatchObject({
    drop: 0.1,
    judged: expect.closeTo(own.judgedToDetect!, 6),
    hours: expect.closeTo(24 * own.daysToDetect!, 6),
  });
  expect(drops[1]!.usd).toBeCloseTo(2 * own.judgedToDetect! * usdPerJudgement, 9);
  expect(alone.drops[1]!.hours!).toBeLessThan(drops[1]!.hours!);
});

test("says what half the false alarms cost in time, and what twice the budget saves", () => {
  const planned = of();
  // One in 180 days is one half in 90: the same threshold but for the baseline's share of the budget, which is capped here.
  expect(planned.halfTheFalseAlarms[1]!.judged!).toBeCloseTo(of({ falseAlarms: "1 per 180 days" }).drops[1]!.judged!, 6);
  for (const [i, { judged, hours }] of planned.drops.entries()) {
    expect(planned.halfTheFalseAlarms[i]!.hours!).toBeGreaterThan(hours!);
    expect(planned.twiceTheBudget[i]!.hours!).toBeLessThan(hours!);
    expect(planned.twiceTheBudget[i]!.judged!).toBeCloseTo(judged!, 6);
  }
});

test("finds nothing within the margin, at no budget", () => {
  const tolerant = assayWith();
  tolerant.endpoints.chat!.quality.tolerance = 0.1;
  expect(monitoringPlan(tolerant, "chat", basis).drops).toMatchObject([
    { drop: 0.2, judged: expect.any(Number) },
    { drop: 0.1, judged: null, hours: null, usd: null },
    { drop: 0.05, judged: null, hours: null, usd: null },
  ]);
});

test("knows from a baseline how many answers there are and how their grades spread", () => {
  const [chance, startMs] = [chanceFrom(1), Date.parse("2026-11-02T00:00:00Z")];
  const traffic = { requestsPerHour: 60, pi: 0.5, segments: { all: { share: 1, mean: 0.9 } } };
  const records = Array.from({ length: (2 * dayMs) / windowMs }, (_, n) =>
    drawWindow(chance, { startMs: startMs + n * windowMs, endpoint: "chat", variant: "stable" }, traffic),
  );
  const source = { endpoint: "chat", madeFrom: "test", judgeVersion: null, system: null, records, anchors: [] };
  const baseline = freezeBaseline(source, monitorSettings(assayWith(), "chat")!, iso(startMs));
  const answersPerDay = answersPerDayOf(baseline)!;
  expect(answersPerDay).toBeGreaterThan(1_300);
  expect(answersPerDay).toBeLessThan(1_600);
  // Grades on a scale spread far less than pass or fail, so the same day says more.
  const [scaled, passFail] = [of({}, { baseline, answersPerDay }), of({}, { answersPerDay })];
  expect(scaled.halfWidthDay).toBeLessThan(passFail.halfWidthDay / 2);
  expect(scaled.drops[1]!.judged!).toBeLessThan(passFail.drops[1]!.judged!);
});
