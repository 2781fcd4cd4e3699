import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Outcome } from "../../../shared/capture/inference.ts";
import {
  type CoverageState,
  captureEvidence,
  coverage,
  coverageOf,
  foldHour,
  type HourCoverage,
  seeCapturing,
  startCoverage,
} from "../../../shared/monitoring/coverage.ts";
import { captureEvidenceDatums, coverageDatums } from "../../../shared/monitoring/coverageMetrics.ts";
import { countOutcome, emptySummary, type HourCounts } from "../../../shared/monitoring/summary.ts";
import type { WindowRecord } from "../../../shared/monitoring/windowRecord.ts";
import { hourMs, iso } from "../../../shared/monitoring/windows.ts";
import { thresholdOf } from "../../../shared/statistics/thresholds.ts";

const startMs = Date.parse("2026-03-02T09:00:00Z");
const hourAt = (n: number) => iso(startMs + n * hourMs);
const lnA = thresholdOf(1, 90 * 24, 10).lnA;
const nothing: HourCounts = {
  ...{ records: 0, captured: 0, answered: 0, modelErrors: 0, inputOnly: 0, outputOnly: 0, quarantined: 0 },
};

function hourOf(n: number, variant: string, requests: number, records: number): HourCoverage {
  const counts = { ...nothing, records, captured: records, answered: records };
  return { variant, hour: hourAt(n), requests, ...counts, read: records, scored: records, judged: 0 };
}

/** An endpoint that is set to capture `percentage` from before 09:00 on, after some hours, each of `[requests, records]`. */
function played(percentage: number | null, hours: readonly (readonly [number, number])[]) {
  let state: CoverageState = seeCapturing(startCoverage("chat", startMs - hourMs / 2), percentage, startMs - hourMs / 2);
  const said = hours.flatMap(([requests, records], n) => {
    const folded = foldHour(state, [hourOf(n, "stable", requests, records)], hourAt(n), lnA, startMs + (n + 1.5) * hourMs);
    state = folded.state;
    return folded.findings.map(({ status, since, size }) => ({ n, status, since, size: Math.round(size * 100) / 100 }));
  });
  return { state, said };
}
const times = <T>(n: number, what: T): T[] => new Array<T>(n).fill(what);

test.each([
  { it: "all of it gone for an hour", percentage: 100, hours: [...times(3, [400, 400] as const), [400, 0] as const] },
  {
    it: "most of it gone where a fifth is captured",
    percentage: 20,
    hours: [...times(3, [400, 80] as const), [400, 2] as const],
  },
  { it: "nothing of it ever", percentage: 100, hours: times(2, [3, 0] as const), from: 0, found: 1 },
  { it: "one of four instances for hours", percentage: 100, hours: [...times(3, [400, 398] as const), [400, 300] as const] },
])("finds captures lost: $it", ({ percentage, hours, from = 3, found = 3 }) => {
  const { said, state } = played(percentage, hours);
  expect(said).toEqual([
    { n: found, status: "open", since: hourAt(from), size: expect.closeTo(expectedSize(percentage, hours, from), 1) },
  ]);
  expect(state.findings).toEqual([
    expect.objectContaining({ cause: "capture", variant: "stable", signal: "capture", endpoint: "chat", judged: 0 }),
  ]);
  expect(captureEvidence(state, lnA)).toBeGreaterThanOrEqual(1);
});
function expectedSize(percentage: number, hours: readonly (readonly [number, number])[], from: number): number {
  const [requests, records] = hours.slice(from).reduce(([a, b], [c, d]) => [a + c, b + d], [0, 0]);
  return records / requests / (percentage / 100) - 1;
}

test.each([
  { it: "whole captures", percentage: 100, hours: times(48, [400, 400] as const) },
  { it: "one in a hundred missed, as best effort may", percentage: 100, hours: times(48, [400, 396] as const) },
  { it: "hours without requests", percentage: 100, hours: times(48, [0, 0] as const) },
  { it: "more records than requests, as where two clocks differ", percentage: 100, hours: times(48, [400, 405] as const) },
  { it: "a sample that is as large as it should be", percentage: 30, hours: times(48, [400, 118] as const) },
  { it: "captures that are set to 0 %", percentage: 0, hours: times(48, [400, 0] as const) },
  { it: "captures that were never on", percentage: null, hours: times(48, [400, 0] as const) },
])("finds nothing in $it", ({ percentage, hours }) => {
  expect(played(percentage, hours).said).toEqual([]);
});

test("a finding stays one while captures are lost, and is closed by the first whole hour; a new loss is a new one", () => {
  const lost = times(3, [400, 0] as const);
  const { said, state } = played(100, [...lost, [0, 0], [400, 399], ...lost]);
  expect(said.map(({ n, status }) => `${n} ${status}`)).toEqual(["0 open", "4 closed", "5 open"]);
  expect(new Set(state.findings.map(({ since }) => since))).toEqual(new Set([hourAt(5)]));
});

