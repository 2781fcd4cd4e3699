import { type PredictionModel, predict } from "../../shared/monitoring/prediction.ts";
import type { Band } from "../../shared/sampling/policy.ts";
import { chanceFrom } from "../chance.ts";
import { drawHour, type Traffic } from "./day.ts";

const answers = 20_000;

/** How much likelier risky answers would best be chosen, and how much wider the interval is with a ratio of one's own. */
export type Oversampling = { best: number; widthOverBest: number };

/**
 * For a fixed number of judged answers, V ∝ Σ_b p_b S_b² / π_b is least where π_b goes with S_b, the root mean square of what predictions
 * leave in band b around the mean of all.
 * Source: Neyman 1934, On the two different aspects of the representative method
 */
export function oversamplingOf(traffic: Traffic, model: PredictionModel | null, ratio: number): Oversampling {
  const chance = chanceFrom(99);
  const beta = model?.beta ?? 0;
  const left: Record<Band, number[]> = { quiet: [], risky: [] };
  for (let i = 0; i < answers; i++) {
    const { y, scores, band } = traffic.draw(chance, drawHour(chance));
    left[band].push(beta === 0 ? y : y - beta * predict(model!, scores)); // a slope is a model's
  }
  const centre = mean([...left.quiet, ...left.risky]);
  const [quiet, risky] = [left.quiet, left.risky].map((e) => Math.sqrt(mean(e.map((value) => (value - centre) ** 2))));
  const share = left.risky.length / answers;
  const best = risky! / quiet!; // both bands have some hundred answers
  const variance = (k: number) => (1 + (k - 1) * share) * ((1 - share) * quiet! ** 2 + (share * risky! ** 2) / k);
  return { best, widthOverBest: Math.sqrt(variance(ratio) / variance(best)) };
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
