import { expect, test } from "@jest/globals";
import { shareBaseline } from "../../../shared/monitoring/shares.ts";

/** Two days of quarters of an hour with 100 answers each, so many of them orders. */
const hoursOf = (orders: (hour: number, quarter: number) => number) =>
  Array.from({ length: 48 }, (_, hour) =>
    Array.from({ length: 4 }, (_, quarter) => ({ orders: orders(hour, quarter), returns: 100 - orders(hour, quarter) })),
  );
const dispersionOf = (hours: ReturnType<typeof hoursOf>) => shareBaseline("names", hours.flat(), hours)!.dispersion!;

test.each([
  { it: "alike all day: as independent answers would be", orders: () => 50, D: 1, answers: 100 },
  // 40 and 60 of 100 differ four times as much as chance; 160 and 240 of 400, sixteen times.
  { it: "by the hour: what moves four windows alike", orders: (hour: number) => (hour % 2 === 0 ? 40 : 60), D: 16, answers: 400 },
  {
    it: "from window to window: the hours are alike",
    orders: (_: number, quarter: number) => (quarter % 2 === 0 ? 40 : 60),
    D: 4,
    answers: 100,
  },
])("measures how much shares differ, $it", ({ orders, D, answers }) => {
  const measured = dispersionOf(hoursOf(orders));
  expect(measured.D / D).toBeCloseTo(1, 1);
  expect(measured.meanAnswers).toBe(answers);
});

test("needs 48 windows, and leaves out those without an answer", () => {
  const few = hoursOf(() => 50).slice(0, 11);
  expect(shareBaseline("names", few.flat(), few)).toMatchObject({ windows: 44, dispersion: null });
  const gaps = hoursOf((hour) => (hour % 2 === 0 ? 50 : 0)).map((hour, h) =>
    h % 2 === 0 ? hour : hour.map(() => ({ orders: 0, returns: 0 })),
  );
  expect(shareBaseline("names", gaps.flat(), gaps)).toMatchObject({ windows: 96, dispersion: { D: 1, meanAnswers: 100 } });
});