test("an hour in which the share to be captured was changed decides nothing", () => {
  let { state } = played(100, times(3, [400, 400]));
  state = seeCapturing(state, 10, startMs + 3.5 * hourMs);
  for (const n of [3, 4, 5]) {
    const folded = foldHour(state, [hourOf(n, "stable", 400, 40)], hourAt(n), lnA, startMs + (n + 1.5) * hourMs);
    expect(folded.findings).toEqual([]);
    state = folded.state;
  }
});

test("captures that are turned off stay expected, and an hour that was folded before changes nothing", () => {
  const { state } = played(100, times(3, [400, 400]));
  const off = seeCapturing(state, null, startMs + 3.5 * hourMs);
  const { state: found, findings } = foldHour(off, [hourOf(3, "stable", 400, 0)], hourAt(3), lnA, startMs + 4.5 * hourMs);
  expect(findings).toHaveLength(1);
  const again = foldHour(found, [hourOf(3, "stable", 400, 0)], hourAt(3), lnA, startMs + 4.6 * hourMs);
  expect(again).toEqual({ state: found, findings: [] });
});

test("each variant is watched by itself, and the endpoint's evidence is that of the worst", () => {
  const begun = seeCapturing(startCoverage("chat", startMs - 1), 100, startMs - 1);
  const hours = [hourOf(0, "stable", 400, 400), hourOf(0, "candidate", 400, 0)];
  const { state, findings } = foldHour(begun, hours, hourAt(0), lnA, startMs + 1.5 * hourMs);
  expect(findings.map(({ variant }) => variant)).toEqual(["candidate"]);
  expect(captureEvidenceDatums(state, lnA, startMs)).toEqual([
    expect.objectContaining({ name: "Evidence", dimensions: { Endpoint: "chat", Signal: "capture" }, timestampMs: startMs }),
  ]);
  expect(coverageDatums(hours, state)).toEqual(
    [["stable", 1] as const, ["candidate", 0] as const].map(([Variant, value]) =>
      expect.objectContaining({
        name: "Coverage",
        dimensions: { Endpoint: "chat", Variant },
        timestampMs: startMs,
        values: [value],
      }),
    ),
  );
});

test("coverage is of what should be captured, and nothing where nothing should", () => {
  const { state } = played(20, []);
  expect(coverage(hourOf(0, "stable", 400, 60), state)).toBe(0.75);
  expect(coverage(hourOf(0, "stable", 0, 0), state)).toBeNull();
});

const outcomes = ["answered", "model_error", "input_only", "output_only", "quarantined"] as const;
test("from captured on the numbers of an hour add up, whichever windows its records came in, and hours and variants to the whole", () => {
  const captured = fc.record({
    hour: fc.nat(2),
    window: fc.nat(4),
    variant: fc.constantFrom("stable", "candidate"),
    outcome: fc.constantFrom<Outcome | "quarantined">(...outcomes),
    judged: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(captured, { maxLength: 40 }), (records) => {
      const windows = new Map<string, WindowRecord>();
      records.forEach(({ hour, window, variant, outcome, judged }, i) => {
        const key = `${window} ${variant}`;
        const identity = { window: String(window), endpoint: "chat", variant };
        const own = windows.get(key) ?? { ...identity, summary: emptySummary(), rows: [], failed: [], pending: [], piRef: 1 };
        windows.set(key, own);
        const { hours } = own.summary;
        hours[hourAt(hour)] ??= { ...nothing };
        const counts = hours[hourAt(hour)]!;
        counts.records++;
        countOutcome(counts, outcome);
        if (outcome === "answered" && judged)
          own.rows.push({ eventId: `${i}`, time: hourAt(hour), segment: "" } as WindowRecord["rows"][0]);
      });
      const all = [0, 1, 2].flatMap((hour) =>
        ["stable", "candidate"].map((variant) => coverageOf(hourAt(hour), variant, 100, [...windows.values()])),
      );
      for (const { captured, read, answered, modelErrors, inputOnly, outputOnly, quarantined, scored, judged } of all) {
        expect(read + quarantined).toBe(captured);
        expect(answered + modelErrors + inputOnly + outputOnly).toBe(read);
        expect(scored).toBe(answered);
        expect(judged).toBeLessThanOrEqual(scored);
      }
      const total = (name: "captured" | "judged") => all.reduce((sum, hour) => sum + hour[name], 0);
      expect(total("captured")).toBe(records.length);
      expect(total("judged")).toBe(records.filter(({ outcome, judged }) => judged && outcome === "answered").length);
    }),
    { numRuns: 50 },
  );
});
