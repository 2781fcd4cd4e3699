import type { MonitorFinding } from "../../monitoring/finding.ts";
import { beginVerification } from "../../statistics/verification.ts";
import type { VerificationPlan } from "../decision.ts";

/**
 * Verification by fresh grades of the criterion that fell, on the variant whose answers the affected users get.
 * @returns `null` where the quality at the alarm was not below its reference: it could not tell whether the action helped
 */
export function qualityPlan({ signal, thetaAtAlarm, refLow }: MonitorFinding, variant: string): VerificationPlan | null {
  if (thetaAtAlarm === null || refLow === null || beginVerification(thetaAtAlarm, refLow) === null) return null;
  return { by: "quality", variant, criterion: signal, thetaAtAlarm, refLow };
}
