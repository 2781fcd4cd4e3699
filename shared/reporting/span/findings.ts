import type { MonitorFinding } from "../../monitoring/finding.ts";
import type { RemediationRecord } from "../../remediation/record.ts";
import type { SpanFinding } from "./facts.ts";
import type { Alarmed, ReportSource } from "./source.ts";
import { allUnder } from "./windows.ts";

/** A finding of the monitor, or of an alarm, which has fewer members. */
type StoredFinding = Pick<MonitorFinding, "id" | "cause" | "variant" | "since"> & Partial<MonitorFinding> & { alarm?: string };

/** Records of an endpoint that a span saw: decided before its end, and not over before its beginning; oldest decision first. */
export async function readRemediations(
  source: ReportSource,
  endpoint: string,
  fromMs: number,
  untilMs: number,
): Promise<RemediationRecord[]> {
  const items = await source.items(`endpoint#${endpoint}`, "remediation#");
  const records =
    items?.map(({ record }) => record as RemediationRecord) ?? (await allUnder<RemediationRecord>(source, "remediations/"));
  return records
    .filter((record) => {
      const endedAt = record.steps.at(-1)?.at ?? record.decidedAt;
      return record.endpoint === endpoint && Date.parse(record.decidedAt) < untilMs && Date.parse(endedAt) >= fromMs;
    })
    .sort((a, b) => (a.decidedAt < b.decidedAt ? -1 : a.decidedAt > b.decidedAt ? 1 : a.id < b.id ? -1 : 1));
}

/**
 * What was found of an endpoint in a span, in order of time; what was undecided and turned out to belong to another finding is told
 * with that. A folder has no findings but those that its remediations are about.
 */
export async function readFindings(
  source: ReportSource,
  endpoint: string,
  fromMs: number,
  untilMs: number,
  remediations: readonly RemediationRecord[],
  alarms: readonly Alarmed[],
): Promise<SpanFinding[]> {
  const items = await source.items(`endpoint#${endpoint}`, "finding#");
  const found =
    items === null
      ? remediations.map(fromRemediation)
      : (items as StoredFinding[]).filter(({ partOf }) => partOf === undefined).map((finding) => spanFinding(finding, alarms));
  return found
    .filter(({ at, closedAt }) => Date.parse(at) < untilMs && (closedAt === null || Date.parse(closedAt) >= fromMs))
    .sort((a, b) => (a.at < b.at ? -1 : 1));
}

/** What a report says of a finding as it is stored. */
function spanFinding(finding: StoredFinding, alarms: readonly Alarmed[]): SpanFinding {
  const { id, cause, variant, since, openedAt, size, lower, upper, judged, evidence, because, closedAt, alarm } = finding;
  return {
    ...{ id, cause, variant, since },
    at: openedAt ?? since,
    size: size ?? null, // what an alarm finds is not about grades
    judged: judged ?? 0,
    signal: finding.signal ?? null,
    interval: lower === undefined || upper === undefined ? null : { lower, upper },
    evidence: evidence ?? null,
    because: because ?? (alarm === undefined ? "" : `alarm ${alarm}`),
    closedAt: closedAt ?? overAt(alarms, alarm, since),
    segments: finding.segments ?? [],
    examples: finding.examples ?? [],
  };
}

/** Nobody closes what an alarm found: it is over when the alarm is. Findings say their minute. */
function overAt(alarms: readonly Alarmed[], alarm: string | undefined, since: string): string | null {
  const own = alarms.find(({ at, text }) => text === alarm && Date.parse(at) > Date.parse(since) - 60_000);
  return own?.until ?? null;
}

function fromRemediation({
  id,
  cause,
  variant,
  since,
  openedAt,
  signal,
  finding,
  decision,
  status,
  steps,
}: RemediationRecord): SpanFinding {
  return {
    ...{ id, cause: cause ?? "undecided", variant, since, at: openedAt, size: null, judged: 0, signal },
    ...{ interval: null, evidence: null, segments: [], examples: [] },
    because: finding ?? decision.because,
    closedAt: status === "kept" ? (steps.at(-1)?.at ?? null) : null,
  };
}
