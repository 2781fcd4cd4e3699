import { inWords, type Rejected } from "./decision.ts";
import type { RemediationRecord, Step } from "./record.ts";

/** One line of a list. Names, ids and figures only: no captured text. */
export function outlineOf(record: RemediationRecord): string {
  const { id, endpoint, variant, alarm, status, decision, decidedAt } = record;
  const where = endpoint === null ? `alarm ${alarm}` : variant === null ? endpoint : `${endpoint}/${variant}`;
  const what = decision.kind === "hold" ? `hold: ${decision.because}` : inWords(decision);
  return `${id}  ${minute(decidedAt)}  ${status.padEnd(8)}  ${where}  ${what}`;
}

/** A remediation from beginning to end, in plain words with its figures. */
export function storyOf(record: RemediationRecord): string {
  const { id, endpoint, variant, alarm, cause, since, status, decision, finding, steps, attempt, failure } = record;
  const where = endpoint === null ? `alarm ${alarm}` : variant === null ? endpoint : `${variant} of ${endpoint}`;
  return [
    `Remediation ${id}: ${where}, ${status}${attempt > 1 ? `, attempt ${attempt}` : ""}.`,
    `Cause: ${cause ?? "unknown"}, since ${minute(since)}.`,
    ...(finding === undefined ? [] : [`Found: ${finding}`]),
    `Decided: ${inWords(decision)}, because ${decision.because}.`,
    ...(decision.kind === "hold" ? rejectedIn(decision.rejected ?? []) : planOf(decision)),
    ...(failure === null ? [] : [`Failed: ${failure}.`]),
    "",
    ...steps.map(lineOf),
  ].join("\n");
}

function planOf({ expected, deeper, undo, rejected }: Exclude<RemediationRecord["decision"], { kind: "hold" }>): string[] {
  const { effect, microUsdPerDay } = expected;
  const cost = microUsdPerDay === null ? "no price is known" : `${(microUsdPerDay / 1_000_000).toFixed(2)} USD a day`;
  const further = deeper.length === 0 ? "" : ` ${deeper.length} more of its steps may follow.`;
  const back = undo === null ? "It has no way back of its own." : "It can be taken back: assay remediation undo.";
  return [`Expected: ${effect} (${cost}).${further} ${back}`, ...rejectedIn(rejected)];
}

const rejectedIn = (rejected: readonly Rejected[]) => rejected.map(({ kind, because }) => `Not ${kind}: ${because}.`);

const wordsOf: Record<Step["what"], string> = {
  held: "held",
  proposed: "proposed",
  approved: "approved",
  rejected: "rejected",
  decided: "decided",
  changed: "changed",
  in_service: "in service",
  looked: "looked",
  deepened: "one step more",
  undo_asked: "undo asked",
  undoing: "taking back",
  kept: "kept",
  undone: "undone",
  failed: "failed",
};
const saysOf: Record<NonNullable<Step["says"]>, string> = {
  helped: "helped",
  did_not_help: "did not help",
  worse: "worse",
  not_enough_yet: "not enough yet",
};

function lineOf({ at, what, because, says, figures }: Step): string {
  const numbers = Object.entries(figures ?? {}).map(([name, value]) => `${name} ${Number(value.toFixed(3))}`);
  const evidence = numbers.length === 0 ? "" : ` (${numbers.join(", ")})`;
  return `${minute(at)}  ${wordsOf[what].padEnd(13)}  ${says === undefined ? "" : `${saysOf[says]}: `}${because}${evidence}`;
}

const minute = (at: string) => `${at.slice(0, 16)}Z`;
