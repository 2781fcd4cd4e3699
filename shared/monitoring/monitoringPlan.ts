import { type Assay, settingsOf } from "../config/assay.ts";
import { expectedCostMicroUsd } from "../sampling/pacer.ts";
import { type Plan, type PlanInput, plan } from "../statistics/planning.ts";
import { type Baseline, betaOf } from "./baseline.ts";
import { estimateOf } from "./qualitySums.ts";
import { budgetShare, dayMs, type FleetRules, fleetRules } from "./rules.ts";
import { windowMs } from "./windows.ts";

/** What is known, or supposed, of an endpoint before its budget is spent. */
export type PlanBasis = {
  /** Answers in a day, all variants together. */
  answersPerDay: number;
  /** Question and answer of an average request, in tokens. */
  tokensPerAnswer: number;
  /** `null`: there is none yet, and the grades are supposed to be pass or fail, and the target to be met. */
  baseline: Baseline | null;
};

/** How soon a drop of one variant is found, in the median; `null` where it is within the margin and nothing finds it. */
type PlannedDrop = { drop: number; judged: number | null; hours: number | null; usd: number | null };

export type MonitoringPlan = {
  endpoint: string;
  variants: number;
  answersPerDay: number;
  /** Of all variants; and what keeps it from being more. */
  judgedPerDay: number;
  limitedBy: "budget" | "traffic" | "rate";
  usdPerDay: number;
  usdPerJudgement: number;
  falseAlarms: { count: number; days: number };
  /** Rules of the fleet that share the false alarms, and what those of judged grades have of them; natural logarithm of the evidence at which each of these alarms. */
  rules: FleetRules;
  judgedFalseAlarms: number;
  lnA: number;
  /** Of one variant's day: half the width of its 95 % interval; the change that no budget finds; the smallest drop that a day finds. */
  halfWidthDay: number;
  margin: number;
  dropFoundInOneDay: number | null;
  drops: PlannedDrop[];
  halfTheFalseAlarms: PlannedDrop[];
  twiceTheBudget: PlannedDrop[];
};

const drops = [0.2, 0.1, 0.05];
/** A first baseline is a week. */
const baselineDays = 7;

/**
 * What an endpoint's evaluation budget buys: how many answers are judged, how wide a day's interval is, how soon a drop of one variant
 * is found, and what fewer false alarms or more money would change. The variants are supposed to get equal shares of the traffic.
 * @param endpoint of assay.yml, with a judge
 * Source: docs/statistics.md, "Planning"
 */
export function monitoringPlan(assay: Assay, endpoint: string, basis: PlanBasis): MonitoringPlan {
  const { falseAlarms } = assay;
  const now = planned(assay, endpoint, basis, falseAlarms.count, 1);
  const { judgedPerDay, limitedBy, usdPerDay, usdPerJudgement, variants, bought } = now;
  const { halfWidthDay, margin, lnA, dropFoundInOneDay } = bought[0]!; // of every drop the same
  return {
    endpoint,
    variants,
    answersPerDay: basis.answersPerDay,
    judgedPerDay,
    limitedBy,
    usdPerDay,
    usdPerJudgement,
    falseAlarms,
    rules: fleetRules(assay),
    judgedFalseAlarms: budgetShare(falseAlarms.count, "judged", fleetRules(assay)),
    lnA,
    halfWidthDay: halfWidthDay * now.narrower,
    margin,
    dropFoundInOneDay,
    drops: dropsOf(now),
    halfTheFalseAlarms: dropsOf(planned(assay, endpoint, basis, falseAlarms.count / 2, 1)),
    twiceTheBudget: dropsOf(planned(assay, endpoint, basis, falseAlarms.count, 2)),
  };
}

type Planned = Pick<MonitoringPlan, "judgedPerDay" | "limitedBy" | "usdPerDay" | "usdPerJudgement" | "variants"> & {
  /** Width of the interval beside that without the cheap scores. */
  narrower: number;
  bought: Plan[];
};

