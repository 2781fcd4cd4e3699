import type { PastAnswer } from "../../shared/monitoring/prediction.ts";
import type { Band } from "../../shared/sampling/policy.ts";
import type { Chance } from "../chance.ts";

/** An answer with the grade that the judge would give it. */
export type Answer = { y: number; scores: PastAnswer["scores"]; segment: string; band: Band };

/** Traffic that answers can be drawn from, as many as one likes. */
export type Traffic = {
  name: string;
  /** Mean grade of the process, exactly: traffic of each hour times its mean. */
  mean: number;
  /** @param hour of the day, fractional */
  draw(chance: Chance, hour: number): Answer;
  /** Judged answers of the past, to learn from. They have no part in `draw`. */
  past: readonly PastAnswer[];
};

/** A day begins and ends quietly: its traffic follows 1 - 0.8 cos(2π h/24), so that two thirds come between 7:30 and 16:30. */
const swing = 0.8;

/** An hour of the day by this traffic, by rejection. */
export function drawHour(chance: Chance): number {
  for (;;) {
    const hour = 24 * chance();
    if ((1 + swing) * chance() < 1 - swing * Math.cos((2 * Math.PI * hour) / 24)) return hour;
  }
}

/** In [-1, 1], its mean over the day's traffic is 0: mornings are one way, afternoons the other. */
export function swingAt(hour: number): number {
  return Math.sin((2 * Math.PI * hour) / 24);
}

/** Before noon; by symmetry half of the traffic. */
export const beforeNoon = (hour: number) => hour < 12;
