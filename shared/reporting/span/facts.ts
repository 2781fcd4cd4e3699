import type { JudgeQuality } from "../../labels/humanGrades.ts";
import type { AnchorReading } from "../../monitoring/anchors.ts";
import type { Baseline } from "../../monitoring/baseline.ts";
import type { SpanEstimate } from "../../monitoring/estimates.ts";
import type { Example, MonitorFinding } from "../../monitoring/finding.ts";
import type { LiveComparison } from "../../monitoring/liveComparison.ts";
import type { SignalLine } from "../../monitoring/monitorState.ts";
import type { Summary } from "../../monitoring/summary.ts";
import type { RemediationRecord } from "../../remediation/record.ts";
import type { ReportedFinding } from "../outcome.ts";
import type { Distribution, Mark, ShownExample, Value } from "../report.ts";

/** A finding with what it rests on; `null` members where an alarm of CloudWatch found it, or only its remediation is known. */
export type SpanFinding = ReportedFinding & {
  id: string;
  since: string;
  interval: { lower: number; upper: number } | null;
  evidence: number | null;
  because: string;
  closedAt: string | null;
  segments: NonNullable<MonitorFinding["segments"]>;
  examples: Example[];
};

/** What became of the answers of a variant, or of all. */
export type Books = { total: Summary; variants: ReadonlyMap<string, Summary>; chosen: ReadonlyMap<string, number> };

/** Of one variant, aligned to `SpanFacts.times`. */
export type VariantSeries = {
  variant: string;
  quality: (Value | null)[];
  evidence: (Value | null)[];
  latency: (Value | null)[];
  traffic: (Value | null)[];
};

/** One day (UTC). `null`: not counted. */
export type BudgetedDay = { date: string; judgeMicroUsd: number; judgeBudgetMicroUsd: number; servingMicroUsd: number | null };

export type JudgeHealth = {
  /** `null`: nothing is judged. */
  judge: { model: string; version: string } | null;
  graded: number;
  failed: number;
  refused: number;
  unparseable: number;
  skipped: number;
  pending: number;
  /** Beside people; `null`: nobody has graded. */
  agreement: JudgeQuality | null;
  readings: AnchorReading[];
};

/** Requests as SageMaker counted them, and their records; of the hours that were compared. */
export type CoverageRow = { variant: string; hours: number; requests: number; records: number; judged: number };

/** A signal's evidence as it stands; `most`: the furthest that was published in the span. */
export type SignalEvidence = SignalLine & { most: number | null; oneIn: number };

export type SpanFacts = {
  title: string;
  origin: string[];
  /** `null`: captures of endpoints that nobody configured. */
  endpoint: string | null;
  from: string;
  until: string;
  /** `null` where there is no configuration. */
  settings: { target: number; tolerance: number; latencyLimitMs: number; servingBudgetMicroUsd: number | null } | null;
  /** The one in force at the end, with its mean grade and what counts as unchanged; `null`: none is approved. */
  baseline: (Pick<Baseline, "version" | "span" | "limits"> & { mean: number | null; low: number; high: number }) | null;
  times: number[];
  series: VariantSeries[];
  marks: Mark[];
  findings: SpanFinding[];
  remediations: RemediationRecord[];
  books: Books;
  /** Of the whole span. */
  estimates: SpanEstimate[];
  comparisons: LiveComparison[];
  distributions: Distribution[];
  /** Shares of answers in which something bad happened. `variant`: `null` is all of them. */
  rates: { signal: string; variant: string | null; before: number; now: number; n: number }[];
  /** As they stood when the monitor last looked; `null`: it has not looked, or there is no configuration. */
  signals: { asOf: string; lines: SignalEvidence[] } | null;
  days: BudgetedDay[];
  coverage: CoverageRow[];
  judge: JudgeHealth;
  examples: ShownExample[];
  /** What was noticed on the way, each with its time. */
  events: { at: string; text: string }[];
};
