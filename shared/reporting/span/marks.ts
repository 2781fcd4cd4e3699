import { inWords } from "../../remediation/decision.ts";
import type { RemediationRecord } from "../../remediation/record.ts";
import type { Mark } from "../report.ts";
import type { SpanFinding } from "./facts.ts";

/** More than this are no picture any more: the first ones and the last ones are drawn, and the list below the curves says so. */
const mostMarks = 40;

/** What happened, in order of time: alarms that began, findings, and what was done about them. */
export function marksOf(
  alarms: readonly { at: string; text: string }[],
  findings: readonly SpanFinding[],
  remediations: readonly RemediationRecord[],
): Mark[] {
  const marks: Mark[] = [
    ...alarms.map(({ at, text }): Mark => ({ atMs: Date.parse(at), kind: "alarm", text })),
    ...findings.map(
      ({ at, cause, variant }): Mark => ({
        atMs: Date.parse(at),
        kind: "finding",
        text: `${cause.replace("_", " ")} (${variant ?? "all variants"})`,
      }),
    ),
    ...remediations.flatMap(({ actedAt, decision }): Mark[] =>
      actedAt === null ? [] : [{ atMs: Date.parse(actedAt), kind: "action", text: `${inWords(decision)}: ${decision.because}` }],
    ),
  ].sort((a, b) => a.atMs - b.atMs);
  if (marks.length <= mostMarks) return marks;
  const half = mostMarks / 2;
  const left = marks.length - mostMarks;
  const last = marks.slice(-half);
  return [
    ...marks.slice(0, half),
    { ...last[0]!, text: `${last[0]!.text} (${left} marks before this one are not drawn)` },
    ...last.slice(1),
  ];
}
