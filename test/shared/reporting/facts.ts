import type { MonitorFinding } from "../../../shared/monitoring/finding.ts";
import { addAnswered, emptySummary } from "../../../shared/monitoring/summary.ts";
import { windowOf } from "../../../shared/monitoring/windows.ts";
import type { RemediationRecord } from "../../../shared/remediation/record.ts";
import type { ReportSource } from "../../../shared/reporting/span/source.ts";

export const firstMs = Date.parse("2026-03-02T00:00:00Z");

const gradeAt = (i: number) => 0.8 + (i % 5) / 20;

/**
 * The objects of a results bucket after some hours of one endpoint: 12 answers a window and variant, all of them judged, the last variant's worse
 * from the middle on. Names are the caller's, and may be hostile.
 */
export function resultsOf(endpoint: string, variants: readonly string[], hours: number, texts: string): Record<string, unknown> {
  const objects: Record<string, unknown> = {};
  for (let k = 0; k < hours * 4; k++) {
    const window = windowOf(firstMs + k * 900_000);
    const records = variants.map((variant, v) => {
      const summary = emptySummary();
      const rows = Array.from({ length: 12 }, (_, i) => {
        const eventId = `${window}-${v}-${i}`;
        const quality = gradeAt(i) - (v > 0 && k >= hours * 2 ? 0.3 : 0);
        const answer = {
          ...{
            eventId,
            time: window,
            outcome: "answered" as const,
            promptTokens: 20,
            completionTokens: 40,
            tokensEstimated: false,
          },
          ...{ segment: i % 2 ? texts : "billing", scores: { [texts]: (i % 10) / 10 } },
        };
        addAnswered(summary, answer, { hardFailure: i === 0, pi: 1, piRef: 1, chosen: true, f: {} });
        const source = { bucket: "captures", key: texts, offset: 0, length: 10 };
        return { eventId, time: window, segment: answer.segment, y: { quality }, pi: 1, f: {}, scores: answer.scores, source };
      });
      return { window, endpoint, variant, summary, rows, failed: [], pending: [], piRef: 1 };
    });
    objects[`windows/endpoint=${encodeURIComponent(endpoint)}/window=${window}.json`] = {
      endpoint,
      window,
      records,
      late: [],
      folded: {},
    };
  }
  return objects;
}

export const findingOf = (endpoint: string, variant: string, text: string): MonitorFinding => ({
  ...{ id: "f1", endpoint, variant, cause: "model", signal: "quality", rules: [], since: "2026-03-02T03:00:00Z" },
  ...{ size: -0.3, lower: -0.35, upper: -0.25, evidence: 1.2, judged: 60, thetaAtAlarm: 0.6, refLow: 0.8 },
  ...{ status: "open", openedAt: "2026-03-02T03:30:00Z", because: text },
});

export const remediationOf = (endpoint: string, variant: string, text: string): RemediationRecord => ({
  ...{ endpoint, alarm: null, openedAt: "2026-03-02T03:30:00Z", id: "f1", variant, cause: "model", signal: "quality" },
  ...{ finding: text, since: "2026-03-02T03:00:00Z", status: "held", decidedAt: "2026-03-02T03:31:00Z", attempt: 1 },
  ...{ actedAt: null, inServiceAt: null, undoneAt: null, failure: null },
  decision: { kind: "hold", because: text, until: "person" },
  steps: [{ at: "2026-03-02T03:31:00Z", what: "held", because: text, figures: { quality: 0.6 } }],
});

/** A source that holds everything in memory. `items`: those of each partition, or `null` for a folder. */
export function sourceOf(
  objects: Record<string, unknown>,
  items: ((pk: string, sk: string) => Record<string, unknown>[]) | null,
  text: string,
): ReportSource {
  return {
    keys: async (prefix) =>
      Object.keys(objects)
        .filter((key) => key.startsWith(prefix))
        .sort(),
    read: async (key) => JSON.stringify(objects[key]),
    json: async <T>(key: string) => structuredClone(objects[key]) as T,
    items: async (pk, sk) => items?.(pk, sk) ?? null,
    metrics: async (asked, fromMs, untilMs, periodMs) =>
      items === null
        ? null
        : asked.map(
            () =>
              new Map(
                Array.from({ length: Math.ceil((untilMs - fromMs) / periodMs) }, (_, k) => [fromMs + k * periodMs, k / 10]),
              ),
          ),
    alarms: async () => (items === null ? [] : [{ at: "2026-03-02T03:20:00Z", until: null, text }]),
    text: async () => ({ question: text, answer: `${text} ask jane.roe@acme.io` }),
  };
}
