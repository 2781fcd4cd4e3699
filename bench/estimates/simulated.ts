import { riskBandOf } from "../../shared/sampling/riskBand.ts";
import { beta, type Chance, chanceFrom } from "../chance.ts";
import { type Answer, swingAt, type Traffic } from "./day.ts";

/** Judged answers of a baseline: two weeks at some dozen a day and variant. */
const pastAnswers = 600;

/**
 * Traffic of which everything is known. Answers are sound or, in a share of cases, bad; a scorer sees that with some error.
 * @param sees how well the scorer tells bad from sound: 0 = not at all, 1 = always
 */
function traffic(
  name: string,
  seed: number,
  { bad, sees, graded, swing }: { bad: number; sees: number; graded: boolean; swing: number },
): Traffic {
  const means = graded ? { sound: 0.85, bad: 0.35 } : { sound: 1, bad: 0 };
  const badAt = (hour: number) => bad + swing * swingAt(hour);
  const draw = (chance: Chance, hour: number): Answer => {
    const isBad = chance() < badAt(hour);
    const looksBad = chance() < sees ? isBad : chance() < bad;
    // Half of what looks bad is next to the scorer's worst: risky, for the sampler.
    const relevance = looksBad ? 0.5 * chance() * chance() : 0.4 + 0.6 * chance();
    const scores = { relevance, repetition: 0.5 + 0.5 * chance() };
    const mean = isBad ? means.bad : means.sound;
    const y = graded ? beta(chance, mean, 8) : mean;
    return { y, scores, segment: chance() < 0.05 ? "rare" : "common", band: riskBandOf(scores, false) };
  };
  const chance = chanceFrom(seed);
  const past = Array.from({ length: pastAnswers }, (_, i) => {
    const { y, scores } = draw(chance, 24 * chance());
    return { eventId: `${name}-${i}`, y, scores, pi: 0.1 };
  });
  return { name, past, draw, mean: means.sound + bad * (means.bad - means.sound) };
}

export const simulatedTraffic: readonly Traffic[] = [
  traffic("pass or fail, scores see it", 1, { bad: 0.12, sees: 0.8, graded: false, swing: 0.04 }),
  traffic("pass or fail, scores do not see it", 2, { bad: 0.12, sees: 0, graded: false, swing: 0.04 }),
  traffic("graded, scores see it", 3, { bad: 0.3, sees: 0.7, graded: true, swing: 0.1 }),
];
