import { appendFile, stat } from "node:fs/promises";
import { Command, InvalidArgumentError, Option } from "commander";
import { readGoldenLine } from "../shared/evaluation/goldenSet.ts";
import { type Linted, lintGoldenSet, questionOf, Seen } from "../shared/evaluation/lint.ts";
import { type Promoted, promote, type Way, ways } from "../shared/evaluation/promote.ts";
import { exitCode, exitCodesHelp, WrongUse } from "./exit.ts";
import { recordedAnswers } from "./golden/recorded.ts";
import { once, readGoldenSet } from "./golden/set.ts";
import { print } from "./output.ts";
import { fileReason } from "./reasons.ts";
import { readAssay, usualConfig } from "./settings.ts";
import { linesOf } from "./streams.ts";
import { timeOf } from "./window.ts";

const lint = new Command("lint")
  .description("check a golden set line by line: broken lines, near-duplicates, leaked questions, references that are given away")
  .argument("<set>", "a file or s3://bucket/key of JSON lines")
  .option(
    "--against <file>",
    "texts that the model may have seen, e.g. its training data: a golden set, or a text a line; may be repeated",
    several,
    [],
  )
  .option("--json", "one JSON object instead of lines")
  .addHelpText(
    "after",
    '\nA line is like {"prompt":"…"} or {"messages":[…]}, and may have id, reference, tags, criteria, schema, group, repeats and answers.\n' +
      `A broken line is a finding; what is flagged is not. The version names the content.${exitCodesHelp}`,
  )
  .action(async (set: string, { against, json }: { against: string[]; json?: true }) => {
    const seen = await seenIn(against);
    const linted = await lintGoldenSet(once(await readGoldenSet(set)), seen);
    await print(json ? `${JSON.stringify(outline(linted))}\n` : asText(set, linted));
    process.exitCode = linted.broken.length > 0 || linted.items.length === 0 ? exitCode.finding : exitCode.done;
  });

type PromoteOptions = {
  into: string;
  by: Way;
  n: number;
  stack?: string;
  endpoint?: string;
  from?: string;
  to?: string;
  config: string;
  against: string[];
  json?: true;
};

const promoteOnes = new Command("promote")
  .description("take questions of production into a golden set, without personal data; near-duplicates are left out")
  .argument("[streams...]", "answers as `assay score` prints them, judged ones with their judgement; or give --stack")
  .requiredOption("--into <file>", "the golden set that they are appended to")
  .addOption(new Option("--by <way>", "which ones").choices(ways).default("random"))
  .option("-n, --number <count>", "how many at most", count, 20)
  .option("--stack <stage>", "the deployed stage to take them from")
  .option("--endpoint <name>", "of the stage")
  .option("--from <time>", "when the span begins, e.g. 2026-03-02T09:00Z")
  .option("--to <time>", "when it ends")
  .option("--config <file>", "assay.yml of the stage", usualConfig())
  .option("--against <file>", "texts that a question must not be like; may be repeated", several, [])
  .option("--json", "one JSON object instead of sentences")
  .addHelpText("after", `\nNo reference is written: nobody has said yet that the answers were good.${exitCodesHelp}`)
  .action(async (streams: string[], options: PromoteOptions & { number: number }) => {
    const { into, by, number: n, against, json } = options;
    const seen = await seenIn([...against, ...((await isThere(into)) ? [into] : [])]);
    const chosen =
      options.stack === undefined ? await recordedAnswers(streams, by, n) : await ofStack(options.stack, streams, options);
    const promoted = promote(chosen, seen);
    if (promoted.lines.length > 0) await append(into, promoted.lines);
    const { lines, ...rest } = promoted;
    await print(json ? `${JSON.stringify({ promoted: lines.length, ...rest })}\n` : inSentences(into, promoted));
  });

export const golden = new Command("golden")
  .description("check golden sets, and take questions of production into them")
  .addCommand(lint)
  .addCommand(promoteOnes)
  .addHelpText("after", exitCodesHelp);

async function ofStack(
  stage: string,
  streams: string[],
  { endpoint, from, to, config, by, number: n }: PromoteOptions & { number: number },
) {
  if (streams.length > 0) throw new WrongUse("Give files, or --stack, not both.");
  if (endpoint === undefined || from === undefined || to === undefined)
    throw new WrongUse("Of a stack, say what: --endpoint NAME --from TIME --to TIME.");
  const [fromMs, toMs] = [timeOf(from, "--from"), timeOf(to, "--to")];
  if (!(fromMs < toMs)) throw new WrongUse(`--to ${to} is not after --from ${from}.`);
  // The SDK is loaded only here, so that files need not wait for it.
  const { answersInStack } = await import("./golden/inStack.ts");
  return answersInStack(stage, await readAssay(config), endpoint, { fromMs, toMs }, by, n);
}

/** @throws WrongUse where a file cannot be read */
async function seenIn(files: readonly string[]): Promise<Seen> {
  const seen = new Seen();
  for (const file of files) {
    for await (const { text, number } of linesOf(file)) if (text.trim() !== "") seen.add(textIn(text), `${file}:${number}`);
  }
  return seen;
}

/** The question of an item, or the line as it is. */
function textIn(line: string): string {
  try {
    return questionOf(readGoldenLine(Buffer.from(line)));
  } catch {
    return line; // no item: a text by itself
  }
}

async function append(file: string, lines: readonly object[]): Promise<void> {
  await appendFile(file, lines.map((line) => `${JSON.stringify(line)}\n`).join("")).catch((error: unknown) => {
    throw new WrongUse(`${file} cannot be written: ${fileReason(error)}.`);
  });
}

const isThere = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );

const outline = ({ items, broken, version, flags }: Linted) => ({ version, items: items.length, broken, flags });

const said: Record<Linted["flags"][number]["kind"], string> = {
  near_duplicate: "asks nearly the same as",
  leaked: "may have been seen by the model: it is nearly",
  gives_away: "has its reference in its question",
  contradiction: "asks the same, and has another reference than",
  alone: "is the only item of its group",
};

function asText(set: string, { items, broken, version, flags }: Linted): string {
  const lines = [
    ...broken.map(({ line, reason }) => `${set}:${line}: broken: ${reason}`),
    ...flags.map(({ line, id, kind, of, similarity }) => {
      const more = [of, similarity === null ? null : `(${Math.round(100 * similarity)} % of its phrases)`].filter(
        (one) => one !== null,
      );
      return `${set}:${line}: ${id} ${[said[kind], ...more].join(" ")}`;
    }),
    `${items.length} items, ${broken.length} broken lines, ${flags.length} flags. Version ${version}.`,
  ];
  return `${lines.join("\n")}\n`;
}

function inSentences(into: string, { lines, near, unfit }: Promoted): string {
  const left = near.map(
    ({ eventId, of, similarity }) =>
      `${eventId} is left out: ${Math.round(100 * similarity)} % of its phrases are those of ${of}.\n`,
  );
  const end = unfit.length > 0 ? ` ${unfit.length} end with no question of a user.` : "";
  return `${left.join("")}${lines.length} questions were appended to ${into}, ${near.length} left out as near-duplicates.${end}\n`;
}

function several(name: string, before: string[]): string[] {
  return [...before, name];
}

function count(text: string): number {
  const value = Number(text);
  if (!(Number.isInteger(value) && value > 0)) throw new InvalidArgumentError("It is a whole number above 0.");
  return value;
}
