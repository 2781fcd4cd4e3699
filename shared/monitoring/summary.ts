import type { Outcome, Quarantined, ScoredInference, UnreadableCode } from "../capture/inference.ts";
import type { QuestionTraits } from "../capture/questionTraits.ts";
import { hourOf, iso } from "./windows.ts";

/**
 * Scores on a grid of 0.01, as counts per hundredth (`{"97": 12}`): finer than any decision about them, at most 101 numbers,
 * and sums of integers do not depend on the order of addition, which sums of fractions do.
 */
export type Histogram = Record<string, number>;

/**
 * An answer that was chosen for judging, with the probability it was chosen with and, where grades were predicted, the prediction
 * per criterion: it must be the one that the window's sum has. `traits`: what it is counted as, so that it can show what changed.
 */
type Chosen = {
  eventId: string;
  pi: number;
  segment: string;
  conversation?: string;
  f?: Record<string, number>;
  traits?: Traits;
};

/** In which bin of each measure, and under which language and cluster, an answer and its question are counted. */
export type Traits = Partial<Record<Measure | keyof QuestionTraits, string>>;

export type Counts = {
  /** The sum of the six that follow. */
  captured: number;
  answered: number;
  modelErrors: number;
  inputOnly: number;
  outputOnly: number;
  quarantined: number;
  /** Known to be missing, e.g. by gaps in a numbered source. Reading an object finds none by itself. */
  lost: number;
};

/** What one hour counts: see `Counts`. `records` are capture lines, of which a batch of prompts is one and an evaluation's are some. */
export type HourCounts = Record<"records" | CountedOutcome | "captured", number>;
type CountedOutcome = "answered" | "modelErrors" | "inputOnly" | "outputOnly" | "quarantined";

/** A mergeable digest of some capture objects of one variant. The books are made of these. */
export type Summary = {
  version: 1;
  counts: Counts;
  /** The same counts by the hour of the inference (its start, ISO), whenever it was captured. */
  hours: Record<string, HourCounts>;
  quarantinedBy: Record<UnreadableCode, number>;
  /** Of answered inferences; `estimated` are those whose payload did not say. */
  tokens: { prompt: number; completion: number; estimated: number };
  /** Per scorer. An answer that a scorer had nothing to say about is in none of its bins. */
  scores: Record<string, Histogram>;
  hardFailures: number;
  /** Answered inferences per segment. */
  segments: Record<string, number>;
  /** Of answered inferences, what the payload tells: bins of `measureBin`. */
  measures: Partial<Record<Measure, Histogram>>;
  /** Of answered inferences, what was asked: languages and clusters of the questions, where they could be told. */
  questions: Record<keyof QuestionTraits, Record<string, number>>;
  /** Of answered inferences: criterion → segment → grades that the scores predicted. Empty where no baseline predicts. */
  predicted: Record<string, Record<string, Histogram>>;
  chosen: Chosen[];
  /** The smallest π that the window's policy could assign, whoever had it; `null` without answers. */
  piMin: number | null;
  /** Of the inferences, ISO to the second; `null` where nothing readable was captured. */
  firstTime: string | null;
  lastTime: string | null;
};

/** What a summary in the results bucket is about. */
export type StoredSummary = { window: string; endpoint: string; variant: string; objectId: string; summary: Summary };

/** Characters and tokens of an answer, tokens of its question, and how long it took in milliseconds. */
export type Measure = "length" | "tokens" | "question-tokens" | "latency";

/** What the books take from an inference: no text. */
export type Counted = Pick<
  ScoredInference,
  "eventId" | "time" | "outcome" | "promptTokens" | "completionTokens" | "tokensEstimated" | "segment" | "conversation" | "scores"
> & {
  /** Only its length is counted. Absent where the answer's text is not known. */
  completion?: string | undefined;
  latencyMs?: number | undefined;
  /** Absent where the question's text is not known. */
  question?: QuestionTraits | undefined;
};

/** What becomes of an answer apart from its scores. `f`: criterion → predicted grade, on the 0.01 grid. */
export type Fate = { hardFailure: boolean; pi: number; piRef: number; chosen: boolean; f: Record<string, number> };

export function emptySummary(): Summary {
  return {
    version: 1,
    counts: { captured: 0, answered: 0, modelErrors: 0, inputOnly: 0, outputOnly: 0, quarantined: 0, lost: 0 },
    hours: dictionary(),
    quarantinedBy: dictionary(),
    tokens: { prompt: 0, completion: 0, estimated: 0 },
    scores: dictionary(),
    hardFailures: 0,
    segments: dictionary(),
    measures: dictionary(),
    questions: { language: dictionary(), cluster: dictionary() },
    predicted: dictionary(),
    chosen: [],
    piMin: null,
    firstTime: null,
    lastTime: null,
  };
}

