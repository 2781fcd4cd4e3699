import { expect, test } from "@jest/globals";
import { boundMicroUsd, costMicroUsd } from "../../../shared/judging/cost.ts";
import { countJudgements, type Judgement, meanGrade } from "../../../shared/judging/judgement.ts";
import { judgeVersion } from "../../../shared/judging/judgeVersion.ts";
import { judge } from "./settings.ts";

test("a judge's version is the same for the same judge, wherever it is served and whatever it costs", () => {
  expect(judgeVersion(judge)).toMatch(/^[0-9a-f]{16}$/);
  expect(judgeVersion({ ...judge, endpoint: "other", microUsdPerMillionInputTokens: 1 } as typeof judge)).toBe(
    judgeVersion(judge),
  );
});

test.each([
  { it: "another model", change: { model: "Qwen3-30B-A3B-2601" } },
  { it: "another meaning", change: { rubric: { ...judge.rubric, tone: "1: warm. 0: cold." } } },
  { it: "a criterion less", change: { rubric: { quality: judge.rubric.quality! } } },
  { it: "another order", change: { rubric: { tone: judge.rubric.tone!, quality: judge.rubric.quality! } } },
  { it: "another length", change: { maxTokens: 100 } },
])("$it is another version", ({ change }) => expect(judgeVersion({ ...judge, ...change })).not.toBe(judgeVersion(judge)));

test.each([
  { inputTokens: 0, outputTokens: 0, micro: 0 },
  { inputTokens: 1, outputTokens: 0, micro: 1 }, // 0.15 rounded up
  { inputTokens: 1_000, outputTokens: 20, micro: 162 },
  { inputTokens: 1_000_000, outputTokens: 1_000_000, micro: 750_000 },
])("$inputTokens in and $outputTokens out cost $micro micro-dollars", ({ micro, ...usage }) =>
  expect(costMicroUsd(usage, judge)).toBe(micro),
);

test("the bound counts bytes, which a token has one of at least, and the longest reply", () => {
  expect(boundMicroUsd("x".repeat(1_000), judge)).toBe(150 + 120);
  expect(boundMicroUsd("語".repeat(1_000), judge)).toBe(450 + 120);
});

const judgements: Judgement[] = [
  { status: "graded", grades: { quality: 0.5 }, costMicroUsd: 1 },
  { status: "graded", grades: { quality: 1 }, costMicroUsd: 1 },
  { status: "failed", reason: "…", costMicroUsd: 1 },
  { status: "skipped", reason: "budget" },
];
test.each([
  { it: "of what was graded", given: judgements, criterion: "quality", mean: 0.75 },
  { it: "unknown for a criterion that nobody graded", given: judgements, criterion: "tone", mean: null },
  { it: "unknown for a name that objects inherit", given: judgements, criterion: "constructor", mean: null },
  { it: "unknown where nothing was graded", given: judgements.slice(2), criterion: "quality", mean: null },
])("the mean grade is $it", ({ given, criterion, mean }) => expect(meanGrade(given, criterion)).toBe(mean));

test("the rest is counted", () =>
  expect(countJudgements(judgements)).toEqual({ graded: 2, failed: 1, refused: 0, unparseable: 0, skipped: 1 }));
