import { expect, test } from "@jest/globals";
import type { VariantCapacity } from "../../../shared/capacity/capacity.ts";
import { type CapacityState, foldCapacity, isDue } from "../../../shared/capacity/capacityState.ts";

const nowMs = Date.parse("2026-03-02T00:05:00Z");
const of = (atPeak: number, by: "fitted" | "at_least" = "fitted"): VariantCapacity => ({
  variant: "stable",
  instances: 1,
  requestsPerSecond: 1,
  tokensPerSecond: null,
  latencyMs: null,
  gpuMemoryPercent: null,
  microUsdPerThousandAnswers: null,
  microUsdPerMillionTokens: null,
  capacity: { perInstanceHour: 1_000, by },
  peak: { atMs: nowMs, requests: 1_000 * (1 - atPeak), weeks: 4 },
  headroom: { now: null, atPeak },
  advice: { kind: "more", instances: 2, because: "1200 / 800 = 1.5, so 2" },
});
const fold = (before: CapacityState | null, variants: VariantCapacity[], days = 0) =>
  foldCapacity(before, "chat", variants, nowMs + days * 86_400_000);

test.each([
  { it: "a usual peak over the limit is found", variants: [of(-0.2)], open: 1 },
  { it: "one that fits is not", variants: [of(0.1)], open: 0 },
  { it: "nor one over what is only the least that is known", variants: [of(-0.2, "at_least")], open: 0 },
])("$it", ({ variants, open }) => {
  const { state, findings } = fold(null, variants);
  expect([state.findings.length, findings.length]).toEqual([open, open]);
});

test("what is found stays one finding until the peak fits, or the variant is gone", () => {
  const first = fold(null, [of(-0.2)]);
  expect(first.findings).toMatchObject([
    { cause: "capacity", signal: "capacity", variant: "stable", size: -0.2, status: "open" },
  ]);
  const second = fold(first.state, [of(-0.3)], 1);
  expect(second).toMatchObject({ findings: [], state: { version: 2, findings: first.findings } });
  for (const variants of [[of(0.3)], []]) {
    const third = fold(second.state, variants, 2);
    expect(third.findings).toMatchObject([{ id: first.findings[0]!.id, status: "closed", closedAt: "2026-03-04T00:05:00Z" }]);
    expect(third.state).toMatchObject({ findings: [], ended: third.findings });
  }
});

test("a day is looked at once", () => {
  const { state } = fold(null, []);
  expect([isDue(null, nowMs), isDue(state, nowMs + 3_600_000), isDue(state, nowMs + 86_400_000)]).toEqual([true, false, true]);
});
