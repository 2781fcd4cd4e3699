import { expect, test } from "@jest/globals";
import { crossesAtPeak, variantCapacity } from "../../../shared/capacity/capacity.ts";
import { capacityOf, type LoadHour, usualPeak } from "../../../shared/capacity/load.ts";

const hourMs = 3_600_000;
const nowMs = Date.parse("2026-03-02T10:20:00Z");
const nowHourMs = Date.parse("2026-03-02T10:00:00Z");
/** An hour of a queue that takes 1000 requests an hour of an instance and 500 ms at rest. */
const hour = (hoursAgo: number, requests: number, instances = 1): LoadHour => ({
  atMs: nowHourMs - hoursAgo * hourMs,
  requests,
  perInstance: requests / instances,
  promptTokens: 100 * requests,
  completionTokens: 20 * requests,
  latencyMs: 500 / (1 - requests / instances / 1_000),
  gpuMemoryPercent: 70,
});
const day = (requests: (hour: number) => number, instances = 1) =>
  Array.from({ length: 24 }, (_, k) => hour(k + 1, requests(k), instances));
/** The hours of a past week that are to come now: hour 1 begins at 11:00. */
const comingOnce = (weeksAgo: number, requests: (hour: number) => number) =>
  Array.from({ length: 24 }, (_, k) => hour(weeksAgo * 7 * 24 - k, requests(k)));
const busy = day((k) => 300 + 10 * k);

test.each([
  { it: "the load where the curve meets the limit", hours: busy, limitMs: 1_500, by: "fitted", capacity: 667 },
  { it: "two instances share the load", hours: day((k) => 600 + 20 * k, 2), limitMs: 1_500, by: "fitted", capacity: 667 },
  { it: "far beyond what was seen, the busiest hour", hours: day((k) => 10 + k), limitMs: 5_000, by: "at_least", capacity: 33 },
  { it: "few hours, the busiest of them", hours: busy.slice(0, 5), limitMs: 1_500, by: "at_least", capacity: 340 },
  {
    it: "latency that load does not move",
    hours: busy.map((own) => ({ ...own, latencyMs: 700 })),
    limitMs: 1_500,
    by: "at_least",
    capacity: 530,
  },
])("capacity is $it", ({ hours, limitMs, by, capacity }) => {
  const found = capacityOf(hours, limitMs);
  expect({ by: found?.by, capacity: Math.round(found!.perInstanceHour) }).toEqual({ by, capacity });
});

test.each([
  { it: "no hour", hours: [] },
  { it: "no hour that says how many instances there were", hours: busy.map((own) => ({ ...own, perInstance: null })) },
  { it: "no hour within the limit", hours: busy.slice(0, 3).map((own) => ({ ...own, latencyMs: 9_000 })) },
])("capacity is not known of $it", ({ hours }) => expect(capacityOf(hours, 1_500)).toBeNull());

test("the usual peak is the busiest of the next 24 hours, by the median of the same hour of past weeks", () => {
  const hours = [1, 2, 3].flatMap((ago) => comingOnce(ago, (k) => (k === 1 ? [0, 900, 500, 700][ago]! : 100)));
  expect(usualPeak([...busy, ...hours], nowMs)).toEqual({ atMs: nowHourMs + hourMs, requests: 700, weeks: 3 });
});

test("without a past week there is no usual peak", () => expect(usualPeak(busy, nowMs)).toBeNull());

const served = { variant: "stable", instances: 1, instanceType: "ml.g5.xlarge", microUsdPerHour: 1_500_000 };
const weeks = (atPeak: number) => [1, 2].flatMap((ago) => comingOnce(ago, (k) => (k === 1 ? atPeak : 100)));

test.each([
  { it: "a peak over the limit wants more", peak: 900, kind: "more", instances: 2, crosses: true, cost: ": 36 USD a day more" },
  {
    it: "a peak within the reserve, too, but nothing is crossed",
    peak: 600,
    kind: "more",
    instances: 2,
    crosses: false,
    cost: "so 2; it has 1: 36",
  },
  { it: "a peak that fits is enough", peak: 500, kind: "enough", instances: 1, crosses: false, cost: "so 1; it has 1" },
])("$it", ({ peak, kind, instances, crosses, cost }) => {
  const own = variantCapacity([...busy, ...weeks(peak)], served, 1_500, nowMs);
  expect(own.advice).toMatchObject({ kind, instances, because: expect.stringContaining(cost) });
  expect(own.advice.because).toMatch(new RegExp(`^${peak} requests at the usual peak`));
  expect(crossesAtPeak(own)).toBe(crosses);
});

test("instances that nobody needs are said to be too many", () => {
  const own = variantCapacity([...busy, ...weeks(500)], { ...served, instances: 3 }, 1_500, nowMs);
  expect(own.advice).toMatchObject({ kind: "fewer", instances: 1, because: expect.stringContaining("72 USD a day less") });
});

test("what it does and what it costs: of the last hour, and of the last day", () => {
  const own = variantCapacity([...busy, ...weeks(500)], served, 1_500, nowMs);
  const answers = busy.reduce((sum, { requests }) => sum + requests, 0);
  expect(own).toMatchObject({
    requestsPerSecond: 300 / 3_600,
    tokensPerSecond: (300 * 120) / 3_600,
    gpuMemoryPercent: 70,
    microUsdPerThousandAnswers: Math.round((36_000_000 / answers) * 1_000),
    microUsdPerMillionTokens: Math.round((36_000_000 / (120 * answers)) * 1_000_000),
  });
  expect(own.latencyMs).toBeCloseTo(714.3, 1);
  expect(own.headroom.now).toBeCloseTo(1 - 300 / 666.7, 2);
  expect(own.headroom.atPeak).toBeCloseTo(1 - 500 / 666.7, 2);
});

test("without a price nobody says what it costs", () => {
  const own = variantCapacity(busy, { ...served, microUsdPerHour: null }, 1_500, nowMs);
  expect(own).toMatchObject({ microUsdPerThousandAnswers: null, microUsdPerMillionTokens: null, advice: { kind: "unknown" } });
});
