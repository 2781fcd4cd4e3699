import { z } from "zod";
import type { ServingBudget } from "./assay.ts";
import { microUsd, sageMakerName, section } from "./sections.ts";

const dollars = (rule: string, most: number) =>
  z
    .number(rule)
    .min(1 / microUsd, rule)
    .max(most, rule);

const reserveRule =
  "It is the share of the budget that sampling leaves to anchors and verification: give a number from 0 to 0.5.";

/** What the judge may spend, and how much of it sampling leaves to whoever must tell judge from model, or prove a remediation. */
export const evaluationBudgetSection = section({
  usdPerDay: dollars(
    "It is hard, and a judge without it judges nothing: give dollars a day from 0.000001 to 1000000, or remove the judge.",
    1_000_000,
  ),
  reserve: z.number(reserveRule).min(0, reserveRule).max(0.5, reserveRule).optional(),
});

const nameRule = "Name a variant, or an instance type such as ml.g5.xlarge.";
const pricesRule = "Give the price of an instance hour in dollars for each instance type, or for each variant.";
const instancePrice = dollars("It is the price of one instance hour in dollars: give a number from 0.000001 to 10000.", 10_000);

/** What serving may cost in a day, and what its instances cost. Nobody but a person or a scaling policy changes what is served. */
export const servingBudgetSection = section({
  usdPerDay: dollars("It is what serving may cost in a day: give dollars from 0.000001 to 10000000.", 10_000_000),
  usdPerInstanceHour: z
    .record(z.string().regex(new RegExp(`${sageMakerName.source}|^ml\\.[a-z0-9-]{1,32}\\.[a-z0-9-]{1,32}$`)), instancePrice, {
      error: ({ code }) => (code === "invalid_key" ? nameRule : pricesRule),
    })
    .refine((prices) => Object.keys(prices).length > 0, pricesRule),
}).transform(
  ({ usdPerDay, usdPerInstanceHour }): ServingBudget => ({
    microUsdPerDay: Math.round(usdPerDay * microUsd),
    microUsdPerInstanceHour: Object.fromEntries(
      Object.entries(usdPerInstanceHour).map(([of, usd]) => [of, Math.round(usd * microUsd)]),
    ),
  }),
);