/** A summary as it was stored, whichever version of Assay stored it: what that did not count yet is empty. */
export function upToDate(stored: Summary): Summary {
  const empty = emptySummary();
  return { ...empty, ...stored, questions: { ...empty.questions, ...stored.questions } };
}

/**
 * Counts a line of a capture object, whatever becomes of it. Changes `summary`: copying it for each of a million would cost minutes.
 * @param time ISO, of its inference or, where it cannot be read, of the object
 */
export function addRecord(summary: Summary, time: string): void {
  hourAt(summary, time).records++;
}

/** Counts a record that could not be read, at its own time or, where it has none, at that of its object. Changes `summary`. */
export function addQuarantined(summary: Summary, { reason, time }: Quarantined, startedAt: string): void {
  countOutcome(summary.counts, "quarantined");
  countOutcome(hourAt(summary, time ?? startedAt), "quarantined");
  add(summary.quarantinedBy, reason.code, 1);
}

/** Counts one inference, or one record that was quarantined. Changes `counts`. */
export function countOutcome(counts: Pick<Counts, CountedOutcome | "captured">, outcome: Outcome | "quarantined"): void {
  counts.captured++;
  counts[countOf[outcome]]++;
}

/** Counts an inference that has no answer to score: the model's error, or half a record. Changes `summary`. */
export function addUnanswered(summary: Summary, { outcome, time }: Counted): void {
  countOutcome(summary.counts, outcome);
  countOutcome(hourAt(summary, time), outcome);
  extend(summary, time);
}

/** Counts an answered inference. Changes `summary`. */
export function addAnswered(summary: Summary, inference: Counted, { hardFailure, pi, piRef, chosen, f }: Fate): void {
  addUnanswered(summary, inference);
  summary.tokens.prompt += inference.promptTokens;
  summary.tokens.completion += inference.completionTokens;
  if (inference.tokensEstimated) summary.tokens.estimated++;
  for (const [scorer, score] of Object.entries(inference.scores)) {
    if (score === null) continue;
    summary.scores[scorer] ??= dictionary();
    add(summary.scores[scorer], hundredths(score), 1);
  }
  for (const [criterion, grade] of Object.entries(f)) {
    summary.predicted[criterion] ??= dictionary();
    summary.predicted[criterion][inference.segment] ??= dictionary();
    add(summary.predicted[criterion][inference.segment]!, hundredths(grade), 1);
  }
  const measures = measuresOf(inference);
  for (const [measure, bin] of Object.entries(measures) as [Measure, string][]) {
    summary.measures[measure] ??= dictionary();
    add(summary.measures[measure], bin, 1);
  }
  const asked = Object.entries(inference.question ?? {}).filter(
    (trait): trait is [keyof QuestionTraits, string] => trait[1] !== null,
  );
  for (const [trait, value] of asked) add(summary.questions[trait], value, 1);
  if (hardFailure) summary.hardFailures++;
  add(summary.segments, inference.segment, 1);
  summary.piMin = smaller(summary.piMin, piRef);
  if (!chosen) return;
  const { eventId, segment, conversation } = inference;
  summary.chosen.push({
    eventId,
    pi,
    segment,
    ...(conversation === undefined ? {} : { conversation }),
    ...(Object.keys(f).length === 0 ? {} : { f }),
    traits: { ...measures, ...Object.fromEntries(asked) },
  });
}

/** The summary of both together. Neither order nor grouping of merges changes the result, to the last byte. */
export function merge(a: Summary, b: Summary): Summary {
  return {
    version: 1,
    counts: addEach(a.counts, b.counts),
    hours: combine(a.hours, b.hours, addEach),
    quarantinedBy: addEach(a.quarantinedBy, b.quarantinedBy),
    tokens: addEach(a.tokens, b.tokens),
    scores: combine(a.scores, b.scores, addEach),
    hardFailures: a.hardFailures + b.hardFailures,
    segments: addEach(a.segments, b.segments),
    measures: combine(a.measures as Record<string, Histogram>, b.measures as Record<string, Histogram>, addEach, inOrder),
    questions: {
      language: addEach(a.questions.language, b.questions.language),
      cluster: addEach(a.questions.cluster, b.questions.cluster),
    },
    predicted: combine(a.predicted, b.predicted, bySegment, (alone) => bySegment(alone, {})),
    chosen: [...a.chosen, ...b.chosen].sort((x, y) => order(JSON.stringify(x), JSON.stringify(y))),
    piMin: a.piMin === null ? b.piMin : smaller(b.piMin, a.piMin),
    firstTime: earliest(a.firstTime, b.firstTime),
    lastTime: latest(a.lastTime, b.lastTime),
  };
}

