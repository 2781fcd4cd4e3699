import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import { recordedWeek, weekLines, weekTexts } from "../../../local/demo/recordedWeek.ts";
import { recordedGrades } from "../../../local/demo/recordings.ts";
import { isChosen } from "../../../shared/sampling/poisson.ts";

const packed = readFileSync(new URL("../../../local/demo/recordings/week.jsonl.gz", import.meta.url));
const shipped = gunzipSync(packed).toString("utf8").trimEnd().split("\n");
type Line = {
  eventId: string;
  time: string;
  endpoint: string;
  variant: string;
  segment: string;
  scores: Record<string, number | null>;
  pi: number;
  judgement: { status: string; grades: { quality: number } } | null;
};
const week = shipped.map((line) => JSON.parse(line) as Line);
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length;

test("the file that ships is what the script makes, line for line", () => {
  expect([...weekLines()]).toEqual(shipped);
  expect(packed.length).toBeLessThan(1_200_000);
});

test("another seed makes another week", () => {
  const [first] = weekLines("another");
  expect(first).not.toBe(shipped[0]);
});

test("seven whole days, every hour of them, in order of time", () => {
  const times = week.map(({ time }) => Date.parse(time));
  expect(times.every((time, k) => k === 0 || time >= times[k - 1]!)).toBe(true);
  expect(times[0]).toBeGreaterThanOrEqual(Date.parse(recordedWeek.from));
  expect(times.at(-1)).toBeLessThan(Date.parse(recordedWeek.until));
  expect(new Set(times.map((time) => Math.floor(time / 3_600_000))).size).toBe(7 * 24);
  expect(new Set(week.map(({ eventId }) => eventId)).size).toBe(week.length);
});

test.each(["stable", "candidate"])("%s: about 200 requests an hour, 2,000 of them graded, with the mean 0.92", (variant) => {
  const own = week.filter((line) => line.variant === variant);
  const graded = own.flatMap(({ judgement }) => (judgement === null ? [] : judgement.grades.quality));
  expect(Math.abs(own.length / (7 * 24) - 200)).toBeLessThan(2);
  expect(Math.abs(graded.length - 2_016)).toBeLessThan(100);
  expect(Math.abs(mean(graded) - 0.92)).toBeLessThan(0.005);
  expect(Object.keys(own[0]!.scores)).toContain("relevance");
});

test("chosen by the product's sampling, graded as recorded, of texts that are found again", () => {
  const textOf = weekTexts();
  const grades = new Map(recordedGrades().map(({ prompt, completion, grades }) => [`${prompt}\n${completion}`, grades]));
  for (const { eventId, pi, judgement } of week) {
    if (isChosen(eventId, pi) !== (judgement !== null)) throw new Error(`${eventId} is not sampled as it should be`);
    if (judgement === null) continue;
    const { prompt, completion } = textOf(eventId)!;
    expect(judgement).toEqual({ status: "graded", grades: grades.get(`${prompt}\n${completion}`) });
  }
});

test.each(["week-00001-stable-orders-99-0", "week-00001-stable-orders-01-9", "demo-12", ""])(
  "there is no text behind %j",
  (eventId) => expect(weekTexts()(eventId)).toBeNull(),
);
