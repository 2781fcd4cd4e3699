import * as z from "zod";

/**
 * What a target's answers cost to serve. `tokens`: an API's prices. `hours`: what its instances cost an hour, all together, and how many answers
 * they work on at once; what an answer costs follows from how long it took.
 */
export type Price =
  | { by: "tokens"; usdPerMillionInputTokens: number; usdPerMillionOutputTokens: number }
  | { by: "hours"; usdPerHour: number; atOnce: number };
/** Target → price. A target without one has no cost. */
export type Prices = Readonly<Record<string, Price>>;

const usd = z.number().min(0).max(1_000_000);
/** As an evaluation's input gives it: `{"usdPerMillionInputTokens", "usdPerMillionOutputTokens"}`, or `{"usdPerHour", "atOnce"?}`. */
export const priceSchema = z.union(
  [
    z
      .strictObject({ usdPerMillionInputTokens: usd, usdPerMillionOutputTokens: usd })
      .transform((tokens): Price => ({ by: "tokens", ...tokens })),
    z
      .strictObject({ usdPerHour: usd, atOnce: z.int().min(1).max(10_000).default(1) })
      .transform((hours): Price => ({ by: "hours", ...hours })),
  ],
  "give usdPerMillionInputTokens and usdPerMillionOutputTokens, or usdPerHour with atOnce",
);

/** What an answer is billed by. A latency of `null`: nobody was waited for. */
export type Billed = { promptTokens: number; completionTokens: number; latencyMs: number | null };

/**
 * What one answer cost, in micro-dollars and parts of them; `null` where it is priced by the hour and took no measured time.
 *
 *   tokens: Σ tokens · price       hours: price of an hour / throughput,  throughput = at once / latency
 */
export function servingMicroUsd(price: Price, { promptTokens, completionTokens, latencyMs }: Billed): number | null {
  // Dollars per million tokens are micro-dollars per token.
  if (price.by === "tokens")
    return promptTokens * price.usdPerMillionInputTokens + completionTokens * price.usdPerMillionOutputTokens;
  return latencyMs === null ? null : (price.usdPerHour * 1_000_000 * latencyMs) / (3_600_000 * price.atOnce);
}
