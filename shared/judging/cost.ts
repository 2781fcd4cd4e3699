import type { JudgeSettings } from "../config/assay.ts";

/** What a judge's server counted for one call. */
export type Usage = { inputTokens: number; outputTokens: number };
export type Prices = Pick<JudgeSettings, "microUsdPerMillionInputTokens" | "microUsdPerMillionOutputTokens">;

/** The price of a call in whole micro-dollars, rounded up: the sum of many calls is never under what is billed. */
export function costMicroUsd({ inputTokens, outputTokens }: Usage, prices: Prices): number {
  const perMillion = inputTokens * prices.microUsdPerMillionInputTokens + outputTokens * prices.microUsdPerMillionOutputTokens;
  return Math.ceil(perMillion / 1_000_000);
}

/**
 * The most that asking with `body` can cost, in micro-dollars. A token is at least one byte of text, and what a chat template adds
 * around the messages is less than the JSON around them.
 */
export function boundMicroUsd(body: string, judge: Prices & Pick<JudgeSettings, "maxTokens">): number {
  return costMicroUsd({ inputTokens: new TextEncoder().encode(body).length, outputTokens: judge.maxTokens }, judge);
}
