import { expect, test } from "@jest/globals";
import { InvalidEvaluation, readEvaluationRequest } from "../../../shared/evaluation/request.ts";

const input = { id: "e-1", endpoint: "chat", goldenSet: { bucket: "b", key: "k" }, variants: ["stable", "candidate"] };
const { goldenSet: _, ...unasked } = input;
const { variants: __, ...untargeted } = input;
const span = { from: "2026-03-02T09:00:00Z", to: "2026-03-02T10:00:00Z" };
const own = (variant: string) => ({ kind: "endpoint", name: variant, endpoint: "chat", variant, component: null });

test("what is left out has a default, and dollars become whole micro-dollars", () => {
  expect(readEvaluationRequest(input)).toEqual({
    id: "e-1",
    endpoint: "chat",
    questions: { kind: "goldenSet", bucket: "b", key: "k" },
    targets: [own("stable"), own("candidate")],
    criteria: null,
    budgetMicroUsd: null,
    tolerance: null,
    gates: [],
    payload: "openai-chat",
    parameters: {},
    prices: {},
    untilDecided: false,
    skipInvalid: false,
    concurrency: 8,
    toleratedFailurePercent: 5,
    attempt: 1,
  });
  expect(readEvaluationRequest({ ...input, budgetUsd: 0.29 })).toMatchObject({ budgetMicroUsd: 290_000 });
});

test("targets are variants, components, other endpoints and answers that were brought along", () => {
  const targets = [
    { name: "old", variant: "stable" },
    { name: "new", endpoint: "chat-2", component: "c-1" },
    { name: "all", endpoint: "chat-2" },
    { name: "captured", answers: true },
  ];
  expect(readEvaluationRequest({ ...untargeted, targets }).targets).toEqual([
    { kind: "endpoint", name: "old", endpoint: "chat", variant: "stable", component: null },
    { kind: "endpoint", name: "new", endpoint: "chat-2", variant: null, component: "c-1" },
    { kind: "endpoint", name: "all", endpoint: "chat-2", variant: null, component: null },
    { kind: "answers", name: "captured" },
  ]);
});

test.each([
  { it: "a span", given: { captured: span }, reads: { questions: { kind: "captured", ...span, variants: [], items: 1_000 } } },
  {
    it: "hours before a schedule fired, under a name of its own",
    given: { captured: { hours: 24 }, scheduledAt: "2026-03-02T03:00:00Z" },
    reads: { id: "e-1-20260302T0300", questions: { from: "2026-03-01T03:00:00Z", to: "2026-03-02T03:00:00Z" } },
  },
])("captured questions are of $it", ({ given, reads }) => {
  expect(readEvaluationRequest({ ...unasked, ...given })).toMatchObject(reads);
});

test.each([
  { it: "nothing", given: undefined, says: "The input is no evaluation" },
  { it: "an id that is no name", given: { ...input, id: "a/b" }, says: "id: give 1 to 40 letters, digits, - or _" },
  { it: "no variant", given: { ...input, variants: [] }, says: "variants" },
  { it: "nine variants", given: { ...input, variants: [..."abcdefghi"] }, says: "variants" },
  { it: "one variant twice", given: { ...input, variants: ["a", "a"] }, says: "Two targets have the name a" },
  { it: "neither variants nor targets", given: untargeted, says: "give variants or targets" },
  {
    it: "a target of two kinds",
    given: { ...untargeted, targets: [{ name: "a", variant: "a", answers: true }] },
    says: "targets: 0: answers are brought along, or an endpoint is asked",
  },
  { it: "nothing to ask", given: unasked, says: "give goldenSet or captured" },
  {
    it: "a span that ends before it begins",
    given: { ...unasked, captured: { from: span.to, to: span.from } },
    says: "captured: give from",
  },
  { it: "hours without a schedule", given: { ...unasked, captured: { hours: 24 } }, says: "counted back from scheduledAt" },
  { it: "a budget of nothing", given: { ...input, budgetUsd: 0 }, says: "budgetUsd" },
  { it: "a gate that cannot be read", given: { ...input, gates: ["good enough"] }, says: "gates: 0" },
  { it: "an unknown member", given: { ...input, budget: 1 }, says: "budget" },
  { it: "a stream", given: { ...input, parameters: { stream: true } }, says: "set by the evaluation itself" },
  { it: "a long id on a schedule", given: { ...input, id: "x".repeat(27), scheduledAt: span.to }, says: "at most 26 characters" },
])("$it is refused in a sentence", ({ given, says }) => {
  expect(() => readEvaluationRequest(given)).toThrow(InvalidEvaluation);
  expect(() => readEvaluationRequest(given)).toThrow(expect.objectContaining({ message: expect.stringContaining(says) }));
});
