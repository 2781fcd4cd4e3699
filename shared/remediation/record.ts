import type { Cause } from "../monitoring/finding.ts";
import type { Decision } from "./decision.ts";

/**
 * `proposed`: waits for a person's word. `rejected`: that was no. `acting`: decided and locked, and perhaps done. `acted`: done, and
 * being verified. Then `kept` (it helped), `undone` (it did not, or a person wants it back), `held` (nothing was done; or what was done
 * stays, and a person decides) or `failed` (it could not be done).
 */
export type RemediationStatus = "proposed" | "rejected" | "acting" | "acted" | "kept" | "undone" | "held" | "failed";

/** What a person said. It holds for the attempt that it was said of. */
export type Answer = { says: "approve" | "reject" | "undo"; who: string; why: string; at: string };

export type Effect = "helped" | "did_not_help" | "worse" | "not_enough_yet";

/** One thing that happened, with what it rests on. */
export type Step = {
  at: string;
  what:
    | "held"
    | "proposed"
    | "approved"
    | "rejected"
    | "decided"
    | "changed"
    | "in_service"
    | "looked"
    | "deepened"
    | "undo_asked"
    | "undoing"
    | "kept"
    | "undone"
    | "failed";
  because: string;
  /** What fresh evidence says of the action; of a look only. */
  says?: Effect;
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
  /** Absent until a person said something of this attempt. */
  answer?: Answer | undefined;
  /** One step more was made, see `deepened` in decision.ts. */
  deepenedAt?: string | undefined;
  /** It had ended when a person wanted it back: an execution of its own takes it back. */
  isReopened?: true | undefined;
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

/** What takes an attempt forward: the name of the execution, and its input. A state machine that is told to undo begins there. */
export function executionOf(record: RemediationRecord): { name: string; input: { record: AttemptKey; look?: object } } {
  const { endpoint, alarm, openedAt, id, attempt, answer, isReopened } = record;
  const key: AttemptKey = { endpoint, alarm, openedAt, id, attempt };
  if (!isReopened || answer === undefined) return { name: executionName(record), input: { record: key } };
  return { name: `${executionName(record)}-undo`, input: { record: key, look: { verdict: "undo", because: inWordsOf(answer) } } };
}

/** A person's word as a record tells it. */
export function inWordsOf({ says, who, why }: Answer): string {
  const did = { approve: "approved it", reject: "rejected it", undo: "wants it back" }[says];
  return `${who} ${did}${why === "" ? "" : `: ${why}`}`;
}

/** Whether a person may still approve of what is proposed; `expiresAtMs` in epoch milliseconds. */
export function proposalOf(
  { status, decidedAt }: Pick<RemediationRecord, "status" | "decidedAt">,
  approvalHours: number,
  nowMs: number,
): { expiresAtMs: number; isOpen: boolean } {
  const expiresAtMs = Date.parse(decidedAt) + approvalHours * 3_600_000;
  return { expiresAtMs, isOpen: status === "proposed" && nowMs < expiresAtMs };
}

/** Whether its workflow has yet to end it. */
export const isRunning = ({ status }: RemediationRecord): boolean => status === "acting" || status === "acted";

/**
 * Whether the question should be asked again when the finding comes again. What waits for a person: its reason may be gone. What held
 * for a reason that passes, yes; of an open finding of the monitor also what only a person was thought to cure; and where capacity was
 * added and quality stayed low.
 */
export function isOpen({ status, decision, signal, answer }: RemediationRecord): boolean {
  if (status === "proposed") return true;
  const wasCapacity = decision.kind === "scale_out" || decision.kind === "copies";
  if (status === "undone") return signal !== null && wasCapacity && answer?.says !== "undo";
  if (status !== "held") return false;
  if (decision.kind === "hold") return signal !== null || decision.until === "minutes" || decision.until === "later";
  return signal !== null && wasCapacity;
}

/** A record one step further. Holds in a row are one step, the newest: an open finding may hold for weeks. */
export function withStep<R extends RemediationRecord>(record: R, step: Step): R {
  const last = record.steps.at(-1);
  const repeats = step.what === "held" && last?.what === "held";
  return { ...record, steps: [...(repeats ? record.steps.slice(0, -1) : record.steps), step] };
}
