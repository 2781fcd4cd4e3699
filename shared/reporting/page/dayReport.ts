import type { Cause } from "../../monitoring/finding.ts";

/** `null`: nothing is known of that moment, which is a gap and never a 0. `at` is ISO. */
export type Point = { at: string; value: number | null };
/** Mean grade with its interval; all three are `null` where too little was judged. */
export type QualityPoint = { at: string; estimate: number | null; lower: number | null; upper: number | null };

/** What is drawn of one variant. Each series has a point for every step of the day, in order of time. */
export type VariantCurves = {
  variant: string;
  quality: readonly QualityPoint[];
  /** 0 = none, 1 = alarm. */
  evidence: readonly Point[];
  latencyP90Ms: readonly Point[];
  /** Share of the endpoint's requests, in [0, 1]. */
  trafficShare: readonly Point[];
};

export type Mark = { at: string; kind: "alarm" | "finding" | "action"; text: string };

export type Curves = {
  /** ISO: what the time axis spans. */
  from: string;
  until: string;
  variants: readonly VariantCurves[];
  /** The baseline's mean, and how far quality may go from it before anybody cares; `null` without a baseline. */
  baseline: { mean: number; low: number; high: number } | null;
  /** Where the latency alarm begins. */
  latencyLimitMs: number;
  marks: readonly Mark[];
};

export type ReportedFinding = {
  cause: Cause;
  /** `null` where it concerns all of them. */
  variant: string | null;
  /** When it was concluded, ISO. */
  at: string;
  /** The change in score points; `null` where it is not about grades. */
  size: number | null;
  /** Judged answers that it rests on. */
  judged: number;
};

/** `acted`: not verified yet. */
export type ActionOutcome = "proposed" | "acted" | "kept" | "undone" | "held" | "failed";
export type ReportedAction = {
  kind: "shift_traffic" | "scale_out" | "hold";
  /** Whose traffic or instances; `null` where it concerns all of them. */
  variant: string | null;
  /** Where traffic goes; `null` for anything else. */
  to: string | null;
  outcome: ActionOutcome;
};

export type Spend = { evaluationMicroUsd: number; budgetMicroUsd: number };
