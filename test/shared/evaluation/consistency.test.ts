import { expect, test } from "@jest/globals";
import { agreements, sketchOfAnswer } from "../../../shared/evaluation/consistency.ts";

const item = (group: string | null, ...answers: string[]) => ({ group, sketches: answers.map(sketchOfAnswer) });

test.each([
  {
    it: "the same answer again and again",
    items: [item(null, "Five days.", "five days", "Five days!")],
    repeats: [1],
    rewordings: [],
  },
  { it: "another answer each time", items: [item(null, "Yes.", "No.")], repeats: [0], rewordings: [] },
  { it: "one of three that differs", items: [item(null, "Yes.", "Yes.", "No.")], repeats: [1 / 3], rewordings: [] },
  { it: "an answer that was given once", items: [item(null, "Yes.")], repeats: [], rewordings: [] },
  { it: "rewordings with one answer", items: [item("g", "Yes."), item("g", "Yes.")], repeats: [], rewordings: [1] },
  {
    it: "two groups",
    items: [item("g", "Yes."), item("h", "No."), item("g", "No."), item("h", "No.")],
    repeats: [],
    rewordings: [0, 1],
  },
  { it: "a group of one", items: [item("g", "Yes.")], repeats: [], rewordings: [] },
])("$it", ({ items, repeats, rewordings }) => expect(agreements(items)).toEqual({ repeats, rewordings }));

test("a sketch tells nothing of what was said, and is short", () => {
  const sketch = sketchOfAnswer("The secret word is swordfish. ".repeat(1_000));
  expect(sketch).toMatch(/^[A-Za-z0-9+/]{683}=$/);
});
