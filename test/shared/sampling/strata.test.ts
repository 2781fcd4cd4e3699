import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { piOf } from "../../../shared/sampling/policy.ts";
import { type StrataCounts, stratify } from "../../../shared/sampling/strata.ts";

/** Answers that a day with these proportions has judged, per segment and band. */
function judgedPerDay(counts: StrataCounts, perDay: number, meanRate: number) {
  const policy = stratify(counts, perDay, meanRate);
  const all = Object.values(counts).reduce((sum, { quiet, risky }) => sum + quiet + risky, 0);
  const bands = Object.entries(counts).flatMap(([segment, answers]) =>
    (["quiet", "risky"] as const).map((band) => ({
      segment,
      band,
      pi: piOf(policy, segment, band),
      judged: (answers[band] / all) * perDay * piOf(policy, segment, band),
    })),
  );
  return { policy, bands, judged: bands.reduce((sum, { judged }) => sum + judged, 0) };
}

const everyday = { orders: { quiet: 900, risky: 100 }, billing: { quiet: 450, risky: 50 } };

test.each([
  { it: "one segment, no risky answers: all alike", counts: { all: { quiet: 1000, risky: 0 } }, pi: { all: [0.1, 0.2] } },
  {
    it: "risky answers twice as likely, and both bands lower for it",
    counts: { all: { quiet: 90_000, risky: 10_000 } },
    pi: { all: [0.0909, 0.1818] },
  },
  { it: "common segments at one rate", counts: everyday, pi: { orders: [0.0909, 0.1818], billing: [0.0909, 0.1818] } },
  {
    it: "a rare segment with enough for an estimate a day",
    counts: { ...everyday, legal: { quiet: 15, risky: 0 } },
    pi: { legal: [0.2915, 0.5829] },
  },
  {
    it: "a segment so rare that all of it is judged",
    counts: { ...everyday, legal: { quiet: 1, risky: 0 } },
    pi: { legal: [1, 1] },
  },
])("$it", ({ counts, pi }) => {
  const { policy } = judgedPerDay(counts, 10_000, 0.1);
  for (const [segment, [quiet, risky]] of Object.entries(pi)) {
    expect(piOf(policy, segment, "quiet")).toBeCloseTo(quiet!, 3);
    expect(piOf(policy, segment, "risky")).toBeCloseTo(risky!, 3);
  }
});

const counts = fc.dictionary(
  fc.string({ minLength: 1, maxLength: 5 }),
  fc.record({ quiet: fc.nat(5_000), risky: fc.nat(1_000) }),
  { maxKeys: 12 },
);

test("whatever the traffic: no band is at 0, piRef is the smallest π, and risky ones are never less likely", () => {
  fc.assert(
    fc.property(
      counts,
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (counts, perDay, rate) => {
        const { policy } = judgedPerDay(counts, perDay, rate);
        const rates = [policy.others, ...Object.values(policy.segments)];
        for (const { quiet, risky } of rates) {
          expect(quiet).toBeGreaterThan(0);
          expect(risky).toBeGreaterThanOrEqual(quiet);
          expect(risky).toBeLessThanOrEqual(1);
        }
        expect(policy.piRef).toBe(Math.min(...rates.map(({ quiet }) => quiet)));
      },
    ),
    { numRuns: 100 },
  );
});

test("as many are judged as can be paid, and every segment gets its share of them", () => {
  fc.assert(
    fc.property(
      counts,
      fc.integer({ min: 5_000, max: 1_000_000 }),
      fc.double({ min: 0.02, max: 0.9, noNaN: true }),
      (counts, perDay, rate) => {
        const known = Object.entries(counts).filter(([, { quiet, risky }]) => quiet + risky > 0);
        fc.pre(known.length > 0);
        const { judged, bands } = judgedPerDay(counts, perDay, rate);
        // The shares of risky answers are shrunk where a segment is small, which moves what is judged a little.
        expect(judged).toBeLessThan(1.25 * rate * perDay + 5);
        expect(judged).toBeGreaterThan(0.75 * rate * perDay - 5);
        const all = known.reduce((sum, [, { quiet, risky }]) => sum + quiet + risky, 0);
        for (const [segment, { quiet, risky }] of known) {
          const answers = ((quiet + risky) / all) * perDay;
          const own = bands.filter((band) => band.segment === segment).reduce((sum, { judged }) => sum + judged, 0);
          const share = Math.min(30, (0.5 * rate * perDay) / known.length, answers);
          expect(own).toBeGreaterThan(0.7 * share);
        }
      },
    ),
    { numRuns: 100 },
  );
});

test("a segment that nobody knew is chosen like one of a hundredth of the traffic, whatever JavaScript knows by that name", () => {
  const { policy } = judgedPerDay(everyday, 10_000, 0.1);
  expect(piOf(policy, "constructor", "quiet")).toBe(policy.others.quiet);
  expect(policy.others.quiet).toBeGreaterThan(policy.segments.orders!.quiet);
  expect(policy.others.quiet).toBeLessThan(0.5);
});
