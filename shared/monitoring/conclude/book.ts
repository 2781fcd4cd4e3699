import type { JudgeShift } from "../../statistics/anchors.ts";
import type { QualityChange } from "../attributeQuality.ts";
import { findingId, type MonitorFinding } from "../finding.ts";
import { closedFinding } from "../monitor.ts";
import type { Alarm, MonitorState, OpenFinding } from "../monitorState.ts";
import type { Served } from "../strain.ts";
import { iso } from "../windows.ts";

/** Findings while they are being concluded. The functions below change it. */
export type Book = {
  before: MonitorState;
  nowMs: number;
  /** How the endpoint was served; `null`: nobody has looked. */
  served: Served | null;
  findings: OpenFinding[];
  /** Opened, decided or closed now. */
  said: Map<string, MonitorFinding>;
  /** The judge's shifts that were found now. */
  shifts: Record<string, JudgeShift>;
};

export function opened({ before: { endpoint }, nowMs }: Book, { rule, at, evidence }: Alarm) {
  const id = findingId(["monitor", endpoint, rule, at]);
  return { id, endpoint, evidence, status: "open" as const, openedAt: iso(nowMs) };
}

export function put(book: Book, finding: MonitorFinding, undecided: OpenFinding["undecided"] = null): void {
  book.findings = [...book.findings.filter((other) => other.finding.id !== finding.id), { finding, undecided }];
  book.said.set(finding.id, finding);
}

export function join(book: Book, { finding, undecided }: OpenFinding, rule: string): void {
  put(book, { ...finding, rules: [...new Set([...finding.rules, rule])] }, undecided);
}

function findingIn({ findings }: Book, id: string): OpenFinding {
  return findings.find(({ finding }) => finding.id === id)!; // the caller has put it there
}

export function close(book: Book, finding: MonitorFinding, because: string): void {
  book.findings = book.findings.filter((other) => other.finding.id !== finding.id);
  book.said.set(finding.id, closedFinding(finding, because, book.nowMs));
}

/** The open finding that already says what a change says: traffic that moved moves every variant, and everywhere is everywhere. */
export function sharedFinding(
  { findings }: Book,
  criterion: string,
  { cause, size }: Pick<QualityChange, "cause" | "size">,
): OpenFinding | undefined {
  return findings.find(({ finding }) => {
    if (finding.cause !== cause) return false;
    return cause === "traffic" || (cause === "model_everywhere" && finding.signal === criterion && finding.size * size > 0);
  });
}

/** Closes the findings of cheap signals that a weightier one explains, and latches their rules with it. */
export function absorb(book: Book, by: MonitorFinding): void {
  const own = book.findings.filter(
    ({ finding }) =>
      finding.id !== by.id &&
      (finding.cause === "model" || finding.cause === "model_everywhere") &&
      isCheap(finding) &&
      (by.variant === null || finding.variant === by.variant),
  );
  for (const { finding } of own) {
    for (const rule of finding.rules) join(book, findingIn(book, by.id), rule);
    close(book, { ...finding, partOf: by.id }, by.because);
  }
}

/** Of a signal that is not judged: nothing acts on it. */
function isCheap({ thetaAtAlarm }: MonitorFinding): boolean {
  return thetaAtAlarm === null;
}
