import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { accrue, outlookOf, type ServedVariant, type ServingDay } from "../../../shared/monitoring/serving.ts";

const at = (time: string) => Date.parse(`2026-11-${time}:00Z`);
const runs = (stable: number, candidate = 0): ServedVariant[] => [
  { variant: "stable", instances: stable, instanceType: "ml.g5.xlarge", microUsdPerHour: 1_000_000 },
  { variant: "candidate", instances: candidate, instanceType: "ml.g5.2xlarge", microUsdPerHour: 2_000_000 },
];
const from = (day: string, served: ServedVariant[]) => accrue(null, "chat", served, at(day)).day;
const dollars = (day: ServingDay) => outlookOf(day, 0).costMicroUsd / 1_000_000;

test.each([
  { it: "three hours of an instance", now: runs(1), until: "02T13:00", cost: 3 },
  { it: "a second variant that came in between, for half of the time", now: runs(1, 1), until: "02T13:00", cost: 3 + 3 },
  { it: "an instance that went in between, for half of the time", now: runs(0), until: "02T13:00", cost: 1.5 },
  { it: "nothing for a second look at the same moment", now: runs(5), until: "02T10:00", cost: 0 },
  { it: "nothing for a look that is late", now: runs(5), until: "02T09:00", cost: 0 },
])("counts $it", ({ now, until, cost }) => {
  const { day, ended } = accrue(from("02T10:00", runs(1)), "chat", now, at(until));
  expect(dollars(day)).toBeCloseTo(cost, 9);
  expect(ended).toEqual([]);
});

test("the first look knows nothing of the past, and the outlook is that what runs now runs until midnight", () => {
  const day = accrue(from("02T18:00", runs(2)), "chat", runs(2), at("02T20:00")).day;
  expect(outlookOf(day, 10_000_000)).toEqual({ costMicroUsd: 4_000_000, projectedMicroUsd: 12_000_000, leftMicroUsd: 6_000_000 });
  expect(outlookOf(from("02T18:00", runs(2)), 1)).toEqual({ costMicroUsd: 0, projectedMicroUsd: 12_000_000, leftMicroUsd: 1 });
});

test("midnight ends a day, and days on which nobody looked are days", () => {
  const { day, ended } = accrue(from("02T22:00", runs(1)), "chat", runs(1), at("05T01:00"));
  expect(ended.map((of) => [of.date, dollars(of)])).toEqual([
    ["2026-11-02", 2],
    ["2026-11-03", 24],
    ["2026-11-04", 24],
  ]);
  expect([day.date, dollars(day)]).toEqual(["2026-11-05", 1]);
});

test("an instance without a price is not counted as free", () => {
  const served = runs(1).map((one) => ({ ...one, microUsdPerHour: one.variant === "stable" ? 1_000_000 : null }));
  expect(Object.keys(accrue(null, "chat", served, at("02T10:00")).day.rates)).toEqual(["stable"]);
});

test("however often one looks, and however many look at once, the sum is that of all instance hours", () => {
  const look = fc.record({ minutes: fc.integer({ min: 0, max: 2000 }), twice: fc.boolean() });
  fc.assert(
    fc.property(fc.array(look, { minLength: 1, maxLength: 12 }), (looks) => {
      let nowMs = at("02T10:00");
      let day = from("02T10:00", runs(3));
      const all: ServingDay[] = [];
      for (const { minutes, twice } of looks) {
        nowMs += minutes * 60_000;
        const next = accrue(day, "chat", runs(3), nowMs);
        all.push(...next.ended);
        day = twice ? accrue(next.day, "chat", runs(3), nowMs).day : next.day;
      }
      const total = [...all, day].reduce((sum, each) => sum + dollars(each), 0);
      expect(total).toBeCloseTo((3 * (nowMs - at("02T10:00"))) / 3_600_000, 3);
      expect(new Set([...all, day].map(({ date }) => date)).size).toBe(all.length + 1);
    }),
    { numRuns: 50 },
  );
});
