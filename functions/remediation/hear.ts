import { readAlarmFinding, readRecord, type StoredRecord } from "../../shared/aws/remediations.ts";
import { settingsOf } from "../../shared/config/assay.ts";
import { iso } from "../../shared/monitoring/windows.ts";
import {
  type Answer,
  type AttemptKey,
  inWordsOf,
  isRunning,
  proposalOf,
  type RemediationRecord,
  type RemediationStatus,
  withStep,
} from "../../shared/remediation/record.ts";
import type { Trouble } from "../../shared/remediation/situation.ts";
import { type RemediateDeps, remediate, start } from "../remediate/remediate.ts";
import { publish, settle } from "./publishRecord.ts";

/** What a person says of one attempt of a remediation. */
export type Word = Omit<Answer, "at"> & { source: "assay.person"; record: AttemptKey };

/** `done`: it is as the person wants, or will be. `refused`: it cannot be, and why. */
export type Heard = { state: "done" | "refused"; status: RemediationStatus | null; because: string };

/**
 * Does what a person says, as far as it is still to be done: saying it again changes nothing more. What is approved is decided once more
 * before it is done: limits and the endpoint may say no meanwhile, and then it waits until it expires.
 * @throws RecordMoved and what AWS says: the person says it again
 */
export async function hear({ record: key, says, who, why }: Word, deps: RemediateDeps): Promise<Heard> {
  const stored = await readRecord(deps.table, key);
  if (stored === null) return refused(null, `there is no remediation ${key.id}`);
  const { record } = stored;
  if (record.attempt !== key.attempt)
    return refused(
      record,
      `it has come to attempt ${record.attempt} since you looked, and you saw attempt ${key.attempt}: look again`,
    );
  const answer: Answer = { says, who, why, at: iso(deps.nowMs()) };
  switch (says) {
    case "approve":
      return approve(stored, answer, deps);
    case "reject":
      return reject(stored, answer, deps);
    case "undo":
      return undo(stored, answer, deps);
  }
}

async function approve(stored: StoredRecord, answer: Answer, deps: RemediateDeps): Promise<Heard> {
  const { record } = stored;
  if (isRunning(record) && record.answer?.says === "approve") {
    await start(await publish(stored, deps), deps);
    return done(record, "it was approved before, and is under way");
  }
  if (record.status !== "proposed") return refused(record, `it is ${record.status}: only what is proposed can be approved`);
  const { approvalHours } = settingsOf(deps.assay, record.endpoint!).remediation; // who proposes has an endpoint
  const { isOpen, expiresAtMs } = proposalOf(record, approvalHours, deps.nowMs());
  if (!isOpen)
    return refused(record, `it expired ${iso(expiresAtMs)}: if its reason is still there, it is proposed anew within 15 minutes`);
  if (record.answer?.says !== "approve")
    await settle(stored, withStep({ ...record, answer }, { at: answer.at, what: "approved", because: inWordsOf(answer) }), deps);
  const trouble = await troubleOf(record, deps);
  if (trouble === null) return done(record, "it is done with the next look, within 15 minutes, if its reason is still there");
  const now = await remediate(trouble, deps);
  if (isRunning(now)) return done(now, "it is under way");
  if (now.status === "proposed" && now.attempt === record.attempt)
    return done(now, `it waits for the endpoint, and is done as soon as it may be, until ${iso(expiresAtMs)}`);
  return refused(now, `something else is called for by now: ${now.decision.because}`);
}

async function reject(stored: StoredRecord, answer: Answer, deps: RemediateDeps): Promise<Heard> {
  const { record } = stored;
  if (record.status === "rejected") {
    await publish(stored, deps);
    return done(record, "it was rejected before");
  }
  if (record.status !== "proposed") return refused(record, `it is ${record.status}: only what is proposed can be rejected`);
  const step = { at: answer.at, what: "rejected", because: inWordsOf(answer) } as const;
  await settle(stored, withStep({ ...record, status: "rejected", answer }, step), deps);
  return done({ ...record, status: "rejected" }, "it is not done, nor proposed again for this finding");
}

async function undo(stored: StoredRecord, answer: Answer, deps: RemediateDeps): Promise<Heard> {
  const { record } = stored;
  const { status, decision } = record;
  if (record.answer?.says === "undo" && isRunning(record)) {
    if (record.isReopened) await start(await publish(stored, deps), deps);
    return done(record, "it is being taken back already");
  }
  if (status === "undone") return done(record, "it was taken back before");
  if (record.actedAt === null) return refused(record, `it is ${status}, and nothing was changed: there is nothing to take back`);
  if (record.undoneAt !== null)
    return refused(record, "to take it back was tried, and failed: a person must look at the endpoint");
  if (decision.kind === "hold" || decision.undo === null)
    return refused(record, "it has no way back of its own: change the endpoint yourself, Assay leaves that alone");
  const step = { at: answer.at, what: "undo_asked", because: inWordsOf(answer) } as const;
  if (isRunning(record)) {
    await settle(stored, withStep({ ...record, answer }, step), deps);
    return done(record, "it is taken back with the next look, within 15 minutes");
  }
  const reopened: RemediationRecord = { ...record, status: "acted", answer, isReopened: true, failure: null };
  await start(await settle(stored, withStep(reopened, step), deps), deps);
  return done(reopened, "it is being taken back");
}

/** What an approved proposal is about, as it is now; `null`: only the next look can tell. */
async function troubleOf(
  { endpoint, openedAt, id, signal, alarm }: RemediationRecord,
  deps: RemediateDeps,
): Promise<Trouble | null> {
  if (endpoint === null) return null;
  if (signal !== null) return (await deps.openFindings(endpoint)).find((finding) => finding.id === id) ?? null;
  return alarm === null ? null : readAlarmFinding(deps.table, { endpoint, openedAt, id });
}

const done = ({ status }: RemediationRecord, because: string): Heard => ({ state: "done", status, because });
const refused = (record: RemediationRecord | null, because: string): Heard => ({
  state: "refused",
  status: record?.status ?? null,
  because,
});
