import { createHash } from "node:crypto";
import type { Scores } from "../capture/inference.ts";
import type { Binning } from "../statistics/bins.ts";
import type { DailyCycle } from "../statistics/dailyCycle.ts";
import type { WeekCycle } from "../statistics/weekCycle.ts";
import type { Anchor } from "./anchors.ts";
import { type PredictionModel, predict } from "./prediction.ts";
import type { QualitySums } from "./qualitySums.ts";

/** A frozen reference for one endpoint, with which each of its variants is compared. Plain JSON. */
export type Baseline = {
  /** 16 hex of the hash of all that was measured: the same records give the same version. */
  version: string;
  /** See `baselineFormat`. */
  format: number;
  endpoint: string;
  createdAt: string;
  /** Where the records came from, for people. */
  madeFrom: string;
  /** From the first window's start to the last one's end, ISO. */
  span: { from: string; to: string };
  windowMs: number;
  /** `null`: made of a recorded stream, which does not say who judged. */
  judgeVersion: string | null;
  /** `null`: made of a recorded stream, which does not say what answered and what scored. */
  system: SystemVersion | null;
  criteria: Record<string, CriterionBaseline>;
  segments: ShareBaseline | null;
  /** Signal, or `signal/variant`, → how its shares were. Without the segments, which stand above. */
  shares: Record<string, ShareBaseline>;
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
  /** Who took it out of use, when and why. */
  retired?: { at: string; by: string; why: string };
};

/** What the answers and scores of a baseline came from. */
export type SystemVersion = {
  /** Of the scorers and rules, see `scorersVersion`. */
  scorersVersion: string;
  /** Variant → name of SageMaker's model that it served; `null`: the endpoint could not be asked. */
  models: Record<string, string> | null;
};

/** The mean grade of a criterion over all variants. */
export type CriterionBaseline = {
  sums: QualitySums;
  mu0: number;
  nStar0: number;
  se0: number;
  cycle: DailyCycle;
  week: WeekCycle;
  /** Per bin of `segments.binning`, its mean grade; `null` where too few were judged. */
  bySegment: ({ mu0: number; se0: number; judged: number } | null)[];
  /** What the cheap scores say about a grade; `null`: too few judged answers to learn from. */
  prediction: PredictionModel | null;
};

/** What predicts the grades of an endpoint's answers: of those criteria that it is worth it for. */
export type Predictor = { /** Of the baseline. */ version: string; models: Record<string, PredictionModel> };

/** A baseline's predictor; `null` where its scores say too little about every grade. */
export function predictorOf({ version, criteria }: Pick<Baseline, "version" | "criteria">): Predictor | null {
  const worth = Object.entries(criteria).flatMap(([criterion, { prediction }]) =>
    prediction !== null && prediction.beta > 0 ? [[criterion, prediction] as const] : [],
  );
  return worth.length === 0 ? null : { version, models: Object.fromEntries(worth) };
}

/** Criterion → predicted grade of an answer; `{}` without a predictor. */
export function predictedBy(predictor: Predictor | null, scores: Scores): Record<string, number> {
  const models = Object.entries(predictor?.models ?? {});
  return Object.fromEntries(models.map(([criterion, model]) => [criterion, predict(model, scores)]));
}

/** The slope by which predictions of a criterion count; 0: they do not. */
export function betaOf({ criteria }: Pick<Baseline, "criteria">, criterion: string): number {
  return Object.hasOwn(criteria, criterion) ? (criteria[criterion]!.prediction?.beta ?? 0) : 0;
}

/** How something spread over its bins, such as the answers over the segments. */
export type ShareBaseline = {
  binning: Binning;
  /** Answers per bin. */
  counts: number[];
  /** Windows of whole days in which there was any. */
  windows: number;
  /** How much more windows differ than independent answers would, and their mean size; `null`: too few windows to watch the shares. */
  dispersion: { D: number; meanAnswers: number } | null;
};

export type SelfTestAlarm = { variant: string; criterion: string; window: string };

/** Of what is frozen: grows when it gets another shape, or its numbers another meaning. */
export const baselineFormat = 2;

/** What is measured of an endpoint, without what people say of it. */
export type BaselineContent = Pick<
  Baseline,
  | "format"
  | "endpoint"
  | "span"
  | "windowMs"
  | "judgeVersion"
  | "system"
  | "criteria"
  | "segments"
  | "shares"
  | "anchors"
  | "anchorSpread"
>;

/** A text that is no baseline, or one that was changed after it was frozen. */
export class UnusableBaseline extends Error {
  override readonly name = "UnusableBaseline";
}

/** Names what was measured. */
export function baselineVersion(content: BaselineContent): string {
  const { format, endpoint, span, windowMs, judgeVersion, system, criteria, segments, shares, anchors, anchorSpread } = content;
  const measured = [format, endpoint, span, windowMs, judgeVersion, system, criteria, segments, shares, anchors, anchorSpread];
  return createHash("sha256").update(JSON.stringify(measured)).digest("hex").slice(0, 16);
}

/**
 * Reads a baseline that was written as JSON. Its version proves it: what was measured still hashes to it.
 * @param name what the user calls it
 * @throws UnusableBaseline
 */
export function parseBaseline(text: string, name: string): Baseline {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UnusableBaseline(`${name} is not JSON. Is it a baseline that \`assay baseline create\` wrote?`);
  }
  if (typeof value === "object" && value !== null && "criteria" in value && (value as Baseline).format !== baselineFormat)
    throw new UnusableBaseline(`${name} was made by another version of Assay, which measured otherwise. Create it anew.`);
  if (!isBaseline(value))
    throw new UnusableBaseline(`${name} is no baseline as it was frozen: its version does not fit its contents. Create it anew.`);
  return value;
}

function isBaseline(value: unknown): value is Baseline {
  return (
    typeof value === "object" && value !== null && "version" in value && baselineVersion(value as Baseline) === value.version
  );
}

/** Says that a baseline is a sound reference. */
export function approve(baseline: Baseline, by: string, why: string, nowIso: string): Baseline {
  return { ...baseline, status: "approved", approvedAt: nowIso, approvedBy: by, why };
}

/** Takes a baseline out of use. One that is out of use stays as it is. */
export function retire(baseline: Baseline, by: string, why: string, nowIso: string): Baseline {
  return baseline.status === "retired" ? baseline : { ...baseline, status: "retired", retired: { at: nowIso, by, why } };
}
