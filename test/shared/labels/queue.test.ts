import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { judgeQuality, labelledAnswers } from "../../../shared/labels/humanGrades.ts";
import { impactOf } from "../../../shared/labels/impact.ts";
import { type Candidate, chooseToLabel, type LabelQueue } from "../../../shared/labels/queue.ts";

const candidate = (eventId: string, quality: number, more: Partial<Candidate> = {}): Candidate => ({
  ...{ eventId, variant: "stable", window: "2026-03-02T09:00:00Z", segment: "all", pi: 0.5, y: { quality }, f: {} },
  ...more,
});
const many = (n: number, quality: number, more: Partial<Candidate> = {}) =>
  Array.from({ length: n }, (_, i) => candidate(`${quality}-${i}`, quality, more));

test.each([
  { it: "judges that are sure, equally", y: 1, f: {}, interest: 0.25 },
  { it: "a judge in doubt", y: 0.5, f: {}, interest: 0.75 },
  { it: "a judge that says the opposite of the scores", y: 1, f: { quality: 0 }, interest: 1.25 },
])("asks about $it", ({ y, f, interest }) => {
  expect(chooseToLabel([candidate("e", y, { f })], "quality", 1)).toMatchObject([{ eventId: "e", interest, p: 0.5 }]);
});

test("doubtful grades are asked about three times as often as sure ones, and each keeps its probability", () => {
  const chosen = chooseToLabel([...many(4_000, 1), ...many(4_000, 0.5)], "quality", 800);
  const [sure, doubtful] = [1, 0.5].map((grade) => chosen.filter(({ y }) => y.quality === grade));
  expect(chosen.length).toBeGreaterThan(700);
  expect(chosen.length).toBeLessThan(900);
  expect(doubtful!.length / sure!.length).toBeGreaterThan(2.4);
  expect(doubtful!.length / sure!.length).toBeLessThan(3.7);
  expect(sure![0]!.p).toBeCloseTo(0.5 * 0.05, 9);
  expect(doubtful![0]!.p).toBeCloseTo(0.5 * 0.15, 9);
  expect(chosen[0]!.y.quality).toBe(0.5); // the most interesting first
});

test("P(labelled) adds up to as many as were wanted, is never over P(judged), and a repeat chooses the same", () => {
  const unit = fc.double({ min: 0, max: 1, noNaN: true });
  const one = fc.record({ y: unit, f: unit, pi: fc.double({ min: 0.01, max: 1, noNaN: true }) });
  fc.assert(
    fc.property(fc.array(one, { minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 30 }), (all, wanted) => {
      const candidates = all.map(({ y, f, pi }, i) => candidate(`e${i}`, y, { f: { quality: f }, pi }));
      const chosen = chooseToLabel(candidates, "quality", wanted);
      for (const { p, pi } of chosen) expect(p > 0 && p <= pi).toBe(true);
      expect(chooseToLabel([...candidates].reverse(), "quality", wanted)).toEqual(chosen);
      if (wanted >= all.length) expect(chosen).toHaveLength(all.length);
    }),
    { numRuns: 50 },
  );
});

test("who has no grade of the criterion is not asked about", () => {
  expect(chooseToLabel([candidate("e", 1, { y: { tone: 1 } })], "quality", 9)).toEqual([]);
});

const queue: LabelQueue = {
  ...{
    endpoint: "chat",
    from: "2026-03-02T00:00:00Z",
    to: "2026-03-09T00:00:00Z",
    judgeVersion: "v",
    criteria: ["quality", "tone"],
  },
  ...{ madeAt: "2026-03-09T09:00:00Z", candidates: 40 },
  answers: chooseToLabel([candidate("a", 1), candidate("b", 0, { y: { quality: 0, tone: 1 } })], "quality", 2),
};
const says = (eventId: string, grader: string, grades: Record<string, number>) => ({ eventId, grader, grades });

test.each([
  { it: "one grader's", given: [says("a", "Ada", { quality: 0 })], h: { a: { quality: 0 } } },
  {
    it: "the last word of one",
    given: [says("a", "Ada", { quality: 0 }), says("a", "Ada", { quality: 1 })],
    h: { a: { quality: 1 } },
  },
  {
    it: "the mean of two",
    given: [says("a", "Ada", { quality: 0 }), says("a", "Bob", { quality: 1 }), says("b", "", { tone: 0.5 })],
    h: { a: { quality: 0.5 }, b: { tone: 0.5 } },
  },
  { it: "nothing of what was not asked about", given: [says("z", "Ada", { quality: 0 })], h: {} },
])("people's grade is $it", ({ given, h }) => {
  const labelled = labelledAnswers(queue, given);
  const eventOf = (y: Record<string, number>) => (y.quality === 1 ? "a" : "b");
  expect(Object.fromEntries(labelled.map((each) => [eventOf(each.y), each.h]))).toEqual(h);
});

test("the judge beside people says of how many, and keeps silent about what nobody graded", () => {
  const labelled = labelledAnswers(queue, [says("a", "Ada", { quality: 0.5 })]);
  expect(judgeQuality(queue, labelled)).toMatchObject({
    ...{ endpoint: "chat", judgeVersion: "v", asked: 2, labelled: 1 },
    criteria: { quality: { n: 1, bias: 0.5 }, tone: null },
  });
});

const did = (eventId: string, reaction: "up" | "down" | "edited" | "escalated", variant = "stable") => ({
  eventId,
  variant,
  reaction,
});
const grades = { up: 1, down: 0, edited: 0.5, escalated: 0 };
test.each([
  { it: "a thumb that was said twice", given: [did("a", "up"), did("a", "up")], counts: { up: 1, down: 0 }, mean: 1 },
  { it: "a thumb that was turned", given: [did("a", "up"), did("a", "down")], counts: { up: 0, down: 1 }, mean: 0 },
  {
    it: "praise of an answer that was edited",
    given: [did("a", "up"), did("a", "edited")],
    counts: { up: 1, edited: 1 },
    mean: 0.5,
  },
  { it: "two answers", given: [did("a", "up"), did("b", "escalated")], counts: { up: 1, escalated: 1 }, mean: 0.5 },
])("counts $it", ({ given, counts, mean }) => {
  expect(impactOf(given, { stable: 10 }, grades)).toMatchObject([{ variant: "stable", answered: 10, counts, mean }]);
});

test("rates are per answer, and unknown where answers are not counted", () => {
  const [candidateOne, stable] = impactOf([did("a", "up"), did("b", "up", "candidate")], { stable: 4 }, grades);
  expect(stable!.rates).toMatchObject({ up: 0.25, down: 0 });
  expect(candidateOne).toMatchObject({ variant: "candidate", answered: null, rates: null, reacted: 1 });
});

test("grades that nobody asked for are counted beside, and never as a reaction", () => {
  const given = [
    { eventId: "a", variant: "stable", grades: { quality: 0.2 } },
    { eventId: "a", variant: "stable", grades: { quality: 0.4 } },
  ];
  expect(impactOf(given, {}, grades)).toMatchObject([{ reacted: 0, mean: null, graded: { answers: 1, mean: 0.4 } }]);
});
