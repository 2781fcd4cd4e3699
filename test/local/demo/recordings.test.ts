import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import type { Take } from "../../../local/sagemaker/payloads.ts";
import { readRecording } from "../../../local/sagemaker/recordedModel.ts";
import { failsHard } from "../../../shared/scoring/hardFailure.ts";
import { scoreAll } from "../../../shared/scoring/registry.ts";

const textOf = (name: string) => readFileSync(new URL(`../../../local/demo/recordings/${name}.jsonl`, import.meta.url), "utf8");
const linesOf = <T>(name: string) =>
  textOf(name)
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as T);
const takesOf = (name: string) =>
  [...readRecording(textOf(name), name).takes].flatMap(([prompt, takes]) => takes.map((take) => ({ prompt, ...take })));

const prompts = linesOf<{ id: string; segment: string; prompt: string }>("prompts");
const grades = new Map(
  linesOf<{ prompt: string; completion: string; grades: { quality: number } }>("grades").map(
    ({ prompt, completion, grades: { quality } }) => [`${prompt}\n${completion}`, quality],
  ),
);

const scoresOf = ({ prompt, completion, finishReason, promptTokens, completionTokens }: Take & { prompt: string }) =>
  scoreAll({
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
  });
const checks = { empty: true, refusal: true, truncated: true, repetitionUnder: 0.3 };

test("64 different questions, 16 in each segment", () => {
  expect(new Set(prompts.map(({ prompt }) => prompt)).size).toBe(64);
  expect(new Set(prompts.map(({ id }) => id)).size).toBe(64);
  for (const segment of ["orders", "billing", "returns", "account"])
    expect(prompts.filter((prompt) => prompt.segment === segment)).toHaveLength(16);
});

test.each([
  { recording: "stable", failing: false, grade: [0.85, 1], latencyMs: [600, 1_800] },
  { recording: "candidate", failing: false, grade: [0.85, 1], latencyMs: [600, 1_800] },
  { recording: "candidate-degraded", failing: false, grade: [0.2, 0.6], latencyMs: [600, 1_800] },
  { recording: "candidate-failing", failing: true, grade: [0, 0.2], latencyMs: [4_000, 9_000] },
])("$recording answers every question, as cheap checks, grades and latencies should find it", (expected) => {
  const takes = takesOf(expected.recording);
  const within = (value: number | undefined, [low, high]: number[]) => value !== undefined && value >= low! && value <= high!;
  expect(new Set(takes.map(({ prompt }) => prompt))).toEqual(new Set(prompts.map(({ prompt }) => prompt)));
  expect(
    takes.filter(
      (take) =>
        failsHard(scoresOf(take), checks) !== expected.failing ||
        !within(grades.get(`${take.prompt}\n${take.completion}`), expected.grade) ||
        !within(take.latencyMs, expected.latencyMs),
    ),
  ).toEqual([]);
});

test("good answers are about their questions", () => {
  for (const recording of ["stable", "candidate"]) {
    const relevance = takesOf(recording).flatMap((take) => scoresOf(take).relevance ?? []);
    expect(relevance.reduce((a, b) => a + b) / relevance.length).toBeGreaterThan(0.75);
  }
});
