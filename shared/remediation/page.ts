import { inWords } from "./decision.ts";
import type { RemediationRecord } from "./record.ts";

export type Page = { subject: string; message: string };

/**
 * What a person is told about a record, or `null` while none is needed. Names, ids and figures only: no captured text.
 * The subject keeps to what SNS takes: ASCII, one line, at most 100 characters.
 */
export function pageOf(record: RemediationRecord, stage: string): Page | null {
  const { status, decision, endpoint, variant, alarm, cause, id, since } = record;
  const what = headline(record);
  if (what === null) return null;
  const where = endpoint === null ? `alarm ${alarm}` : variant === null ? endpoint : `${endpoint}/${variant}`;
  const because = record.failure ?? record.steps.at(-1)?.because ?? decision.because;
  const lines = [
    `${where}: ${what}.`,
    `Why: ${because}.`,
    ...(decision.kind === "hold" ? [] : [`The decision was to ${inWords(decision)}: ${decision.because}.`]),
    ...(record.finding === undefined ? [] : [`Found: ${record.finding}`]),
    ...(status === "proposed"
      ? [
          `Say so with: assay remediation approve ${id} --stack ${stage} --who YOU (or reject). It expires; then it is decided anew.`,
        ]
      : []),
    `Cause: ${cause ?? "unknown"}, since ${since}. Status: ${status}. The story: assay remediation show ${id} --stack ${stage}.`,
  ];
  return { subject: ascii(`Assay ${stage}: ${where}: ${what}`), message: lines.join("\n") };
}

function headline({ status, decision, answer }: RemediationRecord): string | null {
  switch (status) {
    case "acting":
    case "acted":
    case "kept":
    case "rejected":
      return null;
    case "proposed":
      return `an action waits for your approval: ${inWords(decision)}`;
    case "undone":
      return answer?.says === "undo" ? "an action was taken back, as somebody wanted" : "an action did not help and was undone";
    case "failed":
      return "an action failed";
    case "held":
      if (decision.kind !== "hold") return "an action is neither proven nor undone: decide what stays";
      return decision.until === "person" ? "somebody must look" : null;
  }
}

const ascii = (text: string) => text.replace(/[^\x20-\x7e]/g, "?").slice(0, 100);
