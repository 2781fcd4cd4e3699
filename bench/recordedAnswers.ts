import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

/** A real answer of a model, with real judges' verdicts in [0, 1]. */
export type RecordedAnswer = {
  id: string;
  dataset: string;
  instruction: string;
  output: string;
  judge: Record<string, number | null>;
};

/** @param folder of real data, as ASSAY_REAL_DATA names it */
export async function readAnswers(folder: string, model: string): Promise<RecordedAnswer[]> {
  const text = gunzipSync(await readFile(join(folder, "alpaca", `${model}.jsonl.gz`))).toString("utf8");
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as RecordedAnswer);
}
