import type { Assay } from "../../config/assay.ts";
import type { RemediationRecord } from "../../remediation/record.ts";
import type { SpanFacts } from "./facts.ts";
import { type OnProgress, readSpan } from "./read.ts";
import type { ReportSource } from "./source.ts";

const hourMs = 3_600_000;
/** What was before the trouble, so that one sees it begin. */
const beforeMs = 6 * hourMs;
/** What came after the end, as far as it has come. */
const afterMs = 3 * hourMs;
/** A finding may say that its trouble began weeks ago. */
const longestBeforeMs = 48 * hourMs;

/** What the endpoint of a remediation did around it; `null` where it is no endpoint's. */
export async function aroundRemediation(
  source: ReportSource,
  { endpoint, since, decidedAt, steps }: RemediationRecord,
  assay: Assay | null,
  nowMs: number,
  onProgress?: OnProgress,
): Promise<SpanFacts | null> {
  if (endpoint === null) return null;
  const decidedMs = Date.parse(decidedAt);
  const fromMs = Math.max(Math.min(Date.parse(since), decidedMs) - beforeMs, decidedMs - longestBeforeMs);
  const untilMs = Math.max(fromMs + hourMs, Math.min(nowMs, Date.parse(steps.at(-1)?.at ?? decidedAt) + afterMs));
  const facts = await readSpan(source, { endpoint, fromMs, untilMs, assay }, onProgress);
  return { ...facts, title: endpoint, origin: [], events: [] };
}
