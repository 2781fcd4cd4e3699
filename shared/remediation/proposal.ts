import { isDeepStrictEqual } from "node:util";
import type { Decision } from "./decision.ts";
import { proposalOf, type RemediationRecord } from "./record.ts";

/**
 * What becomes of a proposal when its finding is decided about again: `waits` for a person, or for the endpoint where it is approved;
 * `approved`: it may be done; `anew`: it is a proposal of its own, since this one expired or something else is called for now;
 * `withdrawn`: nothing is called for any more.
 */
export type Standing = "waits" | "approved" | "anew" | "withdrawn";

/**
 * @param record   what was decided before; of one that waits for nobody, every decision is `anew`
 * @param decision what is decided now: the same change is the same proposal, whatever the figures in its reason say meanwhile
 * @param nowMs    epoch milliseconds
 */
export function standingOf(record: RemediationRecord, decision: Decision, approvalHours: number, nowMs: number): Standing {
  if (decision.kind === "hold") {
    const isPassing = decision.until === "minutes" || decision.until === "later";
    return isPassing && proposalOf(record, approvalHours, nowMs).isOpen ? "waits" : "withdrawn";
  }
  const { decision: proposed, answer } = record;
  const isSame = proposed.kind === decision.kind && isDeepStrictEqual(proposed.change, decision.change);
  if (!isSame || !proposalOf(record, approvalHours, nowMs).isOpen) return "anew";
  return answer?.says === "approve" ? "approved" : "waits";
}
