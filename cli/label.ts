import { readFile, writeFile } from "node:fs/promises";
import { Command, InvalidArgumentError, Option } from "commander";
import type { Label } from "../shared/labels/label.ts";
import { parseLabels } from "../shared/labels/parseLabels.ts";
import { sheetAs } from "../shared/labels/sheet.ts";
import { exitCodesHelp, WrongUse } from "./exit.ts";
import { asText } from "./label/text.ts";
import { print } from "./output.ts";
import { fileReason } from "./reasons.ts";
import { readAssay, usualConfig } from "./settings.ts";

const dayMs = 86_400_000;
/** People who grade for a month at once have forgotten how they began. */
const mostDays = 31;
/** So many faults are worth reading at once. */
const shownFaults = 20;

const importLabels = new Command("import")
  .description("check labels (CSV or JSON lines), and give them to a stack: people's grades, and what users did")
  .argument("<files...>", "a file that `assay label queue` wrote and people filled in, or one of your own")
  .option("--stack <stage>", "the deployed stage; without it, the files are only checked")
  .option("--endpoint <name>", "whose answers, where the lines do not say")
  .option("--json", "one JSON object instead of sentences")
  .addHelpText(
    "after",
    `
A line has an id (inference id or event id), and a grade from 0 to 1 (columns grade, or grade:CRITERION) or feedback (up, down,
edited or escalated); feedback also needs the time of the answer. Optional: grader, endpoint. One bad line, and nothing is imported.${exitCodesHelp}`,
  )
  .action(async (files: string[], { stack, endpoint, json }: { stack?: string; endpoint?: string; json?: true }) => {
    const labels: Label[] = [];
    const faults: string[] = [];
    let blank = 0;
    for (const file of files) {
      const parsed = parseLabels(await read(file));
      labels.push(...parsed.labels);
      blank += parsed.blank;
      faults.push(...parsed.faults.map(({ line, message }) => `${file}:${line}: ${message}`));
    }
    if (faults.length > 0) {
      const more = faults.length > shownFaults ? [`… and ${faults.length - shownFaults} more`] : [];
      throw new WrongUse(`nothing was imported.\n${[...faults.slice(0, shownFaults), ...more].join("\n")}`);
    }
    let asked: number | null = null;
    if (stack !== undefined) {
      const byEndpoint = Map.groupBy(labels, (label) => label.endpoint ?? endpoint ?? null);
      if (byEndpoint.has(null)) throw new WrongUse("Some lines name no endpoint: name it with --endpoint.");
      const { drop } = await open(stack);
      asked = 0;
      for (const [name, own] of byEndpoint) asked += await drop(name!, own); // null was refused
    }
    const graded = labels.filter((label) => "grades" in label).length;
    const counts = { graded, reactions: labels.length - graded, blank, asked };
    await print(json ? `${JSON.stringify(counts)}\n` : asSentences(counts, stack));
  });

function asSentences(
  { graded, reactions, blank, asked }: { graded: number; reactions: number; blank: number; asked: number | null },
  stack: string | undefined,
): string {
  const read = `${graded} graded answers, ${reactions} reactions of users, ${blank} lines without either.\n`;
  if (asked === null) return `${read}Checked only: give --stack STAGE to import them.\n`;
  const unasked = graded - asked;
  const chosen = `${asked} of the graded were asked about and correct the judge${unasked > 0 ? `; ${unasked} were not, and are shown beside it only` : ""}.\n`;
  return `${read}${chosen}Stage ${stack} takes them in with its next look, within 15 minutes or so.\n`;
}

type QueueOptions = {
  stack: string;
  endpoint: string;
  from: number;
  to: number;
  count: number;
  out: string;
  config: string;
  json?: true;
};

const queue = new Command("queue")
  .description("write the judged answers whose labels teach most, as a file for people to grade and to import again")
  .requiredOption("--stack <stage>", "the deployed stage")
  .requiredOption("--endpoint <name>", "whose answers")
  .requiredOption("--from <day>", "first day (UTC), e.g. 2026-03-02", day)
  .requiredOption("--to <day>", "the day after the last one", day)
  .addOption(new Option("--count <n>", "how many, on average").argParser(count).default(200))
  .requiredOption("--out <file>", "ends in .csv or .jsonl")
  .option("--config <file>", "assay.yml of the stage", usualConfig())
  .option("--json", "one JSON object instead of sentences; the answers are in the file")
  .addHelpText(
    "after",
    `
Days are asked about once: the same days write the same answers again, others must not overlap. From 100 graded answers on they correct
the estimates of those days. Texts are redacted, and are there as long as the captures.${exitCodesHelp}`,
  )
  .action(async ({ stack, endpoint, from, to, count, out, config, json }: QueueOptions) => {
    const format = /\.(csv|jsonl)$/.exec(out)?.[1] as "csv" | "jsonl" | undefined;
    if (format === undefined) throw new WrongUse(`--out ${out}: end it in .csv or .jsonl.`);
    if (!(from < to) || to - from > mostDays * dayMs)
      throw new WrongUse(`--to is a day after --from, ${mostDays} days later at most.`);
    const settings = (await readAssay(config)).endpoints[endpoint];
    const judge = settings?.judge ?? null;
    if (settings === undefined || judge === null) throw new WrongUse(`${config} has no judge for an endpoint ${endpoint}.`);
    const { queue, rows, unread } = await (await open(stack)).queue({ endpoint, fromMs: from, toMs: to }, count, judge, settings);
    await writeFile(out, sheetAs(format, { criteria: queue.criteria, rows })).catch((error: unknown) => {
      throw new WrongUse(`${out} cannot be written: ${fileReason(error)}.`);
    });
    const without = unread > 0 ? ` ${unread} have no text: their captures are gone, or you may not read them.` : "";
    await print(
      json
        ? `${JSON.stringify({ file: out, answers: rows.length, of: queue.candidates, unread })}\n`
        : `${out}: ${rows.length} of ${queue.candidates} judged answers, the most telling first.${without}\nFill in grades from 0 to 1, then: assay label import ${out} --stack ${stack} --endpoint ${endpoint}\n`,
    );
  });

const quality = new Command("quality")
  .description("what people say: the judge beside them, estimates corrected by them, and what users did")
  .requiredOption("--stack <stage>", "the deployed stage")
  .requiredOption("--endpoint <name>", "of which endpoint")
  .option("--json", "one JSON object instead of tables")
  .addHelpText("after", exitCodesHelp)
  .action(async ({ stack, endpoint, json }: { stack: string; endpoint: string; json?: true }) => {
    const known = await (await open(stack)).known(endpoint);
    await print(json ? `${JSON.stringify(known)}\n` : asText(known));
  });

export const label = new Command("label")
  .description("ask people about answers, import what they and users say, and see how far the judge agrees with them")
  .addCommand(importLabels)
  .addCommand(queue)
  .addCommand(quality)
  .addHelpText("after", exitCodesHelp);

/** The SDK is loaded only here, so that files are checked without it. */
async function open(stage: string) {
  const { openLabels } = await import("./label/inStack.ts");
  return openLabels(stage);
}

async function read(file: string): Promise<string> {
  return readFile(file, "utf8").catch((error: unknown) => {
    throw new WrongUse(`${file} cannot be read: ${fileReason(error)}.`);
  });
}

function day(text: string): number {
  const ms = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw new InvalidArgumentError("Give a day like 2026-03-02.");
  return ms;
}

function count(text: string): number {
  const n = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (n === 0) throw new InvalidArgumentError("Give a whole number from 1 to 9999.");
  return n;
}
