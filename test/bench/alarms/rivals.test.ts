import { expect, test } from "@jest/globals";
import { type RivalName, rivalNames, rivals } from "../../../bench/alarms/rivals.ts";
import { allowedInQuarter, play } from "../../../bench/alarms/tunedThreshold.ts";

const reference = { grades: Array.from({ length: 2000 }, (_, i) => (i % 10 === 0 ? 0 : 1)), mean: 0.9 };
/** One grade in ten is bad, in every chunk of 50. Which rules are in alarm after so many hours of 50 judged answers, of which so many are good. */
function alarmsOf(hours: number, good: number): RivalName[] {
  const watching = rivals(reference, 4);
  const inAlarm = new Set<RivalName>();
  for (let window = 0; window < 4 * hours; window++) {
    const grades = window % 4 === 0 ? Array.from({ length: 50 }, (_, i) => (i < good ? 1 : 0)) : [];
    for (const name of rivalNames) {
      if (watching[name].look(grades, window)) inAlarm.add(name);
      else inAlarm.delete(name);
    }
  }
  return rivalNames.filter((name) => inAlarm.has(name));
}

test.each([
  { it: "quality as it was", hours: 12, good: 45, alarms: [] },
  // √JSD(0.90, 0.82) = 0.083, so the distance of 0.1 stays out of reach; the reference's chunks never differ from each other.
  { it: "a drop of eight points", hours: 12, good: 41, alarms: ["nannyMl", "hourlyMean", "tunedZ"] },
  { it: "a drop of 16 points, for half a day", hours: 12, good: 37, alarms: ["evidently", "nannyMl", "hourlyMean", "tunedZ"] },
  {
    it: "the same for three hours: the rolling mean has not 500 answers yet",
    hours: 3,
    good: 37,
    alarms: ["evidently", "nannyMl", "hourlyMean"],
  },
  {
    it: "nothing but bad answers, which even a distance less 0.26 shows",
    hours: 1,
    good: 0,
    alarms: ["evidently", "nannyMl", "modelMonitor", "hourlyMean"],
  },
])("$it", ({ hours, good, alarms }) => expect(alarmsOf(hours, good)).toEqual(alarms));

test("a rolling z at the edge of what is harmless exceeds 1.5, where it stands, and is tuned to half of a rule's share", () => {
  // 0.02 is 1.4 standard errors of 500 pass/fail grades around 0.88; over 90 days chance adds some more.
  expect(play(1)).toBeGreaterThan(2.5);
  expect(play(1)).toBeLessThan(7);
  // Judged rules share half of the one false alarm in 90 days; the traffic has two, each with two directions.
  expect(allowedInQuarter()).toBe(0.125);
});
