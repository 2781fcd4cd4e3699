import type { S3Client } from "@aws-sdk/client-s3";
import type { Answer } from "../evaluation/answer.ts";
import { type ItemPointer, readGoldenLine } from "../evaluation/goldenSet.ts";
import { evaluationKeys } from "../evaluation/keys.ts";
import type { Plan } from "../evaluation/plan.ts";
import type { ItemResult } from "../evaluation/result.ts";
import { worstAnswers } from "../reporting/evaluationReport.ts";
import type { ShownExample } from "../reporting/report.ts";
import { shownText } from "../reporting/span/examples.ts";
import { readGoldenBytes } from "./goldenSets.ts";
import { readJson, readText } from "./results.ts";

/** The worst answers of an evaluation with their questions, redacted. A text that cannot be read any more is left out, and said to be. */
export async function evaluationExamples(
  s3: S3Client,
  resultsBucket: string,
  plan: Plan,
  items: readonly ItemResult[],
): Promise<ShownExample[]> {
  const worst = worstAnswers(items);
  if (worst.length === 0) return [];
  const keys = evaluationKeys(plan.id);
  const wanted = new Set(worst.map(({ item }) => item));
  const pointers = new Map<string, ItemPointer>();
  for (const line of (await readText(s3, resultsBucket, keys.pointers)).split("\n")) {
    if (line === "") continue;
    const pointer = JSON.parse(line) as ItemPointer; // written by prepare
    if (wanted.has(pointer.id)) pointers.set(pointer.id, pointer);
  }
  return Promise.all(
    worst.map(async ({ item, target, grade }) => {
      const key = keys.answer(target, item);
      const text = await textOf(s3, resultsBucket, plan, pointers.get(item), key).catch(() => null);
      return {
        about: `Grade ${grade.toFixed(2)} · ${target} · item ${item}`,
        where: `s3://${resultsBucket}/${key}`,
        text: shownText(text),
      };
    }),
  );
}

async function textOf(s3: S3Client, bucket: string, { goldenSet }: Plan, pointer: ItemPointer | undefined, answerKey: string) {
  const answer = await readJson<Answer>(s3, bucket, answerKey);
  if (pointer === undefined || answer.outcome !== "answered") return null;
  const { messages } = readGoldenLine(await readGoldenBytes(s3, goldenSet, pointer));
  return { question: messages.at(-1)?.content ?? "", answer: answer.completion };
}