/**
 * The bin of a measure: four to each doubling, so that any number has its place among few, and books from everywhere add.
 * `measureOf` is its largest value.
 */
export function measureBin(value: number): number {
  return Math.ceil(4 * Math.log2(1 + value));
}

export function measureOf(bin: number): number {
  return 2 ** (bin / 4) - 1;
}

/** Count, sum and sum of squares of scores, on the 0.01 grid. Sums of no scores are 0, their mean is not: divide with care. */
export function moments(histogram: Histogram): { count: number; sum: number; sumSquares: number } {
  const bins = Object.entries(histogram).map(([hundredth, n]) => ({ hundredth: Number(hundredth), n }));
  const total = (term: (hundredth: number) => number) => bins.reduce((sum, { hundredth, n }) => sum + n * term(hundredth), 0);
  return { count: total(() => 1), sum: total((h) => h) / 100, sumSquares: total((h) => h * h) / 10_000 };
}

/**
 * Sum of the predicted grades of a criterion, over all answers or those of some segments; 0 where nothing was predicted.
 */
export function sumPredicted({ predicted }: Summary, criterion: string, isIn: (segment: string) => boolean = () => true): number {
  const bySegment = Object.entries(own(predicted, criterion) ?? {});
  return bySegment.reduce((sum, [segment, histogram]) => sum + (isIn(segment) ? moments(histogram).sum : 0), 0);
}

/** A payload that says nothing of its tokens counts 0 of them; an answer without text is the business of a score. */
function measuresOf({
  completion,
  promptTokens,
  completionTokens,
  latencyMs,
}: Pick<Counted, "completion" | "promptTokens" | "completionTokens" | "latencyMs">): Partial<Record<Measure, string>> {
  const values = { length: completion?.length, tokens: completionTokens, "question-tokens": promptTokens, latency: latencyMs };
  return Object.fromEntries(
    Object.entries(values).flatMap(([measure, value]) =>
      value !== undefined && value > 0 ? [[measure, String(measureBin(value))]] : [],
    ),
  );
}

const hundredths = (score: number) => String(Math.round(score * 100));

const countOf = {
  answered: "answered",
  model_error: "modelErrors",
  input_only: "inputOnly",
  output_only: "outputOnly",
  quarantined: "quarantined",
} as const satisfies Record<Outcome | "quarantined", CountedOutcome>;

function hourAt({ hours }: Summary, time: string): HourCounts {
  const hour = hourOf(Date.parse(time));
  // In the order that a merge gives them: sums must be the same to the last byte.
  hours[hour] ??= { answered: 0, captured: 0, inputOnly: 0, modelErrors: 0, outputOnly: 0, quarantined: 0, records: 0 };
  return hours[hour];
}

function extend(summary: Summary, time: string): void {
  const toTheSecond = iso(Date.parse(time));
  summary.firstTime = earliest(summary.firstTime, toTheSecond);
  summary.lastTime = latest(summary.lastTime, toTheSecond);
}

/** Without a prototype, so that a segment named `__proto__` or `constructor` is a segment like any other. */
function dictionary<T>(): Record<string, T> {
  return Object.create(null);
}

function add(counts: Record<string, number>, name: string, n: number): void {
  counts[name] = (counts[name] ?? 0) + n;
}

function addEach<T extends Record<string, number>>(a: T, b: T): T {
  return combine(a, b, (x, y) => x + y) as T;
}

const inOrder = <T extends Record<string, number>>(alone: T) => addEach(alone, {} as T);
const bySegment = (a: Record<string, Histogram>, b: Record<string, Histogram>) => combine(a, b, addEach);

/** @param one what becomes of a value that only one of them has: dictionaries in it are to be in order, too */
function combine<V>(
  a: Record<string, V>,
  b: Record<string, V>,
  both: (x: V, y: V) => V,
  one: (x: V) => V = (x) => x,
): Record<string, V> {
  const combined = dictionary<V>();
  for (const name of [...new Set([...Object.keys(a), ...Object.keys(b)])].sort()) {
    const [x, y] = [own(a, name), own(b, name)];
    // At least one of them is there: the name came from it.
    combined[name] = x === undefined ? one(y!) : y === undefined ? one(x) : both(x, y);
  }
  return combined;
}

function own<V>(dictionary: Record<string, V>, name: string): V | undefined {
  return Object.hasOwn(dictionary, name) ? dictionary[name] : undefined;
}

const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const smaller = (a: number | null, b: number) => (a === null ? b : Math.min(a, b));

function earliest(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return b < a ? b : a;
}

function latest(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return b > a ? b : a;
}
