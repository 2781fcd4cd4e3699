import { expect, test } from "@jest/globals";
import { failsHard } from "../../../shared/scoring/hardFailure.ts";

const good = { empty: 1, truncated: 1, refusal: 1, repetition: 0.9, relevance: 0.5 };
const all = { empty: true, refusal: true, truncated: true, unsafe: true, repetitionUnder: 0.3 };
const none = { empty: false, refusal: false, truncated: false, unsafe: false, repetitionUnder: null };

test.each([
  { it: "a good answer", scores: good, fails: false },
  { it: "an empty answer", scores: { ...good, empty: 0 }, fails: true },
  { it: "a refusal", scores: { ...good, refusal: 0 }, fails: true },
  { it: "a truncated answer", scores: { ...good, truncated: 0 }, fails: true },
  { it: "a loop", scores: { ...good, repetition: 0.29 }, fails: true },
  { it: "abuse", scores: { ...good, toxicity: 0 }, fails: true },
  { it: "a secret", scores: { ...good, secrets: 0 }, fails: true },
  { it: "repetition at the limit", scores: { ...good, repetition: 0.3 }, fails: false },
  { it: "an answer about something else, which is no hard failure", scores: { ...good, relevance: 0 }, fails: false },
  {
    it: "scorers that had nothing to say",
    scores: { empty: null, truncated: null, refusal: null, repetition: null },
    fails: false,
  },
  { it: "no scores", scores: {}, fails: false },
])("$it", ({ scores, fails }) => {
  expect(failsHard(scores, all)).toBe(fails);
  expect(failsHard(scores, none)).toBe(false);
});

test.each([
  { check: { empty: true }, scores: { empty: 0 } },
  { check: { refusal: true }, scores: { refusal: 0 } },
  { check: { truncated: true }, scores: { truncated: 0 } },
  { check: { unsafe: true }, scores: { secrets: 0 } },
  { check: { repetitionUnder: 0.3 }, scores: { repetition: 0.1 } },
])("the check $check alone sees its own failure only", ({ check, scores }) => {
  expect(failsHard({ ...good, ...scores }, { ...none, ...check })).toBe(true);
  expect(
    failsHard(
      { ...good, ...scores },
      { ...all, ...Object.fromEntries(Object.keys(check).map((name) => [name, none[name as keyof typeof none]])) },
    ),
  ).toBe(false);
});
