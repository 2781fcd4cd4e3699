import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { compareWithReference } from "../../../shared/evaluation/referenceMetrics.ts";

const cat = "The cat is on the mat.";
test.each([
  {
    it: "the reference itself",
    answer: ` ${cat}\n`,
    to: cat,
    is: { exact: 1, rouge_l: 1, bleu: 1, token_f1: 1, json_equal: null },
  },
  // Five of six words in order, and of the grams 3 of 5, 1 of 4 and 0 of 3, each with one added: 5/6, 4/6, 2/5, 1/4.
  {
    it: "one word otherwise",
    answer: "the cat sat on the mat",
    to: cat,
    is: { exact: 0, rouge_l: 5 / 6, bleu: ((5 / 6) * (4 / 6) * (2 / 5) * (1 / 4)) ** 0.25, token_f1: 5 / 6 },
  },
  { it: "the same words in another order", answer: "mat the on is cat the", to: cat, is: { token_f1: 1, rouge_l: 3 / 6 } },
  {
    it: "a short one in place of a long one",
    answer: "the cat",
    to: cat,
    is: { bleu: Math.exp(-2), token_f1: 0.5, rouge_l: 0.5 },
  },
  { it: "nothing", answer: "", to: cat, is: { exact: 0, rouge_l: 0, bleu: 0, token_f1: 0 } },
  { it: "words of another script", answer: "猫 が いる", to: "猫 が いる", is: { rouge_l: 1, bleu: 1 } },
  { it: "words that every object has", answer: "constructor toString", to: "constructor toString", is: { bleu: 1, rouge_l: 1 } },
  {
    it: "the same JSON in another order",
    answer: '{ "b": [2], "a": 1 }',
    to: '{"a":1,"b":[2]}',
    is: { exact: 0, json_equal: 1 },
  },
  { it: "other JSON", answer: '{"a":2}', to: '{"a":1}', is: { json_equal: 0 } },
  { it: "text where JSON is wanted", answer: "a is 1", to: '{"a":1}', is: { json_equal: 0 } },
  {
    it: "more words than can be laid side by side",
    answer: "a ".repeat(4_000),
    to: cat,
    is: { rouge_l: null, bleu: null, token_f1: 0 },
  },
])("$it", ({ answer, to, is }) => {
  const close = Object.entries(is).map(([name, value]) => [name, value === null ? null : expect.closeTo(value, 9)]);
  expect(compareWithReference(answer, to)).toMatchObject(Object.fromEntries(close));
});

test("every metric of any two texts lies in [0, 1], and is known of a text and itself", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 60 });
  fc.assert(
    fc.property(text, text, (answer, to) => {
      for (const value of Object.values(compareWithReference(answer, to))) {
        if (value !== null) expect(value >= 0 && value <= 1 + 1e-12).toBe(true);
      }
      expect(compareWithReference(to, to)).toMatchObject({ exact: 1, token_f1: 1 });
    }),
    { numRuns: 40 },
  );
});
