import { gradeBets } from "./bets.ts";
import { type GradedRow, gradeEvidence } from "./gradeEvidence.ts";
import { logMeanExp } from "./logSpace.ts";
import { requireUnit } from "./preconditions.ts";

/** Whether an action helped, so far: plain JSON. */
export type Verification = {
  /** Between the quality that raised the alarm and the lowest that counts as unchanged. */
  mid: number;
  /** ln of the product of each bet. */
  lnRecovered: number[];
  lnNotRecovered: number[];
  /** The first verdict stands. */
  verdict: "recovered" | "not_recovered" | null;
  /** Fresh judged records so far. */
  judged: number;
};

/** 1 in 20 either way, however often one looks. */
const lnEnough = Math.log(20);

/**
 * Begins to verify an action with fresh answers, those that the affected users get now.
 * @param thetaAtAlarm quality of the affected variant since the change
 * @param refLow       lowest quality that counts as unchanged, see reference.ts
 * @returns `null` if quality was not below its reference: then it cannot tell whether the action helped; hold and say so
 * Source: docs/statistics.md, "Did it help"
 */
export function beginVerification(thetaAtAlarm: number, refLow: number): Verification | null {
  requireUnit("the quality at the alarm", thetaAtAlarm);
  if (Number.isNaN(refLow)) throw new RangeError("the reference is NaN: check the baseline that it was made of.");
  if (thetaAtAlarm >= refLow) return null;
  const none = () => new Array<number>(gradeBets.length).fill(0);
  return { mid: (thetaAtAlarm + refLow) / 2, lnRecovered: none(), lnNotRecovered: none(), verdict: null, judged: 0 };
}

/**
 * Adds fresh judged records, with w = piRef/π:
 *
 *   recovered:  mean over κ of Π ( 1 + κ w (y/mid - 1) )        not recovered:  … of Π ( 1 + κ w ((1 - y)/(1 - mid) - 1) )
 *
 * The first of the two that reaches 20 decides. Should one batch bring both there, it has not recovered: the safer reading.
 * Records of one conversation in a batch form one factor, as in a window.
 *
 * @param piRef of the window that the records belong to
 * @throws RangeError for π < piRef, a grade outside [0, 1] or NaN
 * Source: docs/statistics.md, "Did it help"
 */
export function verify(sofar: Verification, piRef: number, fresh: readonly GradedRow[]): Verification {
  // A reference that is the point `mid`: a "rise" over it is recovery, a "drop" under it is none.
  const { lnE, records } = gradeEvidence(piRef, { low: sofar.mid, high: sofar.mid }, fresh);
  const J = gradeBets.length;
  const next: Verification = {
    ...sofar,
    lnNotRecovered: sofar.lnNotRecovered.map((x, j) => x + lnE[j]!),
    lnRecovered: sofar.lnRecovered.map((x, j) => x + lnE[J + j]!),
    judged: sofar.judged + records,
  };
  const { recovered, notRecovered } = lnVerification(next);
  if (next.verdict === null && notRecovered >= lnEnough) next.verdict = "not_recovered";
  if (next.verdict === null && recovered >= lnEnough) next.verdict = "recovered";
  return next;
}

/** ln of the two mixtures; the verdict falls at ln 20. */
export function lnVerification({ lnRecovered, lnNotRecovered }: Verification): { recovered: number; notRecovered: number } {
  return { recovered: logMeanExp(lnRecovered), notRecovered: logMeanExp(lnNotRecovered) };
}
