import { unitHash } from "../sampling/poisson.ts";

/** A judged answer that a person could be asked about. */
export type Candidate = {
  eventId: string;
  variant: string;
  /** Its window's start, ISO. */
  window: string;
  segment: string;
  /** P(judged). */
  pi: number;
  /** Criterion → the judge's grade. */
  y: Record<string, number>;
  /** Criterion → the grade that was predicted; `{}` where none was. */
  f: Record<string, number>;
};

/** An answer that people are asked about. Without its text, which is in the captures. */
export type QueuedAnswer = Omit<Candidate, "f"> & {
  inferenceId?: string;
  /** P(labelled) = P(judged) · P(asked about | judged), in (0, 1]. */
  p: number;
  /** How much its label is expected to teach, beside the others'. */
  interest: number;
};

/** The answers of some days that people are asked about: a sample with known probabilities, drawn once. */
export type LabelQueue = {
  endpoint: string;
  /** Its days (UTC), ISO and up to. */
  from: string;
  to: string;
  judgeVersion: string;
  criteria: string[];
  madeAt: string;
  /** Judged answers that it was drawn from. */
  candidates: number;
  answers: QueuedAnswer[];
};

/** What a label of any answer teaches: so that the surest grade is checked too, and no weight is over seven times another. */
const leastInterest = 0.25;

/**
 * Chooses the answers to ask people about. A label teaches most where the judge is unsure of itself (a grade in the middle) or says
 * something else than the cheap scores predict, so P(labelled) is proportional to
 *
 *   interest = 0.25 + |y - f| + 2 y (1 - y)       q = min(1, c · interest / π),   c such that Σ q = wanted,   P = π q
 *
 * with |y - f| = 0 where nothing was predicted. Each is drawn by the hash of its event id, so a repeat draws the same ones.
 * @param criterion whose grades count
 * @param wanted    how many are chosen on average
 * @returns the chosen ones, the most interesting first
 * Source: Zrnic & Candès 2024, arXiv:2403.03208 (ask where a prediction is least sure); docs/labels.md
 */
export function chooseToLabel(
  candidates: readonly Candidate[],
  criterion: string,
  wanted: number,
): (QueuedAnswer & Pick<Candidate, "f">)[] {
  // In one order, because sums of fractions depend on it.
  const graded = candidates.filter(({ y }) => Object.hasOwn(y, criterion)).sort((a, b) => (a.eventId < b.eventId ? -1 : 1));
  const weighed = graded.map((candidate) => {
    const y = candidate.y[criterion]!; // graded
    const f = Object.hasOwn(candidate.f, criterion) ? candidate.f[criterion]! : y;
    return { ...candidate, interest: leastInterest + Math.abs(y - f) + 2 * y * (1 - y) };
  });
  const c = scale(weighed, wanted);
  return weighed
    .map((each) => ({ ...each, q: shareOf(each, c) }))
    .filter(({ eventId, q }) => unitHash("assay:label:v1", eventId) < q)
    .map(({ q, ...each }) => ({ ...each, p: each.pi * q }))
    .sort((a, b) => b.interest - a.interest || (a.eventId < b.eventId ? -1 : 1));
}

const shareOf = ({ interest, pi }: { interest: number; pi: number }, c: number) => Math.min(1, (c * interest) / pi);

/** c, by bisection: the sum grows with it, and from 1/interest on everybody is chosen. */
function scale(all: readonly { interest: number; pi: number }[], wanted: number): number {
  let [low, high] = [0, 1 / leastInterest];
  for (let halving = 0; halving < 50; halving++) {
    const c = (low + high) / 2;
    if (all.reduce((sum, each) => sum + shareOf(each, c), 0) < wanted) low = c;
    else high = c;
  }
  return high;
}
