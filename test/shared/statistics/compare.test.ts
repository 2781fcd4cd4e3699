import { expect, test } from "@jest/globals";
import { compareFinished, compareUntilDecided } from "../../../shared/statistics/compare.ts";
import {
  criteriaInBoth,
  type GradedSet,
  pairGrades,
  parseGradedSet,
  UnusableGradedSet,
} from "../../../shared/statistics/gradedSet.ts";
import { intervalWhileWatching, noDifferences } from "../../../shared/statistics/pairedDifference.ts";
import { expectClose } from "./vectors.ts";

const set = (file: string, ...lines: object[]) => parseGradedSet(file, lines.map((line) => JSON.stringify(line)).join("\n"));
const pairOf = (a: GradedSet, b: GradedSet, criterion = criteriaInBoth(a, b)[0]) => pairGrades(a, b, criterion);

test.each([
  {
    it: "plain grades, in the order of A",
    a: [
      { id: "x", grade: 1 },
      { id: "y", grade: 0.5 },
    ],
    b: [
      { id: "y", grade: 0 },
      { id: "x", grade: 0.2 },
    ],
    pairs: [
      [1, 0.2],
      [0.5, 0],
    ],
  },
  {
    it: "a plain grade beside the criterion quality",
    a: [{ id: 7, grade: 0.3 }],
    b: [{ id: "7", grades: { tone: 1, quality: 0.4 }, tags: ["t"], latencyMs: 3 }],
    pairs: [[0.3, 0.4]],
  },
  {
    it: "the only criterion",
    a: [{ id: "x", grades: { tone: 0.3 } }],
    b: [{ id: "x", grades: { tone: 0.4 } }],
    pairs: [[0.3, 0.4]],
  },
  {
    it: "the only one that all lines of both have",
    a: [{ id: "x", grades: { tone: 0.3, facts: 1 } }],
    b: [{ id: "x", grades: { tone: 0.4 } }],
    pairs: [[0.3, 0.4]],
  },
  {
    it: "the criterion that is asked for",
    criterion: "facts",
    a: [{ id: "x", grades: { quality: 0, facts: 1 } }],
    b: [{ id: "x", grades: { facts: 0.9 } }],
    pairs: [[1, 0.9]],
  },
])("compares $it", ({ a, b, pairs, criterion }: { a: object[]; b: object[]; pairs: number[][]; criterion?: string }) => {
  expect(pairOf(set("a", ...a), set("b", ...b), criterion)).toEqual(pairs.map(([a, b]) => ({ a, b })));
});

test("of several criteria quality comes first, then the order of A", () => {
  const grades = { tone: 1, quality: 0, facts: 1 };
  const [a, b] = [set("a", { id: "x", grades }), set("b", { id: "x", grades: { facts: 0, tone: 0, quality: 1, other: 1 } })];
  expect(criteriaInBoth(a, b)).toEqual(["quality", "tone", "facts"]);
});

test.each([
  { it: "a line that was cut off", text: '{"id":"x","grade":1}\n\n{"id":"y","gra', says: "a.jsonl:3 is not JSON" },
  { it: "a grade over 1", text: '{"id":"x","grade":7}', says: "a.jsonl:1: grade: Too big" },
  {
    it: "a grade as text",
    text: '{"id":"x","grade":"good"}',
    says: "a.jsonl:1: grade: Invalid input: expected number, received string",
  },
  { it: "no grade", text: '{"id":"x"}', says: "a.jsonl:1: expected either grade or grades" },
  { it: "both kinds of grade", text: '{"id":"x","grade":1,"grades":{"tone":1}}', says: "expected either grade or grades" },
  { it: "no id", text: '{"grade":1}', says: "a.jsonl:1: id" },
  { it: "an id twice", text: '{"id":"x","grade":1}\n{"id":"x","grade":1}', says: "a.jsonl:2: the id x is that of line 1" },
  { it: "an empty file", text: "\n", says: "a.jsonl holds no graded answer" },
])("refuses $it", ({ text, says }) => {
  expect(() => parseGradedSet("a.jsonl", text)).toThrow(UnusableGradedSet);
  expect(() => parseGradedSet("a.jsonl", text)).toThrow(says);
});

