import { expect, test } from "@jest/globals";
import { InvalidSchedule, parseSchedule } from "../../local/schedule.ts";

test.each([
  { it: "the next quarter", expression: "rate(15 minutes)", now: "09:07:30", next: "2026-03-02T09:15:00.000Z" },
  { it: "a whole period after a firing", expression: "rate(15 minutes)", now: "09:15:00", next: "2026-03-02T09:30:00.000Z" },
  { it: "the next minute", expression: "rate(1 minute)", now: "09:07:30", next: "2026-03-02T09:08:00.000Z" },
  { it: "the next hour", expression: "rate(1 hour)", now: "09:07:30", next: "2026-03-02T10:00:00.000Z" },
  { it: "midnight", expression: "rate(1 day)", now: "09:07:30", next: "2026-03-03T00:00:00.000Z" },
  { it: "a step of minutes", expression: "cron(0/15 * * * ? *)", now: "09:07:30", next: "2026-03-02T09:15:00.000Z" },
  { it: "a time tomorrow", expression: "cron(30 8 ? * * *)", now: "09:07:30", next: "2026-03-03T08:30:00.000Z" },
  { it: "lists and ranges", expression: "cron(5,50-55/5 8-9 * * ? *)", now: "09:07:30", next: "2026-03-02T09:50:00.000Z" },
])("$expression fires at $it", ({ expression, now, next }) => {
  const nextMs = parseSchedule(expression).nextAfter(Date.parse(`2026-03-02T${now}Z`));
  expect(new Date(nextMs).toISOString()).toBe(next);
});

test.each([
  { expression: "rate(1 minutes)", says: "not valid" },
  { expression: "rate(0 minutes)", says: "not valid" },
  { expression: "rate(15 seconds)", says: "not valid" },
  { expression: "cron(0 12 * * * *)", says: "one of day-of-month and day-of-week is ?" },
  { expression: "cron(0 12 ? * MON-FRI *)", says: "minutes and hours" },
  { expression: "cron(60 12 * * ? *)", says: "60" },
  { expression: "cron(5-1 12 * * ? *)", says: "5-1" },
  { expression: "every day", says: "neither" },
])("$expression is refused", ({ expression, says }) => {
  expect(() => parseSchedule(expression)).toThrow(InvalidSchedule);
  expect(() => parseSchedule(expression)).toThrow(says);
});
