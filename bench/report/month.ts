import type { MonitorFinding } from "../../shared/monitoring/finding.ts";
import { addAnswered, addUnanswered, emptySummary } from "../../shared/monitoring/summary.ts";
import type { JudgedRow } from "../../shared/monitoring/windowRecord.ts";
import { iso, windowMs } from "../../shared/monitoring/windows.ts";
import type { ReportSource } from "../../shared/reporting/span/source.ts";
import { type Chance, chanceFrom } from "../chance.ts";

export const monthOf = { endpoint: "support-chat", fromMs: Date.parse("2026-03-01T00:00:00Z"), days: 30 };
const variants = ["stable", "candidate", "canary"];
const segments = ["billing", "refunds", "orders", "login", "delivery", "returns", "business", "other"];
const scorers = ["repetition", "relevance", "language", "refusal", "truncated", "json"];
const answersPerWindow = 60;
const judgedPerWindow = 12;

/**
 * A simulated month of an endpoint, made window by window when it is read: three variants, eight segments, 60 answers a window and variant of which
 * 12 are judged, a finding every other day, and answers whose texts are as long as a page shows.
 */
export function monthSource(): ReportSource {
  const random = chanceFrom(1);
  const { endpoint, fromMs, days } = monthOf;
  const keyOf = (window: string) => `windows/endpoint=${endpoint}/window=${window}.json`;
  const windows = new Map(
    Array.from({ length: days * 96 }, (_, k) => iso(fromMs + k * windowMs)).map((window) => [keyOf(window), window]),
  );
  const text = "The refund of an order takes five working days after it came back. ".repeat(60);
  return {
    keys: async (prefix) => [...windows.keys()].filter((key) => key.startsWith(prefix)),
    read: async (key) => key,
    json: async <T>(key: string) =>
      ({ records: variants.map((variant) => recordOf(windows.get(key)!, variant, random)), late: [] }) as T, // keys are its own
    async items(pk, sk) {
      if (pk.startsWith("budget#"))
        return Array.from({ length: days }, (_, d) => ({
          sk: iso(fromMs + d * 86_400_000).slice(0, 10),
          spentMicroUsd: 3_100_000,
          budgetMicroUsd: 5_000_000,
        }));
      return sk === "finding#" ? Array.from({ length: days / 2 }, (_, d) => ({ ...findingOf(d) })) : [];
    },
    metrics: async (asked, from, until, period) =>
      asked.map(
        () => new Map(Array.from({ length: Math.ceil((until - from) / period) }, (_, k) => [from + k * period, random()])),
      ),
    alarms: async () =>
      Array.from({ length: 30 }, (_, d) => ({
        at: iso(fromMs + d * 86_400_000),
        until: iso(fromMs + d * 86_400_000 + 3_600_000),
        text: `assay-prod-${endpoint}-candidate-latency`,
      })),
    text: async () => ({ question: text, answer: text }),
  };
}

function recordOf(window: string, variant: string, random: Chance) {
  const summary = emptySummary();
  const rows: JudgedRow[] = [];
  for (let i = 0; i < answersPerWindow; i++) {
    const segment = segments[Math.floor(random() * segments.length)]!;
    const answer = {
      ...{
        eventId: `${window}-${variant}-${i}`,
        time: window,
        outcome: "answered" as const,
        promptTokens: 20,
        completionTokens: 80,
      },
      ...{
        tokensEstimated: false,
        segment,
        scores: Object.fromEntries(scorers.map((name) => [name, Math.round(100 * random()) / 100])),
      },
    };
    const chosen = i < judgedPerWindow;
    addAnswered(summary, answer, { hardFailure: random() < 0.01, pi: 0.2, piRef: 0.2, chosen, f: {} });
    const source = { bucket: "captures", key: `${window}.jsonl`, offset: i * 2_000, length: 2_000 };
    if (chosen) rows.push({ ...answer, y: { quality: Math.min(1, 0.75 + random() / 4) }, pi: 0.2, f: {}, source });
  }
  addUnanswered(summary, {
    ...{ eventId: "e", time: window, outcome: "model_error", promptTokens: 0, completionTokens: 0 },
    tokensEstimated: false,
    segment: "",
    scores: {},
  });
  return { window, endpoint: monthOf.endpoint, variant, summary, rows, failed: [], pending: [], piRef: 0.2 };
}

function findingOf(d: number): MonitorFinding {
  const at = iso(monthOf.fromMs + d * 2 * 86_400_000);
  return {
    ...{ id: `f${d}`, endpoint: monthOf.endpoint, variant: "candidate", cause: "model", signal: "quality", rules: [], since: at },
    ...{ size: -0.05, lower: -0.07, upper: -0.03, evidence: 1.1, judged: 120, thetaAtAlarm: 0.8, refLow: 0.83 },
    ...{
      status: "closed",
      openedAt: at,
      closedAt: at,
      because: "quality of candidate fell by 5.0 points, and the anchors are graded as before",
    },
  };
}
