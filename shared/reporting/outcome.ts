import type { Cause } from "../monitoring/finding.ts";
import type { Decision } from "../remediation/decision.ts";
import type { RemediationStatus } from "../remediation/record.ts";

export type ReportedFinding = {
  cause: Cause;
  /** `null` where it concerns all of them. */
  variant: string | null;
  /** When it was concluded, ISO. */
  at: string;
  /** What moved: a judged criterion, or a signal of all answers; `null` where an alarm found it. */
  signal: string | null;
  /** The change in score points, or of a share; `null` where an alarm found it. */
  size: number | null;
  /** Judged answers that it rests on. */
  judged: number;
};

/** `acted`: not verified yet. */
export type ActionOutcome = Exclude<RemediationStatus, "acting">;
export type ReportedAction = {
  kind: Decision["kind"];
  /** Whose traffic or instances; `null` where it concerns all of them. */
  variant: string | null;
  /** Where traffic goes; `null` for anything else. */
  to: string | null;
  outcome: ActionOutcome;
};

export type Spend = { evaluationMicroUsd: number; budgetMicroUsd: number };
