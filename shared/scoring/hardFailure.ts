import type { Scores } from "../capture/inference.ts";
import type { HardFailureLimits } from "../config/assay.ts";

/** Whether an answer fails a check that is switched on. A scorer that had nothing to say has not found a failure. */
export function failsHard(scores: Scores, checks: HardFailureLimits["checks"]): boolean {
  const { empty, refusal, truncated, repetition, toxicity, secrets } = scores;
  const loops = checks.repetitionUnder !== null && repetition != null && repetition < checks.repetitionUnder;
  const isUnsafe = toxicity === 0 || secrets === 0;
  return (
    (checks.empty && empty === 0) ||
    (checks.refusal && refusal === 0) ||
    (checks.truncated && truncated === 0) ||
    (checks.unsafe && isUnsafe) ||
    loops
  );
}
