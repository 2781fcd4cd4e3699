import { Command, InvalidArgumentError } from "commander";
import type { Answer } from "../shared/remediation/record.ts";
import { outlineOf, storyOf } from "../shared/remediation/story.ts";
import { exitCode, exitCodesHelp } from "./exit.ts";
import { print } from "./output.ts";
import { readAssay, usualConfig } from "./settings.ts";

type ListOptions = { stack: string; endpoint?: string; config: string; last: number; json?: true };

const list = new Command("list")
  .description("what was decided, done and proven, newest first")
  .requiredOption("--stack <stage>", "the deployed stage")
  .option("--endpoint <name>", "of this one only")
  .option("--config <file>", "assay.yml of the stage, which names its endpoints", usualConfig())
  .option("--last <n>", "how many of each endpoint", count, 20)
  .option("--json", "one JSON object a line instead of sentences")
  .addHelpText("after", exitCodesHelp)
  .action(async ({ stack, endpoint, config, last, json }: ListOptions) => {
    const endpoints = endpoint === undefined ? Object.keys((await readAssay(config)).endpoints) : [endpoint];
    const records = await (await open(stack)).list(endpoints, last);
    const lines = records.map((record) => (json ? JSON.stringify(record) : outlineOf(record)));
    if (lines.length === 0 && !json) lines.push("Nothing was decided yet.");
    await print(lines.map((line) => `${line}\n`).join(""));
  });

const show = new Command("show")
  .description("one remediation from beginning to end: each step, its reason and its figures")
  .argument("<id>", "as `assay remediation list` shows it")
  .requiredOption("--stack <stage>", "the deployed stage")
  .option("--json", "the record as JSON")
  .addHelpText("after", exitCodesHelp)
  .action(async (id: string, { stack, json }: { stack: string; json?: true }) => {
    const record = await (await open(stack)).read(id);
    await print(json ? `${JSON.stringify(record)}\n` : `${storyOf(record)}\n`);
  });

type SayOptions = { stack: string; who: string; why: string; json?: true };

const saying = (says: Answer["says"], description: string, help: string) =>
  new Command(says)
    .description(description)
    .argument("<id>", "as `assay remediation list` shows it")
    .requiredOption("--stack <stage>", "the deployed stage")
    .requiredOption("--who <name>", "who says so: it is kept in the record")
    .option("--why <reason>", "why: it is kept in the record", "")
    .option("--json", "one JSON object instead of a sentence")
    .addHelpText("after", `\n${help}${exitCodesHelp}`)
    .action(async (id: string, { stack, who, why, json }: SayOptions) => {
      const heard = await (await open(stack)).say(id, says, who, why);
      await print(
        json
          ? `${JSON.stringify({ id, ...heard })}\n`
          : `${heard.state === "done" ? says : `not ${says}`} ${id}: ${heard.because}.\n`,
      );
      process.exitCode = heard.state === "done" ? exitCode.done : exitCode.finding;
    });

const pause = new Command("pause")
  .description(
    "begin no action on any endpoint of the stack, until it is resumed; what was begun is verified, and taken back if need be",
  )
  .requiredOption("--stack <stage>", "the deployed stage")
  .requiredOption("--who <name>", "who says so: every decision that holds for it tells")
  .requiredOption("--why <reason>", "why")
  .option("--json", "one JSON object instead of a sentence")
  .addHelpText("after", exitCodesHelp)
  .action(async ({ stack, who, why, json }: SayOptions) => {
    await (await open(stack)).pause(who, why);
    await print(
      json
        ? `${JSON.stringify({ stack, paused: { who, why } })}\n`
        : `Remediation of stage ${stack} is paused. Go on with: assay remediation resume --stack ${stack}\n`,
    );
  });

const resume = new Command("resume")
  .description("let actions be begun again")
  .requiredOption("--stack <stage>", "the deployed stage")
  .option("--json", "one JSON object instead of a sentence")
  .addHelpText("after", exitCodesHelp)
  .action(async ({ stack, json }: Pick<SayOptions, "stack" | "json">) => {
    await (await open(stack)).resume();
    await print(json ? `${JSON.stringify({ stack, paused: null })}\n` : `Remediation of stage ${stack} goes on.\n`);
  });

export const remediation = new Command("remediation")
  .description("list what Assay did and why, approve or reject what it proposes, take back what it did")
  .addCommand(list)
  .addCommand(show)
  .addCommand(
    saying(
      "approve",
      "let it do what it proposes",
      "It is decided once more before it is done: limits, and the endpoint, may say no by now.",
    ),
  )
  .addCommand(saying("reject", "do not do what it proposes", "It is not proposed again for the same finding."))
  .addCommand(saying("undo", "bring back what was before it acted", "Of an action that was kept, held or is being verified."))
  .addCommand(pause)
  .addCommand(resume)
  .addHelpText("after", exitCodesHelp);

/** The SDK is loaded only here, so that help needs none of it. */
async function open(stage: string) {
  const { openRemediations } = await import("./remediation/inStack.ts");
  return openRemediations(stage);
}

function count(text: string): number {
  const n = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (n === 0) throw new InvalidArgumentError("Give a whole number from 1 to 999.");
  return n;
}
