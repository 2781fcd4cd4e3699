import * as z from "zod";
import { splitLines } from "../../shared/capture/lines.ts";
import { InvalidGoldenLine, readGoldenLine } from "../../shared/evaluation/goldenSet.ts";
import { WrongUse } from "../exit.ts";
import { once } from "../golden/set.ts";
import { linesOf } from "../streams.ts";

const answer = z.looseObject({ id: z.union([z.string(), z.number()]).transform(String), completion: z.string() });

/** A golden set with answers brought along, each put into the item that it is for. @throws WrongUse where a line is none, or is for no item */
export async function withAnswers(set: Uint8Array, files: readonly { name: string; file: string }[]): Promise<Uint8Array> {
  const answers = new Map<string, Record<string, string>>();
  for (const { name, file } of files) {
    for await (const { text, number } of linesOf(file)) {
      const { id, completion } = answerIn(text, `${file}:${number}`);
      answers.set(id, { ...answers.get(id), [name]: completion });
    }
  }
  const lines: string[] = [];
  for await (const { bytes } of splitLines(once(set))) {
    const text = Buffer.from(bytes).toString("utf8");
    const item = itemIn(bytes);
    const brought = item && answers.get(item.id);
    // The line stays as it is written but for what is added, so that its item keeps its name.
    lines.push(
      brought ? JSON.stringify({ ...(JSON.parse(text) as object), id: item.id, answers: { ...item.answers, ...brought } }) : text,
    );
    if (item) answers.delete(item.id);
  }
  const [stray] = answers.keys();
  if (stray !== undefined)
    throw new WrongUse(`${answers.size} answers are for no item of the golden set, the first with the id ${stray}.`);
  return Buffer.from(`${lines.join("\n")}\n`);
}

function answerIn(text: string, where: string): z.output<typeof answer> {
  try {
    return answer.parse(JSON.parse(text));
  } catch {
    // Either message could quote the line.
    throw new WrongUse(`${where} is no answer: one is like {"id":"…","completion":"…"}.`);
  }
}

function itemIn(bytes: Uint8Array) {
  try {
    return readGoldenLine(bytes);
  } catch (error) {
    if (error instanceof InvalidGoldenLine) return null;
    throw error;
  }
}
