import type { MonitorFinding } from "../../monitoring/finding.ts";
import { beginVerification } from "../../statistics/verification.ts";
import type { VerificationPlan } from "../decision.ts";
import { isMonitored, type Trouble } from "../situation.ts";

/** As long as two looks of the verification: an alarm of ten-minute periods has then seen three of them. */
const calmMinutes = 30;
/** New instances are in service by then; what they change shows within a few periods of the alarm. */
const returnMinutes = 30;

/**
 * Verification by fresh grades of the criterion that fell, on the variant whose answers the affected users get.
 * @returns `null` where the quality at the alarm was not below its reference: it could not tell whether the action helped
 */
export function qualityPlan({ signal, thetaAtAlarm, refLow }: MonitorFinding, variant: string): VerificationPlan | null {
  if (thetaAtAlarm === null || refLow === null || beginVerification(thetaAtAlarm, refLow) === null) return null;
  return { by: "quality", variant, criterion: signal, thetaAtAlarm, refLow };
}

/** By fresh grades of who answers now; without grades behind the finding, by its cheap hard checks. */
export function soundAnswers(trouble: Trouble, variant: string): VerificationPlan {
  // Latency needs no data of its own to be calm: its alarm, once on, is trouble whatever the plan.
  const calm: VerificationPlan = { by: "calm", variant, alarms: ["hard-failures"], forMinutes: calmMinutes };
  return (isMonitored(trouble) ? qualityPlan(trouble, variant) : null) ?? calm;
}

/** By fresh grades where quality fell, too, and else by the return of the latency alarm. */
export function quickAnswers(trouble: Trouble, variant: string): VerificationPlan {
  const back: VerificationPlan = { by: "return", variant, alarms: ["latency"], withinMinutes: returnMinutes };
  return (isMonitored(trouble) ? qualityPlan(trouble, variant) : null) ?? back;
}
