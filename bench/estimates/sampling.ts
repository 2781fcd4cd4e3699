import { type Band, piOf } from "../../shared/sampling/policy.ts";
import { type StrataCounts, stratify } from "../../shared/sampling/strata.ts";
import { chanceFrom } from "../chance.ts";
import { type Answer, beforeNoon, drawHour, type Traffic } from "./day.ts";

/** How a day's answers are chosen for the judge. */
export const samplings = ["uniform", "riskWeighted", "noon"] as const;
export type Sampling = (typeof samplings)[number];

export type PiOf = (answer: Answer, hour: number) => number;

/** Where the budget is spent by noon, a tenth of the rate remains for the rest of the day. */
const afterNoon = 0.1;

/**
 * π of every answer, such that `judged` of the day's N are expected to be chosen.
 *   uniform       the same for all
 *   riskWeighted  by Assay's own strata, from what yesterday's traffic was like
 *   noon          the same for all until noon, then a tenth of it
 */
export function piFor(sampling: Sampling, traffic: Traffic, N: number, judged: number): PiOf {
  const rate = judged / N;
  switch (sampling) {
    case "uniform":
      return () => rate;
    case "noon": {
      const morning = rate / (0.5 + 0.5 * afterNoon);
      return (_, hour) => (beforeNoon(hour) ? morning : afterNoon * morning);
    }
    case "riskWeighted": {
      const policy = stratify(yesterday(traffic), N, rate);
      return ({ segment, band }) => piOf(policy, segment, band);
    }
  }
}

function yesterday(traffic: Traffic): StrataCounts {
  const chance = chanceFrom(17);
  const counts: Record<string, Record<Band, number>> = {};
  for (let i = 0; i < 5000; i++) {
    const { segment, band } = traffic.draw(chance, drawHour(chance));
    counts[segment] ??= { quiet: 0, risky: 0 };
    counts[segment][band]++;
  }
  return counts;
}
