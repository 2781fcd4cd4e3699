import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { type ConversationRow, conversationVariance } from "../../../shared/statistics/conversations.ts";
import { type Estimate, enoughJudged, estimateMean } from "../../../shared/statistics/estimate.ts";
import { failureBounds } from "../../../shared/statistics/failureBounds.ts";
import { type ChosenRow, type Moments, mergeMoments, momentsOf, noMoments } from "../../../shared/statistics/momentBlocks.ts";
import { predictionSlope } from "../../../shared/statistics/predictionSlope.ts";
import { everySample, sum } from "./everySample.ts";
import { casesOf, expectClose } from "./vectors.ts";

type Row = { y: number; f: number; pi: number };
type Window = { N: number; sumF: number; rows: Row[]; failed: { pi: number }[] };
type Expected = { state: Moments; slope?: number; rho?: number; se: number } & Omit<Estimate, "standardError" | "n">;

const moments = ({ N, sumF, rows, failed }: Window) =>
  momentsOf(N, sumF, [...rows, ...failed.map(({ pi }) => ({ y: null, f: 0.5, pi }))]);

test.each(casesOf<Window & { windows?: Window[]; beta: number }, Expected>("estimate"))(
  "estimate: $name",
  ({ input, expected }) => {
    const { state, slope, rho, se, ...rest } = expected;
    const window = input.windows ? input.windows.map(moments).reduce(mergeMoments) : moments(input);
    expectClose(window, state);
    expectClose(estimateMean(window, input.beta), { ...rest, standardError: se });
    if (slope !== undefined) expectClose(predictionSlope(window), { slope, rho });
  },
);

type Cluster = { rows: (Row & { conv: string })[]; beta: number };
test.each(casesOf<Cluster, { V: number }>("cluster"))("cluster: $name", ({ input, expected }) => {
  const rows = input.rows.map(({ conv, ...row }) => ({ ...row, conversation: conv }));
  expectClose(conversationVariance(rows, input.beta), expected.V);
});

type Failures = { low: number; high: number; wJudged: number; wFailed: number };
test.each(casesOf<Failures, object>("failures"))("failures: $name", ({ input: { low, high, wJudged, wFailed }, expected }) => {
  expectClose(failureBounds({ low, high }, wJudged, wFailed), expected);
});

test("nothing judged is no estimate, whatever was answered and failed", () => {
  expect(estimateMean(momentsOf(40, 20, [{ y: null, f: 0.5, pi: 0.5 }]))).toBeNull();
  expect(failureBounds({ low: 0, high: 1 }, 0, 0)).toBeNull();
});

test("one judged record is worth one record", () => {
  const estimate = estimateMean(momentsOf(20, 10, [{ y: 0.7, f: 0.5, pi: 0.05 }]))!;
  expectClose(estimate, { n: 1, theta: 0.7, nEff: 1, nStar: 1, r: 1 });
  expect(estimate.high - estimate.low).toBeGreaterThan(0.6);
});

test.each([0.5, 0.8, 0.9, 0.95])(
  "from enough judged records on, the interval holds a true mean of %d nearly as often as it says",
  (p) => {
    const n = enoughJudged;
    // Exactly, over all numbers of good answers: the binomial probability of each, where its interval holds p.
    let probability = (1 - p) ** n;
    let covered = 0;
    for (let good = 0; good <= n; good++) {
      const rows = Array.from({ length: n }, (_, i) => ({ y: i < good ? 1 : 0, f: 0, pi: 0.1 }));
      const { low, high } = estimateMean(momentsOf(10 * n, 0, rows))!;
      if (low <= p && p <= high) covered += probability;
      probability *= ((n - good) / (good + 1)) * (p / (1 - p));
    }
    expect(covered).toBeGreaterThan(0.93);
  },
);

test("conversations that agree in themselves widen the interval, single records do not", () => {
  const rows = Array.from(
    { length: 40 },
    (_, i): ConversationRow => ({ y: i % 8 < 4 ? 1 : 0, f: 0.5, pi: 0.5, conversation: `c${i >> 2}` }),
  );
  const single = rows.map(({ y, f, pi }) => ({ y, f, pi }));
  const all = momentsOf(80, 40, rows);
  const [grouped, alone] = [rows, single].map((of) => estimateMean(all, 0, conversationVariance(of))!);
  expect(grouped!.nStar).toBeLessThan(0.5 * alone!.nStar);
  expectClose(alone!.theta, grouped!.theta);
  expect(conversationVariance(rows.slice(0, 4))).toBe(0);
});

