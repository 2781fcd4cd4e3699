import { expect, test } from "@jest/globals";
import { scorersBench } from "../../../bench/scorers.ts";
import { scorers } from "../../../shared/scoring/registry.ts";
import { labelledSubjects } from "./labelled.ts";

const examples = [...labelledSubjects()];
const { figures } = await scorersBench.run(1, () => {});

test("several hundred examples, bad and good in balance, for every scorer that reads words", () => {
  expect(examples.reduce((sum, [, those]) => sum + those.length, 0)).toBeGreaterThanOrEqual(300);
  // What the token limit cut off is in the payload, not in the words.
  expect(new Set(examples.map(([name]) => name))).toEqual(
    new Set(scorers.map(({ name }) => name).filter((name) => name !== "truncated")),
  );
  for (const [name, those] of examples) {
    const bad = those.filter(({ isBad }) => isBad).length / those.length;
    if (bad < 0.4 || bad > 0.6) throw new Error(`${name}: ${bad} of the examples are bad`);
  }
});

test.each(examples.map(([name]) => name))("%s finds most of what it should, and little else", (name) => {
  expect(figures[`${name}.precision`]).toBeGreaterThanOrEqual(0.85);
  expect(figures[`${name}.recall`]).toBeGreaterThanOrEqual(0.8);
});
