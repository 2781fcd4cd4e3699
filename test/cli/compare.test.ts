import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { assay } from "./assay.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-compare-"));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, grades: Record<string, number>) => {
  const path = join(folder, name);
  writeFileSync(
    path,
    Object.entries(grades)
      .map(([id, grade]) => `${JSON.stringify({ id, grade })}\n`)
      .join(""),
  );
  return path;
};
const grades = (of: (i: number) => number) => Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`q${i}`, of(i)]));
const a = file(
  "a.jsonl",
  grades((i) => (i % 4 === 0 ? 1 : 0)),
);
const b = file(
  "b.jsonl",
  grades((i) => (i % 4 === 1 ? 0 : 1)),
);

const compare = (...args: string[]) => assay(["compare", ...args], { cwd: folder });

test("prints one JSON object that says what B is", async () => {
  const { code, stdout } = await compare(a, b, "--json");
  expect(JSON.parse(stdout)).toEqual({
    verdict: "better",
    difference: 0.5,
    lower: expect.closeTo(0.43, 2),
    upper: expect.closeTo(0.57, 2),
    n: 200,
    wins: 100,
    ties: 100,
    losses: 0,
  });
  expect([code, stdout.split("\n").length]).toEqual([0, 2]);
});

test("with --until-decided looks at no more pairs than it needs", async () => {
  const { stdout } = await compare(b, a, "--until-decided", "--json");
  expect(JSON.parse(stdout)).toMatchObject({ verdict: "worse", wins: 0 });
  expect(JSON.parse(stdout).n).toBeLessThan(60);
});

test("tells people in a sentence and a table, and a verdict is no failure", async () => {
  const { code, stdout } = await compare(a, b, "--error", "0.01", "--tolerance", "0.1");
  expect(stdout).toMatch(/^B is better than A\.\n/);
  expect(stdout).toMatch(/99 % interval .* \+0\.4\d+ to \+0\.5\d+/);
  expect(code).toBe(0);
});

test("says which tags stand out, and how many more questions an undecided comparison needs", async () => {
  const lines = (of: (i: number) => number) =>
    Array.from({ length: 100 }, (_, i) => `${JSON.stringify({ id: i, grade: of(i), tags: [i % 2 ? "odd" : "even"] })}\n`).join(
      "",
    );
  const [left, right] = [join(folder, "left.jsonl"), join(folder, "right.jsonl")];
  writeFileSync(
    left,
    lines(() => 0.5),
  );
  writeFileSync(
    right,
    lines((i) => (i % 2 ? 0.99 : 0.03)),
  );
  const { stdout } = await compare(left, right, "--json");
  expect(JSON.parse(stdout)).toMatchObject({
    verdict: "undecided",
    moreNeeded: expect.any(Number),
    tags: [
      { tag: "even", verdict: "worse", n: 50 },
      { tag: "odd", verdict: "better", n: 50 },
    ],
  });
});

test("compares all criteria, and what the answers took and cost, as far as the files say", async () => {
  const answers = (name: string, quality: number, took: object) => {
    const path = join(folder, name);
    const line = (i: number) => ({
      id: i,
      grades: { tone: 0.5, quality: quality + (i % 3) / 10 },
      latencyMs: 100 * (1 + (i % 20)),
      ...took,
    });
    writeFileSync(path, Array.from({ length: 100 }, (_, i) => `${JSON.stringify(line(i))}\n`).join(""));
    return path;
  };
  const tokens = { promptTokens: 100, completionTokens: 50 };
  const [dear, cheap] = [answers("dear.jsonl", 0.6, tokens), answers("cheap.jsonl", 0.3, { ...tokens, completionTokens: 25 })];
  const prices = ["--price", "a=1/10", "--price", "b=1/10"];
  const { stdout } = await compare(dear, cheap, "--json", ...prices);
  expect(JSON.parse(stdout)).toMatchObject({
    criterion: "quality",
    verdict: "worse",
    criteria: { tone: { verdict: "undecided", difference: 0 } },
    figures: {
      a: { latencyMs: { p50: 1_000, p95: 1_900 }, tokens: { prompt: 100, completion: 50 } },
      // 350 micro-dollars an answer that is worth 0.399
      b: { costPerThousandGood: { usd: expect.closeTo(0.35 / 0.399, 6) } },
      costRatio: { ratio: expect.closeTo(0.35 / 0.399 / (0.6 / 0.699), 6), lower: expect.any(Number) },
    },
  });
  const people = (await compare(dear, cheap, ...prices)).stdout;
  expect(people).toMatch(/tone: undecided, 0.0000/);
  expect(people).toMatch(/p95 latency +│ +1900 ms │ +1900 ms/);
  expect(people).toMatch(/A good answer of B costs 1\.02 times that of A \(/);
  expect((await compare(dear, cheap, "--criterion", "tone")).stdout).not.toContain("quality");
});

const broken = join(folder, "broken.jsonl");
writeFileSync(broken, '{"id":"q1","grade":1}\n{"id":');
test.each([
  {
    it: "a file that is not there",
    args: [a, join(folder, "none.jsonl")],
    says: "none.jsonl cannot be read: there is no such file.",
  },
  { it: "a folder", args: [a, folder], says: "it is a folder" },
  { it: "a broken line", args: [a, broken], says: "broken.jsonl:2 is not JSON" },
  { it: "questions that only one was asked", args: [a, file("few.jsonl", { q1: 1 })], says: "199 of the 200 ids" },
  { it: "a tolerance in percent", args: [a, b, "--tolerance", "2%"], says: "It is a number from 0, under 1" },
  { it: "a price of neither", args: [a, b, "--price", "c=1/2"], says: "--price is of a or b" },
  { it: "an error of 0", args: [a, b, "--error", "0"], says: "It is a number between 0 and 1" },
  { it: "one set", args: [a], says: "missing required argument 'b'" },
])("$it is wrong use", async ({ args, says }) => {
  const { code, stdout, stderr } = await compare(...args);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(says);
});
