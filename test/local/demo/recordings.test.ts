import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { strictGrades } from "../../../local/demo/recordings.ts";
import type { Take } from "../../../local/sagemaker/payloads.ts";
import { readRecording } from "../../../local/sagemaker/recordedModel.ts";
import { defaultSettings } from "../../../shared/config/schema.ts";
import { failsHard } from "../../../shared/scoring/hardFailure.ts";
import { nothingBeside, scoreAll } from "../../../shared/scoring/registry.ts";

const textOf = (name: string) => readFileSync(new URL(`../../../local/demo/recordings/${name}.jsonl`, import.meta.url), "utf8");
const linesOf = <T>(name: string) =>
  textOf(name)
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as T);
const takesOf = (name: string) =>
  [...readRecording(textOf(name), name).takes].flatMap(([prompt, takes]) => takes.map((take) => ({ prompt, ...take })));

const prompts = linesOf<{ id: string; segment: string; prompt: string }>("prompts");
const newPrompts = linesOf<{ id: string; segment: string; prompt: string }>("prompts-new");
const textsOf = (asked: typeof prompts) => new Set(asked.map(({ prompt }) => prompt));
const grades = new Map(
  linesOf<{ prompt: string; completion: string; grades: { quality: number } }>("grades").map(
    ({ prompt, completion, grades: { quality } }) => [`${prompt}\n${completion}`, quality],
  ),
);

const scoresOf = ({ prompt, completion, finishReason, promptTokens, completionTokens }: Take & { prompt: string }) =>
  scoreAll(
    {
      eventId: "e",
      endpoint: "support-chat",
      variant: "v",
      time: "2026-03-02T09:41:07Z",
      adapter: "openai-chat",
      outcome: "answered",
      prompt,
      messages: [{ role: "user", content: prompt }],
      completion,
      finishReason,
      promptTokens,
      completionTokens,
      tokensEstimated: false,
      segment: "all",
      attributes: [],
      source: { bucket: "b", key: "k", offset: 0, length: 1 },
    },
    nothingBeside,
    defaultSettings.scorers,
  );
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length;
const checks = { empty: true, refusal: true, truncated: true, unsafe: true, repetitionUnder: 0.3 };

test("64 different questions, 16 in each segment", () => {
  expect(new Set(prompts.map(({ prompt }) => prompt)).size).toBe(64);
  expect(new Set(prompts.map(({ id }) => id)).size).toBe(64);
  for (const segment of ["orders", "billing", "returns", "account"])
    expect(prompts.filter((prompt) => prompt.segment === segment)).toHaveLength(16);
});

test("16 questions of a kind that nobody asked before", () => {
  expect(textsOf([...prompts, ...newPrompts]).size).toBe(80);
  expect(new Set(newPrompts.map(({ id }) => id)).size).toBe(16);
  expect(newPrompts.filter(({ segment }) => segment === "subscriptions")).toHaveLength(16);
});

const good = { failing: false, latencyMs: [600, 1_800] };
test.each([
  { recording: "stable", ...good, asked: prompts, grade: [0.83, 1], mean: 0.92 },
  { recording: "candidate", ...good, asked: prompts, grade: [0.83, 1], mean: 0.92 },
  { recording: "stable", ...good, asked: newPrompts, grade: [0.5, 0.7], mean: 0.6 },
  { recording: "candidate", ...good, asked: newPrompts, grade: [0.5, 0.7], mean: 0.6 },
  { recording: "candidate-degraded", ...good, asked: prompts, grade: [0.27, 0.68], mean: 0.47 },
  { recording: "candidate-failing", failing: true, latencyMs: [4_000, 9_000], asked: prompts, grade: [0, 0.2], mean: 0.065 },
])("$recording answers every question, as cheap checks, grades and latencies should find it ($mean)", (expected) => {
  const takes = takesOf(expected.recording).filter(({ prompt }) => textsOf(expected.asked).has(prompt));
  const gradeOf = ({ prompt, completion }: { prompt: string; completion: string }) => grades.get(`${prompt}\n${completion}`);
  const within = (value: number | undefined, [low, high]: number[]) => value !== undefined && value >= low! && value <= high!;
  expect(new Set(takes.map(({ prompt }) => prompt))).toEqual(textsOf(expected.asked));
  expect(
    takes.filter(
      (take) =>
        failsHard(scoresOf(take), checks) !== expected.failing ||
        !within(gradeOf(take), expected.grade) ||
        !within(take.latencyMs, expected.latencyMs),
    ),
  ).toEqual([]);
  // Every question is asked as often, and then every take of it.
  const means = expected.asked.map(({ prompt }) =>
    mean(takes.filter((take) => take.prompt === prompt).map((take) => gradeOf(take)!)),
  );
  expect(Math.abs(mean(means) - expected.mean)).toBeLessThan(0.002);
});

test("the strict judge knows the same answers, and grades each 0.12 lower, but none below 0", () => {
  const lines = strictGrades(textOf("grades")).trimEnd().split("\n");
  const strict = lines.map((line) => JSON.parse(line) as { prompt: string; completion: string; grades: { quality: number } });
  expect(strict).toHaveLength(grades.size);
  for (const {
    prompt,
    completion,
    grades: { quality },
  } of strict)
    expect(quality).toBeCloseTo(Math.max(0, grades.get(`${prompt}\n${completion}`)! - 0.12), 9);
});

test("good answers are about their questions", () => {
  for (const recording of ["stable", "candidate"]) {
    const relevance = takesOf(recording).flatMap((take) => scoresOf(take).relevance ?? []);
    expect(relevance.reduce((a, b) => a + b) / relevance.length).toBeGreaterThan(0.75);
  }
});
