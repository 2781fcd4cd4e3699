import type { Binning } from "../statistics/bins.ts";
import type { DailyCycle } from "../statistics/dailyCycle.ts";
import type { Anchor } from "./anchors.ts";
import type { QualitySums } from "./qualitySums.ts";

/** A frozen reference for one endpoint, with which each of its variants is compared. Plain JSON. */
export type Baseline = {
  /** 16 hex of the hash of all that was measured: the same records give the same version. */
  version: string;
  endpoint: string;
  createdAt: string;
  /** Where the records came from, for people. */
  madeFrom: string;
  /** From the first window's start to the last one's end, ISO. */
  span: { from: string; to: string };
  windowMs: number;
  /** `null`: made of a recorded stream, which does not say who judged. */
  judgeVersion: string | null;
  criteria: Record<string, CriterionBaseline>;
  segments: SegmentBaseline | null;
  anchors: Anchor[];
  /** Criterion → standard deviation of one more reading to the stored grades; without it, that of the first reading is used. */
  anchorSpread: Record<string, number>;
  /** What cannot be watched yet, or only in part, and what to do about it. */
  limits: { signal: string; because: string }[];
  /** Alarms of the baseline's own days against the other days. Any of them: raise the tolerance. */
  selfTest: SelfTestAlarm[];
  status: "draft" | "approved" | "retired";
  approvedAt?: string;
  approvedBy?: string;
  why?: string;
};

/** The mean grade of a criterion over all variants. */
export type CriterionBaseline = {
  sums: QualitySums;
  mu0: number;
  nStar0: number;
  se0: number;
  cycle: DailyCycle;
  /** Per bin of `segments.binning`, its mean grade; `null` where too few were judged. */
  bySegment: ({ mu0: number; se0: number; judged: number } | null)[];
};

/** How the answers spread over the segments. */
export type SegmentBaseline = {
  binning: Binning;
  /** Answers per bin. */
  counts: number[];
  /** How much more windows differ than independent answers would, and their mean size; `null`: too short to watch the mix. */
  dispersion: { D: number; meanAnswers: number } | null;
};

export type SelfTestAlarm = { variant: string; criterion: string; window: string };

/** Says that a baseline is a sound reference. */
export function approve(baseline: Baseline, by: string, why: string, nowIso: string): Baseline {
  return { ...baseline, status: "approved", approvedAt: nowIso, approvedBy: by, why };
}

/** Takes a baseline out of use; another one has taken its place. */
export function retire(baseline: Baseline): Baseline {
  return { ...baseline, status: "retired" };
}
