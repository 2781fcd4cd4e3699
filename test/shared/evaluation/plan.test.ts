import { expect, test } from "@jest/globals";
import { differences, narrowed, type Plan, planEvaluation } from "../../../shared/evaluation/plan.ts";
import { readEvaluationRequest } from "../../../shared/evaluation/request.ts";
import { judge } from "../judging/settings.ts";

const input = { id: "e-1", endpoint: "chat", goldenSet: { bucket: "b", key: "k" }, variants: ["stable", "candidate"] };
const settings = { judge, quality: { target: 0.85, tolerance: 0.03, fold: "window" as const } };
const broken = [{ line: 2, reason: "it is not JSON" }];
const found = { serving: { chat: "c-1" }, goldenSet: { bucket: "b", key: "k", etag: "e", version: "v" }, items: 3, broken };
const plan = (given: object = {}, more: object = {}): Plan =>
  planEvaluation(
    readEvaluationRequest({ ...input, skipInvalid: true, ...given }),
    settings,
    { ...found, ...more },
    "2026-03-02T10:00:00Z",
  );

test("the plan has the endpoint's tolerance unless another is given, and the first broken lines", () => {
  expect(plan()).toMatchObject({ tolerance: 0.03, criteria: ["quality", "tone"], items: 3, broken: { count: 1 } });
  expect(plan({ tolerance: 0 }).tolerance).toBe(0);
  const many = Array.from({ length: 500 }, (_, i) => ({ line: i + 1, reason: "it is not JSON" }));
  expect(plan({}, { broken: many }).broken).toEqual({ count: 500, first: many.slice(0, 20) });
});

test("some of the criteria are another judge, all of them the same", () => {
  expect(plan({ criteria: ["tone"] })).toMatchObject({ criteria: ["tone"], judge: { model: judge.model } });
  expect(plan({ criteria: ["tone"] }).judge.version).not.toBe(plan().judge.version);
  expect(plan({ criteria: ["quality", "tone"] }).judge.version).toBe(plan().judge.version);
  const weighted = { ...judge, rubric: { truth: "1: true.", tone: "1: kind." }, weights: { truth: 3, tone: 1 } };
  expect(narrowed(weighted, ["quality"])).toEqual(weighted);
  expect(narrowed(weighted, ["tone"])).toEqual({ ...weighted, rubric: { tone: "1: kind." }, weights: null });
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
  {
    it: "a broken line where none may be",
    make: () => plan({ skipInvalid: false }),
    says: "1 lines of s3://b/k are no items; line 2: it is not JSON. Mend them",
  },
  {
    it: "a criterion that the judge has not",
    make: () => plan({ criteria: ["wit"] }),
    says: "no criterion wit; it has quality, tone",
  },
  { it: "an empty set", make: () => plan({}, { items: 0, broken: [] }), says: "it is empty" },
])("$it is refused in a sentence", ({ make, says }) =>
  expect(make).toThrow(expect.objectContaining({ name: "InvalidEvaluation", message: expect.stringContaining(says) })),
);

test("an evaluation is another one when anything that it depends on is another", () => {
  expect(differences(plan(), { ...plan(), plannedAt: "2026-03-03T10:00:00Z" })).toEqual([]);
  expect(differences(plan(), plan({ attempt: 2, budgetUsd: 1, concurrency: 50 }))).toEqual([]);
  expect(differences(plan(), plan({}, { goldenSet: { ...found.goldenSet, etag: "f" } }))).toEqual(["goldenSet"]);
  expect(differences(plan(), plan({}, { serving: { chat: "c-2" } }))).toEqual(["serving"]);
  expect(differences(plan(), plan({ parameters: { temperature: 0 }, tolerance: 0.1 }))).toEqual(["tolerance", "parameters"]);
});
