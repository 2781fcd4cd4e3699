import type { Scores } from "../capture/inference.ts";
import type { Band } from "./policy.ts";

/**
 * A score this low is all but its scorer's worst. Where exactly the line lies costs no honesty, only money: the pacer knows how many
 * answers are on either side and lowers the rates of both where many are risky.
 */
const worst = 0.1;

/** The band of an answer: risky where it fails a hard check, or where some cheap score is next to its worst. */
export function riskBandOf(scores: Scores, hardFailure: boolean): Band {
  return hardFailure || Object.values(scores).some((score) => score !== null && score <= worst) ? "risky" : "quiet";
}