function planned(assay: Assay, endpoint: string, basis: PlanBasis, falseAlarms: number, budgets: number): Planned {
  const settings = settingsOf(assay, endpoint);
  const judge = settings.judge!; // planned is what has one
  const variants = assay.endpoints[endpoint]!.variants.length;
  const { answersPerDay, tokensPerAnswer, baseline } = basis;
  const cost = expectedCostMicroUsd([], judge) + (tokensPerAnswer * judge.microUsdPerMillionInputTokens) / 1_000_000;
  const grades = gradesOf(baseline, settings.quality.target);

  const budget = budgets * settings.evaluationBudgetMicroUsdPerDay * (1 - settings.evaluationReserve);
  const affordable = budget / (cost * (1 + grades.failShare));
  const { rate } = settings.sampling;
  const asked = answersPerDay * (rate === "paced" ? 1 : rate);
  const judgedPerDay = Math.min(affordable, asked);
  const spent = judgedPerDay * cost * (1 + grades.failShare);
  const input: Omit<PlanInput, "drop"> = {
    budgetPerDay: spent / variants,
    costPerJudgement: cost,
    failShare: grades.failShare,
    sigma2: grades.sigma2,
    rho: 0, // the detector does not use the prediction
    deff: grades.deff,
    n0: grades.n0 ?? baselineDays * judgedPerDay,
    tolerance: settings.quality.tolerance,
    falseAlarms: budgetShare(falseAlarms, "judged", fleetRules(assay)),
    horizonDays: assay.falseAlarms.days,
    windowsPerDay: dayMs / windowMs,
    rules: fleetRules(assay).judged,
    fall: grades.fall,
  };
  return {
    variants,
    judgedPerDay,
    limitedBy: affordable <= asked ? "budget" : rate === "paced" ? "traffic" : "rate",
    usdPerDay: spent / 1_000_000,
    usdPerJudgement: (cost * (1 + grades.failShare)) / 1_000_000,
    narrower: Math.sqrt(1 - grades.rho ** 2),
    bought: drops.map((drop) => plan({ ...input, drop })),
  };
}

/** How the grades spread, from the baseline's. Graded on a scale, a failing answer falls by about half of it; pass/fail by all. */
function gradesOf(baseline: Baseline | null, target: number) {
  const measured = baseline?.criteria.quality;
  const estimate = measured === undefined ? null : estimateOf(measured.sums);
  if (baseline === null || measured === undefined || estimate === null)
    return { sigma2: target * (1 - target), fall: 1, deff: 1, n0: null, rho: 0, failShare: 0 };
  const { plain, w, wFailed } = measured.sums.moments;
  const sigma2 = Math.max(0, w.ayy / w.a - (w.ay / w.a) ** 2);
  const { mu0 } = measured;
  return {
    sigma2,
    // Nearer to the variance of pass/fail than to half of it.
    fall: sigma2 > 0.75 * mu0 * (1 - mu0) ? 1 : 0.5,
    deff: plain.a / estimate.nEff,
    n0: plain.a,
    rho: betaOf(baseline, "quality") > 0 ? (measured.prediction?.rho ?? 0) : 0,
    failShare: wFailed / (wFailed + w.a),
  };
}

function dropsOf({ bought, usdPerJudgement, variants }: Planned): PlannedDrop[] {
  return bought.map(({ judgedToDetect: judged, daysToDetect }, i) => ({
    drop: drops[i]!,
    judged,
    hours: daysToDetect === null ? null : 24 * daysToDetect,
    usd: judged === null ? null : judged * variants * usdPerJudgement, // the others are judged meanwhile, too
  }));
}

/** Answers in a day of a baseline's span, all variants together; `null` where it saw none. */
export function answersPerDayOf({ segments, span }: Baseline): number | null {
  const days = (Date.parse(span.to) - Date.parse(span.from)) / dayMs;
  return segments === null || days <= 0 ? null : segments.counts.reduce((a, b) => a + b, 0) / days;
}
