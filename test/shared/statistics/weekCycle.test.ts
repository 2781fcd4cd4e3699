import { expect, test } from "@jest/globals";
import { chanceFrom } from "../../../bench/chance.ts";
import { fitWeekCycle, noWeek, type WeekRow, weekTerm } from "../../../shared/statistics/weekCycle.ts";

const monday = Date.parse("2026-11-02T00:00:00Z");
const dayMs = 24 * 3_600_000;

function weeks(mean: (weekend: boolean) => number, days = 14, cycle = 0): WeekRow[] {
  const chance = chanceFrom(4);
  return Array.from({ length: days * 100 }, (_, i) => {
    const timeMs = monday + (i * dayMs) / 100;
    const weekend = Math.floor(i / 100) % 7 > 4;
    return { timeMs, y: chance() < mean(weekend) + cycle ? 1 : 0, pi: 0.2, cycle };
  });
}

test.each([
  { it: "weekends that are worse", rows: weeks((weekend) => (weekend ? 0.75 : 0.92)), used: true },
  { it: "weekends like any day", rows: weeks(() => 0.9), used: false },
  { it: "grades that are all alike", rows: weeks(() => 1), used: false },
])("finds $it: $used", ({ rows, used }) => expect(fitWeekCycle(rows)).toMatchObject({ used }));

test("moves the reference by the difference, by nothing on average, and by nothing where it is not clear", () => {
  const week = fitWeekCycle(weeks((weekend) => (weekend ? 0.7 : 0.9)));
  const [saturday, tuesday] = [weekTerm(week, monday + 5.5 * dayMs), weekTerm(week, monday + 1.5 * dayMs)];
  expect(saturday - tuesday).toBeCloseTo(week.weekend, 12);
  expect((2 * saturday + 5 * tuesday) / 7).toBeCloseTo(0, 12);
  expect(week.weekend).toBeCloseTo(-0.2, 1);
  expect(weekTerm({ ...week, used: false }, monday)).toBe(0);
});

test("what the day does is taken out, and a week without weekends has none", () => {
  expect(fitWeekCycle(weeks(() => 0.8, 14, 0.1)).used).toBe(false);
  expect(fitWeekCycle(weeks(() => 0.9, 5))).toEqual(noWeek);
  expect(() => fitWeekCycle([{ timeMs: monday, y: 2, pi: 1, cycle: 0 }])).toThrow(RangeError);
});
