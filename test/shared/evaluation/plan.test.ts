import { expect, test } from "@jest/globals";
import {
  differences,
  InvalidEvaluation,
  type Plan,
  planEvaluation,
  readEvaluationRequest,
} from "../../../shared/evaluation/plan.ts";
import { judge } from "../judging/settings.ts";

const input = { id: "e-1", endpoint: "chat", goldenSet: { bucket: "b", key: "k" }, variants: ["stable", "candidate"] };
const settings = { judge, quality: { target: 0.85, tolerance: 0.03 } };
const found = { endpointConfiguration: "c-1", etag: "e", items: 3, broken: [{ line: 2, reason: "it is not JSON" }] };
const plan = (given: object = {}, more: object = {}): Plan =>
  planEvaluation(readEvaluationRequest({ ...input, ...given }), settings, { ...found, ...more }, "2026-03-02T10:00:00Z");

test("what is left out has a default, and dollars become whole micro-dollars", () => {
  const defaults = { budgetMicroUsd: null, tolerance: null, payload: "openai-chat", parameters: {}, attempt: 1 };
  expect(readEvaluationRequest(input)).toEqual({ ...input, ...defaults });
  expect(readEvaluationRequest({ ...input, budgetUsd: 0.29 })).toMatchObject({ budgetMicroUsd: 290_000 });
});

test.each([
  { it: "nothing", given: undefined, says: "The input is no evaluation" },
  { it: "an id that is no name", given: { ...input, id: "a/b" }, says: "id: give 1 to 40 letters, digits, - or _" },
  { it: "no variant", given: { ...input, variants: [] }, says: "variants" },
  { it: "three variants", given: { ...input, variants: ["a", "b", "c"] }, says: "variants" },
  { it: "one variant twice", given: { ...input, variants: ["a", "a"] }, says: "variants: name two different variants, or one" },
  { it: "a budget of nothing", given: { ...input, budgetUsd: 0 }, says: "budgetUsd" },
  { it: "an unknown member", given: { ...input, budget: 1 }, says: "budget" },
  { it: "a stream", given: { ...input, parameters: { stream: true } }, says: "set by the evaluation itself" },
])("$it is refused in a sentence", ({ given, says }) => {
  expect(() => readEvaluationRequest(given)).toThrow(InvalidEvaluation);
  expect(() => readEvaluationRequest(given)).toThrow(expect.objectContaining({ message: expect.stringContaining(says) }));
});

test("the plan has the endpoint's tolerance unless another is given, and the first broken lines", () => {
  expect(plan()).toMatchObject({ tolerance: 0.03, criteria: ["quality", "tone"], items: 3, broken: { count: 1 } });
  expect(plan({ tolerance: 0 }).tolerance).toBe(0);
  const broken = Array.from({ length: 500 }, (_, i) => ({ line: i + 1, reason: "it is not JSON" }));
  expect(plan({}, { broken }).broken).toEqual({ count: 500, first: broken.slice(0, 20) });
});

test.each([
  {
    it: "an endpoint without a judge",
    make: () => planEvaluation(readEvaluationRequest(input), { ...settings, judge: null }, found, "t"),
    says: "chat has no judge",
  },
  {
    it: "a set of broken lines",
    make: () => plan({}, { items: 0 }),
    says: "none of its 1 lines is an item; line 2: it is not JSON",
  },
  { it: "an empty set", make: () => plan({}, { items: 0, broken: [] }), says: "it is empty" },
])("$it is refused in a sentence", ({ make, says }) =>
  expect(make).toThrow(expect.objectContaining({ name: "InvalidEvaluation", message: expect.stringContaining(says) })),
);

test("an evaluation is another one when anything that it depends on is another", () => {
  expect(differences(plan(), { ...plan(), plannedAt: "2026-03-03T10:00:00Z" })).toEqual([]);
  expect(differences(plan(), plan({ attempt: 2, budgetUsd: 1 }))).toEqual([]);
  expect(differences(plan(), plan({}, { etag: "f" }))).toEqual(["goldenSet"]);
  expect(differences(plan(), plan({}, { endpointConfiguration: "c-2" }))).toEqual(["endpointConfiguration"]);
  expect(differences(plan(), plan({ parameters: { temperature: 0 }, tolerance: 0.1 }))).toEqual(["tolerance", "parameters"]);
});
