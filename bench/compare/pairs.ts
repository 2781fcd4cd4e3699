import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { GradedPair } from "../../shared/statistics/gradedSet.ts";
import { beta, chanceFrom } from "../chance.ts";

/** Grades of two models for the same questions. */
export type ModelPair = { name: string; pairs: GradedPair[] };

type Line = { id: string; judge: Record<string, number | null> };

const models = [
  "FuseChat-Llama-3.1-8B-Instruct",
  "FuseChat-Llama-3.2-1B-Instruct",
  "gpt-3.5-turbo-0301",
  "vicuna-13b",
  "alpaca-7b",
] as const;
/** Each compares with one reference answer, so that its verdicts on two models can be compared. */
const judges = ["weighted_alpaca_eval_gpt4_turbo", "alpaca_eval_gpt4", "alpaca_eval_cot_gpt4_turbo_fn"] as const;

/**
 * Every two models that one judge graded on the same questions, in the order of the file.
 * @param folder of real data, as ASSAY_REAL_DATA names it
 */
export async function recordedPairs(folder: string): Promise<ModelPair[]> {
  const sets = await Promise.all(models.map(async (model) => ({ model, lines: await readLines(folder, model) })));
  return judges.flatMap((judge) => {
    const graded = sets.flatMap(({ model, lines }) => {
      const grades = new Map(lines.flatMap(({ id, judge: by }) => (by[judge] == null ? [] : [[id, by[judge]] as const])));
      return grades.size === 0 ? [] : [{ model, grades }];
    });
    return graded.flatMap((b, i) =>
      graded.slice(i + 1).map((a) => ({
        name: `${b.model} beside ${a.model}, by ${judge}`,
        pairs: [...a.grades].flatMap(([id, grade]) => (b.grades.has(id) ? [{ a: grade, b: b.grades.get(id)! }] : [])),
      })),
    );
  });
}

async function readLines(folder: string, model: string): Promise<Line[]> {
  const text = gunzipSync(await readFile(join(folder, "alpaca", `${model}.jsonl.gz`))).toString("utf8");
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
}

/** Models of known quality, graded 0 or 1, or by a spread of grades: for who has no real answers. */
export function simulatedPairs(): ModelPair[] {
  const chance = chanceFrom(20_261_124);
  const passed = (rate: number) => (chance() < rate ? 1 : 0);
  const kinds: { name: string; draw: () => GradedPair }[] = [
    { name: "simulated, 0.70 and 0.80 pass", draw: () => ({ a: passed(0.7), b: passed(0.8) }) },
    { name: "simulated, 0.90 and 0.84 pass", draw: () => ({ a: passed(0.9), b: passed(0.84) }) },
    { name: "simulated, 0.03 and 0.10 pass", draw: () => ({ a: passed(0.03), b: passed(0.1) }) },
    { name: "simulated, grades around 0.60 and 0.68", draw: () => ({ a: beta(chance, 0.6, 2), b: beta(chance, 0.68, 2) }) },
  ];
  return kinds.map(({ name, draw }) => ({ name, pairs: Array.from({ length: 805 }, draw) }));
}
