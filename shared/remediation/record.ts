import type { Cause } from "../monitoring/finding.ts";
import type { Decision, Weight } from "./policy.ts";

/** `acting`: decided and locked, and perhaps done; whoever finds it so completes it. The others are final, but for a passing hold. */
export type RemediationStatus = "proposed" | "acting" | "acted" | "held" | "failed";

/** One remediation from beginning to end. Its id is its finding's. */
export type RemediationRecord = {
  id: string;
  alarm: string;
  /** `null`, with variant and cause, for an alarm that watches no variant. */
  endpoint: string | null;
  variant: string | null;
  cause: Cause | null;
  /** When the alarm changed its state, ISO. */
  since: string;
  status: RemediationStatus;
  decision: Decision;
  decidedAt: string;
  /** All weights before the action, to undo it by; `null` where nothing was done. */
  before: Weight[] | null;
  actedAt: string | null;
  /** Why an action that was decided did not happen. */
  failure: string | null;
};

/** Whether the record says all there will be. A passing hold is decided anew when the alarm is delivered again. */
export function isFinal({ status, decision }: RemediationRecord): boolean {
  return status !== "acting" && !(status === "held" && decision.kind === "hold" && decision.passing);
}
