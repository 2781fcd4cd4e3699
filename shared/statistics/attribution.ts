import type { JudgeShift } from "./anchors.ts";

/** Whose change a fall of quality is. Only `system` and `both` may act on serving. */
type Attribution = "judge" | "judge-system-open" | "system" | "both" | "undecided";

export type Attributed = {
  verdict: Attribution;
  /** What is left of the fall once the judge's shift is taken out, and its standard error. */
  S: number;
  seS: number;
};

/** 99 %, two-sided: each of the two questions is answered wrongly at most once in a hundred. */
const z = 2.5758293035489004;
/** 95 %, one-sided. */
const zClear = 1.6448536269514722;

/**
 * Whether the judge moved, the system, or both. With q = estimate since the change - (μ₀ + seasonal), seQ = √(se² + se₀²):
 *
 *   S = q - J        seS = √(seQ² + seJ²)
 *   judge moved:  |J| > z seJ and |J| ≥ 0.01        system moved:  S < -z seS        system clear:  S - 1.645 seS > -0.03
 *
 * `judge-system-open`: the judge moved, and what is left neither shows a drop nor excludes one. `undecided`: neither is
 * shown; judge the anchors again and pool.
 *
 * @param q   how far quality fell, in score points, below 0 for a fall
 * @throws RangeError for NaN
 * Source: docs/statistics.md, "Whose change is it"
 */
export function attribute(q: number, seQ: number, { J, seJ }: JudgeShift): Attributed {
  const S = q - J;
  const seS = Math.sqrt(seQ * seQ + seJ * seJ);
  if (Number.isNaN(S) || Number.isNaN(seS))
    throw new RangeError("whose change it is cannot be told from NaN: an estimate or the anchors are missing.");
  const judgeMoved = Math.abs(J) > z * seJ && Math.abs(J) >= 0.01;
  const systemMoved = S < -z * seS;
  const systemClear = S - zClear * seS > -0.03;
  if (systemMoved) return { verdict: judgeMoved ? "both" : "system", S, seS };
  if (judgeMoved) return { verdict: systemClear ? "judge" : "judge-system-open", S, seS };
  return { verdict: "undecided", S, seS };
}
