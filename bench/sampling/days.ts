import { iso, windowMs } from "../../shared/monitoring/windows.ts";
import { pacedPolicy } from "../../shared/sampling/pacer.ts";
import { type Band, piOf, type SamplingPolicy, uniformPolicy } from "../../shared/sampling/policy.ts";
import { dayMs, type TrafficDay, windowsPerDay } from "../../shared/sampling/traffic.ts";
import { beta, type Chance, poisson } from "../chance.ts";

/** What an endpoint is asked in a simulated day. */
export type Traffic = {
  /** Expected answers of a window, by its number since the first day. */
  answers: (window: number) => number;
  /** Segment → its share of the answers and of its own how many are risky; the shares add up to 1. */
  segments: Record<string, { share: number; riskyShare: number }>;
  /** Mean grade of an answer of a window. */
  mean: (window: number, segment: string, band: Band) => number;
};

/** How answers are chosen: the policy of a window, from what the days before and the ledger say. */
export type Method = (window: string, days: readonly TrafficDay[], usedMicroUsd: number, nowMs: number) => SamplingPolicy;

export type Judged = { window: number; segment: string; band: Band; pi: number; y: number };
type PlayedWindow = { window: number; answered: number; chosen: number; skipped: number; meanGrade: number };
export type Played = {
  judged: Judged[];
  windows: PlayedWindow[];
  spentMicroUsd: number[];
  /** Per day, the share of its budget. */
  budgetUsed: number[];
  strata: TrafficDay[];
};

export const budgetMicroUsd = 200_000;
/** What a judgement costs on average, at 800 tokens read and 22 written: about 1,300 of them make a day's budget. */
const costMicroUsd = 154;
export const pricedJudge = {
  rubric: { quality: "1 means that the answer solves what was asked; 0 means that it does not." },
  microUsdPerMillionInputTokens: 150_000,
  microUsdPerMillionOutputTokens: 600_000,
};
const firstDayMs = Date.parse("2026-11-02T00:00:00Z");

export const methods = {
  firstCome: (): Method => () => uniformPolicy(1),
  /** @param rate that spends the budget of a usual day, as somebody who knew its traffic would set it */
  uniform:
    (rate: number): Method =>
    () =>
      uniformPolicy(rate),
  ours: (): Method => (window, days, usedMicroUsd, nowMs) =>
    pacedPolicy(window, days, { microUsdPerDay: budgetMicroUsd, usedMicroUsd }, pricedJudge, nowMs),
};

/** Judgements that a day's budget pays for. */
export const affordablePerDay = budgetMicroUsd / costMicroUsd;

/**
 * Plays whole days, window by window, with a hard budget: each window's policy is made as the one before it begins, and what is chosen
 * is paid a window later, for judging takes its time.
 */
export function playDays(chance: Chance, days: number, { answers, segments, mean }: Traffic, method: Method): Played {
  const strata: TrafficDay[] = [];
  const spentMicroUsd = new Array<number>(days).fill(0);
  const judged: Judged[] = [];
  const windows: PlayedWindow[] = [];
  let waiting: Judged[] = [];
  let next = policyFor(0);

  function policyFor(window: number): SamplingPolicy {
    const startMs = firstDayMs + window * windowMs;
    const day = Math.floor(window / windowsPerDay);
    return method(iso(startMs), strata, spentMicroUsd[day] ?? 0, startMs - windowMs);
  }

  for (let window = 0; window < days * windowsPerDay; window++) {
    const policy = next;
    next = policyFor(window + 1);
    const day = Math.floor(window / windowsPerDay);
    let skipped = 0;
    for (const answer of waiting) {
      const cost = Math.round(costMicroUsd * (0.5 + chance()));
      if (spentMicroUsd[day]! + cost > budgetMicroUsd) {
        skipped++;
        continue;
      }
      spentMicroUsd[day]! += cost;
      judged.push(answer);
    }
    waiting = [];
    strata[day] ??= emptyDay(day);
    const counts = strata[day];
    let answered = 0;
    let grades = 0;
    for (const [segment, { share, riskyShare }] of Object.entries(segments)) {
      const n = poisson(chance, answers(window) * share);
      for (let i = 0; i < n; i++) {
        const band: Band = chance() < riskyShare ? "risky" : "quiet";
        const y = beta(chance, mean(window, segment, band), 8);
        const pi = piOf(policy, segment, band);
        counts.strata[segment] ??= { quiet: 0, risky: 0 };
        counts.strata[segment][band]++;
        if (chance() < pi) waiting.push({ window, segment, band, pi, y });
        answered++;
        grades += y;
      }
    }
    counts.answered[window % windowsPerDay]! += answered;
    counts.chosen[window % windowsPerDay]! += waiting.length;
    counts.promptTokens += 150 * answered;
    counts.completionTokens += 200 * answered;
    windows.push({
      window,
      answered,
      chosen: waiting.length,
      skipped,
      meanGrade: answered === 0 ? Number.NaN : grades / answered,
    });
  }
  const budgetUsed = spentMicroUsd.map((spent) => spent / budgetMicroUsd);
  return { judged, windows, spentMicroUsd, budgetUsed, strata };
}

function emptyDay(day: number): TrafficDay {
  const zeros = () => new Array<number>(windowsPerDay).fill(0);
  const date = iso(firstDayMs + day * dayMs).slice(0, 10);
  return { date, answered: zeros(), chosen: zeros(), strata: {}, promptTokens: 0, completionTokens: 0 };
}

/** A day with few answers at night and most at noon, between 0.2 and 1.8 of `perDay` over 24 hours. */
export function dailyCycle(perDay: number): (window: number) => number {
  return (window) =>
    (perDay / windowsPerDay) * (1 - 0.8 * Math.cos((2 * Math.PI * ((window % windowsPerDay) + 0.5)) / windowsPerDay));
}