test("a prediction is used from 100 judged records on and a correlation of 0.3", () => {
  const rows = (n: number, y: (i: number) => number) =>
    Array.from({ length: n }, (_, i) => ({ y: y(i), f: (i % 10) / 10, pi: 0.5 }));
  const beta = (n: number, y: (i: number) => number) => predictionSlope(momentsOf(1000, 500, rows(n, y))).beta;
  expectClose(
    beta(100, (i) => (i % 10) / 20),
    0.5,
  );
  expect(beta(99, (i) => (i % 10) / 20)).toBe(0);
  expect(beta(100, (i) => i % 2)).toBe(0);
  expect(predictionSlope(noMoments())).toEqual({ slope: 0, rho: 0, beta: 0 });
});

test.each([
  { it: "a grade over 1", rows: [{ y: 1.2, f: 0, pi: 1 }], says: "y is 1.2" },
  { it: "a grade that is no number", rows: [{ y: Number.NaN, f: 0, pi: 1 }], says: "y is NaN" },
  { it: "a prediction under 0", rows: [{ y: 1, f: -0.1, pi: 1 }], says: "f is -0.1" },
  { it: "a π of 0", rows: [{ y: 1, f: 0, pi: 0 }], says: "pi is 0" },
  { it: "an unknown π", rows: [{ y: null, f: 0, pi: Number.NaN }], says: "pi is NaN" },
  {
    it: "more rows than answers",
    rows: [
      { y: 1, f: 0, pi: 1 },
      { y: 1, f: 0, pi: 1 },
    ],
    says: "N is 1 with 2",
  },
])("refuses $it", ({ rows, says }) => expect(() => momentsOf(1, 0, rows)).toThrow(says));

// Sixteenths and powers of two add without rounding, so that merging can be compared exactly.
const sixteenth = fc.integer({ min: 0, max: 16 }).map((i) => i / 16);
const dyadicPi = fc.constantFrom(1, 0.5, 0.25, 0.125);
const row = fc.record<ChosenRow>({ y: fc.option(sixteenth), f: sixteenth, pi: dyadicPi });
const window = fc.array(row, { maxLength: 12 }).map((rows) => momentsOf(rows.length + 3, sum(rows.map(({ f }) => f)), rows));

test("merging does not care for order or grouping, and nothing is its neutral element", () => {
  fc.assert(
    fc.property(window, window, window, (a, b, c) => {
      expect(mergeMoments(a, b)).toEqual(mergeMoments(b, a));
      expect(mergeMoments(mergeMoments(a, b), c)).toEqual(mergeMoments(a, mergeMoments(b, c)));
      expect(mergeMoments(a, noMoments())).toEqual(a);
    }),
  );
});

test("two windows merged are the window of all their records", () => {
  fc.assert(
    fc.property(fc.array(row), fc.array(row), (a, b) => {
      const of = (rows: ChosenRow[]) => momentsOf(rows.length, sum(rows.map(({ f }) => f)), rows);
      expect(mergeMoments(of(a), of(b))).toEqual(of([...a, ...b]));
    }),
  );
});

const unit = fc.double({ min: 0, max: 1, noNaN: true });
const answer = fc.record({ y: unit, f: unit, pi: fc.double({ min: 0.05, max: 1, noNaN: true }) });
const answers = fc.array(answer, { minLength: 1, maxLength: 8 });

test("over all samples the sampler can draw, the weighted sums average to those of all answers", () => {
  fc.assert(
    fc.property(answers, (all) => {
      const expectation = (of: (moments: Moments) => number) =>
        sum(everySample(all).map(({ probability, chosen }) => probability * of(momentsOf(all.length, 0, chosen))));
      expectClose(
        expectation(({ w }) => w.a),
        all.length,
      );
      expectClose(
        expectation(({ w }) => w.ay),
        sum(all.map(({ y }) => y)),
      );
      expectClose(
        expectation(({ w }) => w.aff),
        sum(all.map(({ f }) => f * f)),
      );
      // Block v estimates the variance of Poisson sampling, Σ (1 - π)/π y², without bias.
      expectClose(
        expectation(({ v }) => v.ayy),
        sum(all.map(({ y, pi }) => ((1 - pi) / pi) * y * y)),
      );
    }),
  );
});

test("over all samples that judge anything, with one π for all, the estimate averages to the true mean, whatever the slope", () => {
  fc.assert(
    fc.property(answers, fc.double({ min: 0.05, max: 1, noNaN: true }), fc.constantFrom(0, 0.3, 1), (all, pi, beta) => {
      const samples = everySample(all.map((a) => ({ ...a, pi }))).filter(({ chosen }) => chosen.length > 0);
      const sumF = sum(all.map(({ f }) => f));
      const weighted = sum(
        samples.map(({ probability, chosen }) => probability * estimateMean(momentsOf(all.length, sumF, chosen), beta)!.theta),
      );
      expectClose(weighted / sum(samples.map(({ probability }) => probability)), sum(all.map(({ y }) => y)) / all.length);
    }),
  );
});
