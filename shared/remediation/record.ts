import type { Cause } from "../monitoring/finding.ts";
import type { Decision } from "./decision.ts";

/**
 * `proposed`: waits for a person's word. `acting`: decided and locked, and perhaps done. `acted`: done, and being verified. Then
 * `kept` (it helped), `undone` (it did not), `held` (nothing was done; or what was done stays, and a person decides) or
 * `failed` (it could not be done).
 */
export type RemediationStatus = "proposed" | "acting" | "acted" | "kept" | "undone" | "held" | "failed";

/** One thing that happened, with what it rests on. */
export type Step = {
  at: string;
  what: "held" | "proposed" | "decided" | "changed" | "in_service" | "looked" | "undoing" | "kept" | "undone" | "failed";
  because: string;
  figures?: Record<string, number>;
};

/** Finds a record: its endpoint, or the alarm where that watches no variant; when its finding was opened; its id. */
export type RecordKey = { endpoint: string | null; alarm: string | null; openedAt: string; id: string };

/** One remediation from beginning to end. Its id is its finding's. */
export type RemediationRecord = RecordKey & {
  /** `null`, with the cause, for an alarm that watches no variant; the variant alone where the finding is the endpoint's. */
  variant: string | null;
  cause: Cause | null;
  /** The signal whose evidence found it; `null` for an alarm. */
  signal: string | null;
  /** The finding in words, see `findingText`; absent for an alarm. */
  finding?: string;
  /** When the trouble began, as far as the finding knows, ISO. */
  since: string;
  status: RemediationStatus;
  decision: Decision;
  decidedAt: string;
  /** From 1. A second one follows where an instance was added and quality stayed low. */
  attempt: number;
  actedAt: string | null;
  /** When the changed endpoint was first seen in service: only answers after it are fresh. */
  inServiceAt: string | null;
  undoneAt: string | null;
  /** Why an action that was decided did not happen, or could not be taken back. */
  failure: string | null;
  steps: Step[];
};

/** What an execution works on: one attempt of a record. */
export type AttemptKey = RecordKey & { attempt: number };

/** Names the execution of an attempt, the holder of its lock, and its action among those of the endpoint. */
export function executionName({ id, attempt }: Pick<RemediationRecord, "id" | "attempt">): string {
  return attempt === 1 ? id : `${id}-${attempt}`;
}

/** Whether its workflow has yet to end it. */
export const isRunning = ({ status }: RemediationRecord): boolean => status === "acting" || status === "acted";

/**
 * Whether the question should be asked again when the finding comes again. What held for a reason that passes, yes; of an open finding
 * of the monitor also what only a person was thought to cure; and where an instance was added and quality stayed low.
 */
export function isOpen({ status, decision, signal }: RemediationRecord): boolean {
  if (status !== "held") return false;
  if (decision.kind === "hold") return signal !== null || decision.until === "minutes" || decision.until === "later";
  return signal !== null && decision.kind === "scale_out";
}

/** A record one step further. Holds in a row are one step, the newest: an open finding may hold for weeks. */
export function withStep<R extends RemediationRecord>(record: R, step: Step): R {
  const last = record.steps.at(-1);
  const repeats = step.what === "held" && last?.what === "held";
  return { ...record, steps: [...(repeats ? record.steps.slice(0, -1) : record.steps), step] };
}
