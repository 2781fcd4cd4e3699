import { readFileSync } from "node:fs";

/** A question of the demo's customers. */
export type Question = { id: string; segment: string; prompt: string };
/** One recorded answer: a take of a recording, or what a judge's grades are about. */
export type RecordedAnswer = { prompt: string; completion: string };
export type RecordedTake = RecordedAnswer & {
  latencyMs: number;
  promptTokens: number;
  completionTokens: number;
  finishReason: "stop" | "length";
};
export type RecordedGrades = RecordedAnswer & { id: string; grades: Record<string, number> };

/** The source of a recording that ships with the demo, as it is put where models are kept. */
export function recordingSource(name: string): string {
  return readFileSync(new URL(`./recordings/${name}.jsonl`, import.meta.url), "utf8");
}

/** What customers ask every day. */
export const dailyQuestions = (): Question[] => rowsOf(recordingSource("prompts"));
/** A kind of question that nobody asked before. */
export const newQuestions = (): Question[] => rowsOf(recordingSource("prompts-new"));
export const takesOf = (recording: string): RecordedTake[] => rowsOf(recordingSource(recording));
export const recordedGrades = (): RecordedGrades[] => rowsOf(recordingSource("grades"));

/** By how much the strict judge grades lower: far more than a judge's noise, and less than what a bad model loses. */
const strictness = 0.12;

/** The grades of a stricter judge: each one lower by 0.12, and none below 0. Derived, so that both judges know the same answers. */
export function strictGrades(source: string): string {
  const strict = rowsOf<RecordedGrades>(source).map((row) => ({
    ...row,
    grades: Object.fromEntries(
      Object.entries(row.grades).map(([criterion, grade]) => [criterion, Number(Math.max(0, grade - strictness).toFixed(2))]),
    ),
  }));
  return strict.map((row) => `${JSON.stringify(row)}\n`).join("");
}

function rowsOf<Row>(source: string): Row[] {
  return source
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Row);
}
