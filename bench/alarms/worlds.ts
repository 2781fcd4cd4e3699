import { dayMs } from "../../shared/monitoring/rules.ts";
import type { Chance } from "../chance.ts";
import { sound, soundMean, type World } from "./fleet.ts";

const hourMs = 3_600_000;
const angle = (atMs: number) => (2 * Math.PI * (atMs % dayMs)) / dayMs;

/** Months in which nothing goes wrong, each restless in its own way. */
export const worlds = {
  steady: () => () => sound,
  /** Quality by the hour of the day, four points up and down. */
  dailyCycle: () => (atMs) => ({ ...sound, mean: soundMean + 0.04 * Math.cos(angle(atMs)) }),
  /** What is asked by the hour of the day: orders from 40 to 60 % of it. */
  mixCycle: () => (atMs) => {
    const orders = 0.5 + 0.1 * Math.cos(angle(atMs));
    return { ...sound, shares: { orders, billing: 0.8 - orders, returns: 0.2 } };
  },
  /** Three points lower on Saturdays and Sundays. */
  weekend: () => (atMs) => ({ ...sound, mean: soundMean - ([0, 6].includes(new Date(atMs).getUTCDay()) ? 0.03 : 0) }),
  /** Conversations of four answers that are good or bad together. */
  conversations: () => () => ({ ...sound, together: 4 }),
  wander01: (chance) => wandering(chance, 0.01),
  wander02: (chance) => wandering(chance, 0.02),
  wander04: (chance) => wandering(chance, 0.04),
} satisfies Record<string, (chance: Chance) => World>;

export type WorldName = keyof typeof worlds;

/** Quality that wanders by itself: an autoregressive process with a memory of ten hours and this standard deviation, the same of both variants. */
function wandering(chance: Chance, deviation: number): World {
  const keep = Math.exp(-1 / 10);
  let [hour, level] = [Number.NEGATIVE_INFINITY, 0];
  return (atMs) => {
    const now = Math.floor(atMs / hourMs);
    if (now > hour) {
      level =
        hour === Number.NEGATIVE_INFINITY
          ? deviation * normal(chance)
          : keep * level + deviation * Math.sqrt(1 - keep * keep) * normal(chance);
      hour = now;
    }
    return { ...sound, mean: Math.min(1, Math.max(0, soundMean + level)) };
  };
}

/** By the sum of twelve: closer to it than anything here can tell. */
function normal(chance: Chance): number {
  return Array.from({ length: 12 }, chance).reduce((a, b) => a + b, -6);
}
