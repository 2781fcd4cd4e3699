import { type Histogram, type Measure, measureBin, type Summary } from "../../shared/monitoring/summary.ts";
import { type Chance, poisson } from "../chance.ts";

/** Shares of the answers that fail a check, as sound endpoints have them. */
const failing = {
  empty: 0.002,
  truncated: 0.02,
  refusal: 0.03,
  language: 0.01,
  json: 0.01,
  pii: 0.005,
  secrets: 0.0005,
  toxicity: 0.002,
  injection: 0.004,
};
/** Shares of scores on their grid of hundredths, and of measures by value. */
const graded: Record<string, Record<number, number>> = {
  repetition: { 100: 0.6, 97: 0.15, 93: 0.1, 88: 0.08, 75: 0.05, 50: 0.02 },
  relevance: { 85: 0.1, 70: 0.2, 60: 0.25, 50: 0.2, 40: 0.15, 20: 0.1 },
  prompt_echo: { 100: 0.7, 90: 0.2, 70: 0.1 },
  similarity: { 90: 0.3, 80: 0.3, 70: 0.2, 50: 0.2 },
};
const binned = (shares: Record<number, number>) =>
  Object.fromEntries(Object.entries(shares).map(([value, share]) => [measureBin(Number(value)), share]));
const measured: Partial<Record<Measure, Record<string, number>>> = {
  length: binned({ 200: 0.1, 400: 0.2, 700: 0.3, 1000: 0.25, 1600: 0.1, 3000: 0.05 }),
  tokens: binned({ 50: 0.1, 100: 0.2, 170: 0.3, 250: 0.25, 400: 0.1, 800: 0.05 }),
  "question-tokens": binned({ 8: 0.2, 15: 0.3, 30: 0.3, 80: 0.2 }),
};
const asked = {
  language: { en: 0.85, de: 0.1, fr: 0.05 },
  cluster: { c0: 0.4, c1: 0.25, c2: 0.15, c3: 0.1, c4: 0.06, c5: 0.04 },
};

/** Writes into the books of a window what the cheap scorers and the payloads say of its answers: of a sound endpoint. Changes them. */
export function drawBooks(chance: Chance, summary: Summary): void {
  const n = summary.counts.answered;
  for (const [score, share] of Object.entries(failing)) {
    const bad = Math.min(n, poisson(chance, n * share));
    summary.scores[score] = { 0: bad, 100: n - bad };
  }
  for (const [score, shares] of Object.entries(graded)) summary.scores[score] = spread(chance, n, shares);
  for (const [measure, shares] of Object.entries(measured)) {
    summary.measures[measure as Measure] = spread(chance, n, shares);
  }
  summary.questions = { language: spread(chance, n, asked.language), cluster: spread(chance, n, asked.cluster) };
}

/** Each kind by its own chance: their sum is n on average. */
function spread(chance: Chance, n: number, shares: Record<string, number>): Histogram {
  const counts: Histogram = {};
  for (const kind in shares) counts[kind] = poisson(chance, n * shares[kind]!);
  return counts;
}