const tone = { tone: 1, facts: 1 };
test.each([
  {
    it: "ids that B lacks",
    a: ["x", "y", "z", "u", "v"].map((id) => ({ id, grade: 1 })),
    b: [{ id: "v", grade: 1 }],
    says: "4 of the 5 ids of a are not in b: x, y, z, …",
  },
  {
    it: "ids that A lacks",
    a: [{ id: "x", grade: 1 }],
    b: [
      { id: "x", grade: 1 },
      { id: "y", grade: 1 },
    ],
    says: "1 of the 2 ids of b are not in a: y.",
  },
  {
    it: "no common criterion",
    a: [{ id: "x", grade: 1 }],
    b: [{ id: "x", grades: tone }],
    says: "a has quality, b has tone, facts",
  },
  {
    it: "a criterion that a line lacks",
    criterion: "facts",
    a: [{ id: "x", grades: tone }],
    b: [{ id: "x", grades: { tone: 1 } }],
    says: "b:1 has no grade named facts; it has tone",
  },
  {
    it: "a criterion named like a method",
    criterion: "toString",
    a: [{ id: "x", grades: tone }],
    b: [{ id: "x", grades: tone }],
    says: "a:1 has no grade named toString",
  },
])("says why it cannot pair $it", ({ a, b, says, criterion }: { a: object[]; b: object[]; says: string; criterion?: string }) => {
  expect(() => pairOf(set("a", ...a), set("b", ...b), criterion)).toThrow(says);
});

const repeated = (n: number, pattern: [number, number][]) =>
  Array.from({ length: n }, (_, i) => pattern[i % pattern.length]!).map(([a, b]) => ({ a, b }));
const better = repeated(400, [
  [0, 1],
  [1, 1],
  [0, 1],
  [1, 0],
  [1, 1],
]);
const worse = better.map(({ a, b }) => ({ a: b, b: a }));
const alike = repeated(2000, [
  [0.9, 0.9],
  [0.8, 0.81],
  [0.7, 0.69],
]);

test.each([
  { it: "more wins than losses", pairs: better, verdict: "better" },
  { it: "more losses than wins", pairs: worse, verdict: "worse" },
  { it: "small differences both ways", pairs: alike, verdict: "equivalent" },
  {
    it: "surely better by less than the tolerance",
    pairs: repeated(2000, [
      [0.9, 0.91],
      [0.8, 0.81],
      [0.8, 0.8],
    ]),
    verdict: "equivalent",
  },
  { it: "few pairs", pairs: better.slice(0, 5), verdict: "undecided" },
  { it: "one pair", pairs: better.slice(0, 1), verdict: "undecided" },
])("$it: $verdict", ({ pairs, verdict }) => {
  const finished = compareFinished(pairs, 0.02, 0.05);
  expect([finished.verdict, finished.n, finished.wins + finished.ties + finished.losses]).toEqual([
    verdict,
    pairs.length,
    pairs.length,
  ]);
  const watched = compareUntilDecided(pairs, 0.02, 0.05);
  expect(watched.verdict).toBe(verdict);
  expect(watched.n < pairs.length).toBe(verdict !== "undecided");
});

test("looking at every pair stops at the first verdict, with what was seen until then", () => {
  const { n, wins, ties, losses, difference, lower, upper } = compareUntilDecided(better, 0.02, 0.05);
  const seen = better.slice(0, n);
  expect([wins, ties, losses]).toEqual(
    [seen.filter(({ a, b }) => b > a), seen.filter(({ a, b }) => a === b), seen.filter(({ a, b }) => b < a)].map((x) => x.length),
  );
  expectClose(difference, (wins - losses) / n);
  expect(lower > 0 && upper > difference).toBe(true);
  expect(compareUntilDecided(better.slice(0, n - 1), 0.02, 0.05).verdict).toBe("undecided");
});

test("who looks at every pair pays with a wider interval than who looks once", () => {
  const once = compareFinished(better, 0, 0.05);
  const differences = noDifferences();
  for (const { a, b } of better) {
    differences.n++;
    differences.sum += b - a;
    differences.sumSquares += (b - a) ** 2;
    if (a !== b) differences.differing++;
  }
  const always = intervalWhileWatching(differences, 0.05);
  expect(always.low < once.lower && once.upper < always.high).toBe(true);
});

test("thousands of ties keep every look cheap and decide nothing until they are many", () => {
  const ties = repeated(3000, [[0.5, 0.5]]);
  const { verdict, n } = compareUntilDecided(ties, 0.02, 0.05);
  expect([verdict, n < 3000]).toEqual(["equivalent", true]);
});

test.each([
  { it: "no pair", attempt: () => compareFinished([], 0.02, 0.05), says: "at least one pair" },
  { it: "a tolerance of NaN", attempt: () => compareFinished(better, Number.NaN, 0.05), says: "tolerance is NaN" },
  { it: "no error allowed", attempt: () => compareUntilDecided(better, 0.02, 0), says: "error is 0" },
])("refuses $it", ({ attempt, says }) => expect(attempt).toThrow(says));

test("forty pairs that agree to a hair do not call equivalent what one question in ten makes better", () => {
  const hair = repeated(40, [
    [0.011, 0.012],
    [0.021, 0.02],
    [0.013, 0.013],
  ]);
  const rare = repeated(600, [[0, 1], ...Array.from({ length: 9 }, (): [number, number] => [0.02, 0.021])]);
  expect(compareUntilDecided([...hair, ...rare], 0.02, 0.05).verdict).toBe("better");
});
