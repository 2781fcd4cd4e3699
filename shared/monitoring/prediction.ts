import type { Scores } from "../capture/inference.ts";
import { unitHash } from "../sampling/poisson.ts";
import { momentsOf } from "../statistics/momentBlocks.ts";
import { enoughToPredict, type PredictionSlope, predictionSlope } from "../statistics/predictionSlope.ts";
import { ridge } from "../statistics/ridge.ts";

/** What a scorer says about a judge's grade. */
type Regressor = {
  scorer: string;
  /** A measure, such as a length, counts by its logarithm; a score in [0, 1] as it is. */
  log: boolean;
  /** The range in the baseline, as it counts: nothing is known beyond it, so what lies beyond counts as its end. */
  low: number;
  high: number;
  coefficient: number;
  /** What to add where the scorer had nothing to say. */
  missing: number;
};

/** Predicts the judge's grade of one criterion from the cheap scores. Frozen with a baseline. */
export type PredictionModel = PredictionSlope & { intercept: number; regressors: Regressor[] };

/** A judged answer to learn from. */
export type PastAnswer = { eventId: string; conversation?: string; scores: Scores; y: number; pi: number };

/** As many records as would have to say that nothing predicts: a tenth of the fewest that a model is made of. */
const penalty = 10;
/** Each fifth is predicted by the other four. */
const folds = 5;

/**
 * Fits the prediction of a grade by the cheap scores, on past judged answers only. How far it may be trusted (ρ, β) is measured on
 * answers that had no part in it, conversations kept together: measured on its own rows it would look better than it is.
 * @returns `null` with fewer than 100 judged answers, or without a score that varies
 * Source: docs/statistics.md, "The prediction"
 */
export function fitPrediction(answers: readonly PastAnswer[]): PredictionModel | null {
  if (answers.length < enoughToPredict) return null;
  const names = [...new Set(answers.flatMap(({ scores }) => Object.keys(scores)))].sort();
  const scales = names.flatMap((scorer) => scaleOf(scorer, answers) ?? []);
  if (scales.length === 0) return null;
  const rows = answers.map(({ scores, y, pi }) => ({ x: regressorsOf(scales, scores), y, weight: 1 / pi }));
  const foldOf = answers.map(({ eventId, conversation }) =>
    Math.floor(unitHash("assay:prediction:v1", conversation ?? eventId) * folds),
  );

  const predicted: number[] = [];
  for (let fold = 0; fold < folds; fold++) {
    const others = rows.filter((_, i) => foldOf[i] !== fold);
    if (others.length === 0) return null; // one conversation: nothing of it is independent
    const model = ridge(others, penalty);
    for (const [i, { x }] of rows.entries()) if (foldOf[i] === fold) predicted[i] = valueAt(model, x);
  }
  const judged = answers.map(({ y, pi }, i) => ({ y, pi, f: predicted[i]! }));
  const trust = predictionSlope(momentsOf(judged.length, sum(predicted), judged));

  const { intercept, coefficients } = ridge(rows, penalty);
  const regressors = scales.map((scale, k) => ({
    ...scale,
    coefficient: coefficients[2 * k]!,
    missing: coefficients[2 * k + 1]!,
  }));
  return { ...trust, intercept, regressors };
}

/** The predicted grade, in [0, 1] and to 0.01: what the books count, and what every use of it must be. */
export function predict({ intercept, regressors }: PredictionModel, scores: Scores): number {
  const coefficients = regressors.flatMap(({ coefficient, missing }) => [coefficient, missing]);
  return valueAt({ intercept, coefficients }, regressorsOf(regressors, scores));
}

type Scale = Pick<Regressor, "scorer" | "log" | "low" | "high">;

/** `null` for a scorer that says the same of every answer, or nothing. */
function scaleOf(scorer: string, answers: readonly PastAnswer[]): Scale | null {
  const values = answers.map(({ scores }) => scoreOf(scores, scorer));
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  const log = Math.max(...known) > 1;
  const scaled = known.map((value) => (log ? Math.log1p(Math.max(0, value)) : value));
  const scale = { scorer, log, low: Math.min(...scaled), high: Math.max(...scaled) };
  return scale.low === scale.high && known.length === values.length ? null : scale;
}

/** Two for each scorer: what it says (nothing counts as the middle of its range), and whether it says nothing. */
function regressorsOf(scales: readonly Scale[], scores: Scores): number[] {
  return scales.flatMap(({ scorer, log, low, high }) => {
    const value = scoreOf(scores, scorer);
    if (value === null) return [(low + high) / 2, 1];
    const scaled = log ? Math.log1p(Math.max(0, value)) : value;
    return [Math.min(high, Math.max(low, scaled)), 0];
  });
}

function valueAt({ intercept, coefficients }: { intercept: number; coefficients: readonly number[] }, x: readonly number[]) {
  const value = intercept + coefficients.reduce((total, b, k) => total + b * x[k]!, 0);
  return Math.round(100 * Math.min(1, Math.max(0, value))) / 100;
}

function scoreOf(scores: Scores, scorer: string): number | null {
  return Object.hasOwn(scores, scorer) ? scores[scorer]! : null;
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
