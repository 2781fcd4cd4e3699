import type { JudgeSettings } from "../config/assay.ts";
import { windowMs } from "../monitoring/windows.ts";
import { type SamplingPolicy, uniformPolicy } from "./policy.ts";
import { stratify } from "./strata.ts";
import { countBetween, dayMs, forecastOf, recentWindows, strataOf, type TrafficDay } from "./traffic.ts";

/** The rate before anything is known of the traffic: at 1,000 answers a day about fifty judgements, some cents for most judges. */
export const startingRate = 0.05;
/** Judge tasks wait in their queue for minutes at most while the judge answers; what was chosen before that, the ledger knows. */
const unpaidWindows = 2;
/** From so many judged answers on, what they cost is a better guess of the next ones' price than their tokens are. */
const enoughPaid = 50;

/** The system prompt without its rubric, and the reply without its grades, in tokens; a grade takes about twelve. */
const [instructionTokens, replyTokens, tokensPerGrade] = [400, 10, 12];
const charactersPerToken = 4;

/** What sampling may spend in the day (UTC) of a window, apart from the reserve for anchors and verification, and what it has. */
export type SamplingBudget = { microUsdPerDay: number; usedMicroUsd: number };

/** What a judgement is priced by. */
export type PricedJudge = Pick<JudgeSettings, "rubric" | "microUsdPerMillionInputTokens" | "microUsdPerMillionOutputTokens">;

/**
 * The policy of a window that has not begun: as many answers as the rest of the day's budget can pay, in proportion to the traffic that
 * the rest of the day is expected to bring, shared out among the strata. So the rate is about the same at noon and at midnight, and
 * where more comes than was expected, the rates fall window by window and the money lasts.
 * @param window start of the window, ISO
 * @param days   traffic of the last days and of today; only complete windows count
 */
export function pacedPolicy(
  window: string,
  days: readonly TrafficDay[],
  budget: SamplingBudget,
  judge: PricedJudge,
  nowMs: number,
): SamplingPolicy {
  const forecast = forecastOf(days, nowMs);
  if (forecast === null) return uniformPolicy(startingRate);
  const startMs = Date.parse(window);
  const dayStartMs = Date.parse(window.slice(0, 10));
  const runningMs = Math.floor(nowMs / windowMs) * windowMs;
  const unpaidMs = runningMs - unpaidWindows * windowMs;

  const unpaid = countBetween(days, "chosen", unpaidMs, runningMs);
  const latelyMs = runningMs - recentWindows * windowMs;
  const rate =
    countBetween(days, "chosen", latelyMs, runningMs) / Math.max(1, countBetween(days, "answered", latelyMs, runningMs));
  const soon = rate * forecast.between(runningMs, startMs); // the window that runs has its policy
  const paid = countBetween(days, "chosen", dayStartMs, unpaidMs);
  const cost = paid >= enoughPaid && budget.usedMicroUsd > 0 ? budget.usedMicroUsd / paid : expectedCostMicroUsd(days, judge);

  const affordable = Math.max(0, (budget.microUsdPerDay - budget.usedMicroUsd) / cost - unpaid - soon);
  const rest = forecast.between(startMs, dayStartMs + dayMs);
  return stratify(strataOf(days), forecast.day, Math.min(1, affordable / rest));
}

/** What judging an answer of average length costs, by its tokens: a guess, for the ledger knows better before long. */
export function expectedCostMicroUsd(days: readonly TrafficDay[], judge: PricedJudge): number {
  const answers = Math.max(1, sum(days.map(({ answered }) => sum(answered))));
  const read = sum(days.map(({ promptTokens, completionTokens }) => promptTokens + completionTokens)) / answers;
  const rubric = JSON.stringify(judge.rubric).length / charactersPerToken;
  const written = replyTokens + tokensPerGrade * Object.keys(judge.rubric).length;
  const perMillion =
    (instructionTokens + rubric + read) * judge.microUsdPerMillionInputTokens + written * judge.microUsdPerMillionOutputTokens;
  return Math.max(1, perMillion / 1_000_000);
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
