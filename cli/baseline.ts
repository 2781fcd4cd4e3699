import { readFile, writeFile } from "node:fs/promises";
import { Command, Option } from "commander";
import type { MadeFrom } from "../shared/aws/baselineSource.ts";
import type { Assay } from "../shared/config/assay.ts";
import { approve, type Baseline, parseBaseline, UnusableBaseline } from "../shared/monitoring/baseline.ts";
import { differenceOf } from "../shared/monitoring/baselineDifference.ts";
import { endpointsOf, windowsOf } from "../shared/monitoring/recordedStream.ts";
import type { MonitorSettings } from "../shared/monitoring/rules.ts";
import { iso, windowMs as usualWindowMs } from "../shared/monitoring/windows.ts";
import { asDifference, asLines, asTable, asText, outline } from "./baseline/outline.ts";
import { exitCode, exitCodesHelp, WrongUse } from "./exit.ts";
import { print } from "./output.ts";
import { fileReason } from "./reasons.ts";
import { readAssay, usualConfig } from "./settings.ts";
import { baselineFrom, readStreams, recordedSettings, watchedIn } from "./streams.ts";
import { timeOf, windowLength } from "./window.ts";

type CreateOptions = {
  from?: string;
  to?: string;
  evaluation?: string;
  endpoint?: string;
  out?: string;
  stack?: string;
  window: number;
  config?: string;
  json?: true;
};

const create = new Command("create")
  .description(
    "freeze what is normal for an endpoint, from a recorded stream, a captured span of when all was well, or an evaluation",
  )
  .option("--from <stream or time>", "JSON lines with pi and judgement; or, with --to, when a captured span begins")
  .option("--to <time>", "when the captured span ends, e.g. 2026-03-09T00:00Z; whole days, 7 or 14 of them")
  .option(
    "--evaluation <id>",
    "instead of --from: a finished evaluation of the stack; its golden set is no traffic, so rather a beginning",
  )
  .option("--stack <stage>", "the deployed stage to take captures from, and to keep the baseline in as a draft")
  .option("--out <file>", "where to write the baseline")
  .option("--endpoint <name>", "which endpoint; without it, the only one of the stream")
  .addOption(
    new Option("--window <length>", "how long a window is, e.g. 15m or 1h; a stack's is 15m")
      .argParser(windowLength)
      .default(usualWindowMs, "15m"),
  )
  .option(
    "--config <file>",
    "assay.yml with judge, tolerance and false alarms; without it, ./assay.yml for a stack, and for a file the built-in defaults",
  )
  .option("--json", "one JSON object instead of sentences")
  .addHelpText(
    "after",
    "\nFrom captures, the judge is asked up to 400 times about 100 anchors, from the endpoint's budget of the day. What is paid is not\n" +
      `paid again when the command is repeated. A day that alarms against the others is a finding.${exitCodesHelp}`,
  )
  .action(async ({ out, stack, json, ...options }: CreateOptions) => {
    if (stack === undefined && out === undefined) throw new WrongUse("Where to? Give --out FILE, --stack STAGE or both.");
    if (stack !== undefined && options.window !== usualWindowMs)
      throw new WrongUse("A stack's windows are 15m long: leave --window out.");
    const baselines = stack === undefined ? null : await stackBaselines(stack);
    const config = options.config ?? (stack === undefined ? undefined : usualConfig());
    const assay = config === undefined ? null : await readAssay(config);
    let baseline: Baseline;
    const source = sourceOf(options);
    if (typeof source !== "string") {
      if (baselines === null || assay === null)
        throw new WrongUse("Captures and evaluations are in a stack: give --stack STAGE.");
      baseline = await baselines.create(assay, source);
    } else {
      baseline = await fromStream(source, options, assay, stack !== undefined);
      baseline = (await baselines?.keep(baseline)) ?? baseline;
    }
    if (out !== undefined) await write(out, baseline);
    const where = [...(out === undefined ? [] : [out]), ...(stack === undefined ? [] : [`stage ${stack}`])].join(", ");
    await print(json ? `${JSON.stringify({ where, ...outline(baseline) })}\n` : asText(baseline, where));
    if (stack !== undefined && !json)
      await print(
        baseline.status !== "draft"
          ? `It is there already, ${baseline.status}.\n`
          : `A draft. To compare with it: assay baseline approve ${baseline.version} --stack ${stack} --endpoint ${baseline.endpoint} --who NAME --why REASON\n`,
      );
    process.exitCode = baseline.selfTest.length > 0 ? exitCode.finding : exitCode.done;
  });

type StackOptions = { stack?: string; endpoint?: string };
type Word = { who: string; why: string; json?: true };

const approveOne = new Command("approve")
  .description("say that a baseline is a sound reference; the monitor of a stack compares with the approved one only")
  .argument("<baseline>", "a file that `assay baseline create` wrote, or a version in a stack")
  .option("--stack <stage>", "the deployed stage that has it")
  .option("--endpoint <name>", "whose it is in the stack")
  .requiredOption("--who <name>", "who says so")
  .requiredOption("--why <reason>", "what it was judged by")
  .option("--json", "one JSON object instead of a sentence")
  .addHelpText("after", `\nIn a stack it takes the place of the one that was approved before, which is retired.${exitCodesHelp}`)
  .action(async (named: string, { stack, endpoint, who, why, json }: StackOptions & Word) => {
    const approved =
      stack === undefined
        ? approve(await read(named), who, why, iso(Date.now()))
        : await (await stackBaselines(stack)).approve(required(endpoint), named, who, why);
    if (stack === undefined) await write(named, approved);
    await tell(approved, "approved", stack ? `stage ${stack}` : named, json);
  });

const retire = new Command("retire")
  .description("take a baseline of a stack out of use; without an approved one nothing of its endpoint is compared")
  .argument("<version>", "as `assay baseline list` shows it")
  .requiredOption("--stack <stage>", "the deployed stage that has it")
  .requiredOption("--endpoint <name>", "whose it is")
  .requiredOption("--who <name>", "who says so")
  .requiredOption("--why <reason>", "what is wrong with it, or what comes instead")
  .option("--json", "one JSON object instead of a sentence")
  .addHelpText("after", exitCodesHelp)
  .action(async (version: string, { stack, endpoint, who, why, json }: Required<StackOptions> & Word) => {
    await (await stackBaselines(stack)).retire(endpoint, version, who, why);
    await tell({ endpoint, version }, "retired", `stage ${stack}`, json);
  });

const diff = new Command("diff")
  .description(
    "what moved from one baseline to another: means with their intervals, shares of segments, judge, scorers and model",
  )
  .argument("<before>", "a file that `assay baseline create` wrote, or a version in a stack")
  .argument("<after>", "another one")
  .option("--stack <stage>", "the deployed stage that has them")
  .option("--endpoint <name>", "whose they are in the stack")
  .option("--json", "one JSON object instead of sentences")
  .addHelpText("after", exitCodesHelp)
  .action(async (before: string, after: string, { stack, endpoint, json }: StackOptions & { json?: true }) => {
    const baselines = stack === undefined ? null : await stackBaselines(stack);
    const one = (named: string) => (baselines === null ? read(named) : baselines.read(required(endpoint), named));
    const [a, b] = [await one(before), await one(after)];
    const difference = differenceOf(a, b);
    await print(
      json ? `${JSON.stringify({ before: a.version, after: b.version, ...difference })}\n` : asDifference(a, b, difference),
    );
  });

const list = new Command("list")
  .description("what baselines are about, what they cannot watch, and whether they are approved")
  .argument("[files...]", "baselines that `assay baseline create` wrote")
  .option("--stack <stage>", "those of a deployed stage instead")
  .option("--endpoint <name>", "of the stage, only those of this endpoint")
  .option("--json", "one JSON object a line instead of a table")
  .addHelpText("after", exitCodesHelp)
  .action(async (files: string[], { stack, endpoint, json }: StackOptions & { json?: true }) => {
    if ((stack === undefined) === (files.length === 0)) throw new WrongUse("Of what? Name files, or a stage with --stack.");
    const listed =
      stack === undefined
        ? await Promise.all(files.map(async (where) => ({ where, baseline: await read(where) })))
        : (await (await stackBaselines(stack)).list(endpoint ?? null)).map((baseline) => ({ where: `stage ${stack}`, baseline }));
    await print(json ? asLines(listed) : asTable(listed));
  });

export const baseline = new Command("baseline")
  .description("create, compare, approve, list and retire what the monitor compares with")
  .addCommand(create)
  .addCommand(diff)
  .addCommand(approveOne)
  .addCommand(list)
  .addCommand(retire)
  .addHelpText("after", exitCodesHelp);

async function tell(
  { endpoint, version }: Pick<Baseline, "endpoint" | "version">,
  status: Exclude<Baseline["status"], "draft">,
  where: string,
  json: true | undefined,
): Promise<void> {
  await print(
    json
      ? `${JSON.stringify({ where, endpoint, version, status })}\n`
      : `Baseline ${version} of ${endpoint} is ${status}: ${where}.\n`,
  );
}

/** The SDK is loaded only here, so that commands on files do not wait for it. */
async function stackBaselines(stage: string) {
  const { openBaselines } = await import("./baseline/inStack.ts");
  return openBaselines(stage);
}

/** A recorded stream by its name, or what of a stack. */
function sourceOf({ from, to, evaluation, endpoint }: CreateOptions): string | MadeFrom {
  if (evaluation !== undefined) {
    if (from !== undefined || to !== undefined) throw new WrongUse("Give --evaluation, or --from, not both.");
    return { endpoint: required(endpoint), evaluation };
  }
  if (from === undefined) throw new WrongUse("Of what? Give --from STREAM, --from TIME --to TIME, or --evaluation ID.");
  return to === undefined ? from : spanOf(from, to, endpoint);
}

async function fromStream(
  from: string,
  { endpoint, window }: CreateOptions,
  assay: Assay | null,
  forStack: boolean,
): Promise<Baseline> {
  const stream = await readStreams([from], window);
  const name = endpoint ?? onlyOne(endpointsOf(stream), from);
  const records = windowsOf(stream, name);
  if (records.length === 0)
    throw new WrongUse(`${from} has no answer of ${name}. It has: ${endpointsOf(stream).join(", ") || "none"}.`);
  let settings: MonitorSettings;
  if (forStack && assay !== null) {
    const { watchedSettings } = await import("./baseline/inStack.ts");
    settings = watchedSettings(assay, name);
  } else settings = recordedSettings(new Map([[name, watchedIn(records, null)]]), assay, window)(name);
  return baselineFrom(stream, name, from, settings, iso(Date.now()));
}

function spanOf(from: string, to: string, endpoint: string | undefined): MadeFrom {
  const [fromMs, toMs] = [timeOf(from, "--from"), timeOf(to, "--to")];
  if (!(fromMs < toMs)) throw new WrongUse(`--to ${to} is not after --from ${from}.`);
  return { endpoint: required(endpoint), fromMs, toMs };
}

function required(endpoint: string | undefined): string {
  if (endpoint === undefined) throw new WrongUse("A stack may have several endpoints: name one with --endpoint.");
  return endpoint;
}

function onlyOne(endpoints: readonly string[], file: string): string {
  const [only, second] = endpoints;
  if (only === undefined) throw new WrongUse(`${file} holds no answer.`);
  if (second !== undefined)
    throw new WrongUse(`${file} has several endpoints: ${endpoints.join(", ")}. Name one with --endpoint.`);
  return only;
}

/** One line, so that it is told from a stream by its beginning. */
async function write(file: string, baseline: Baseline): Promise<void> {
  await writeFile(file, `${JSON.stringify(baseline)}\n`).catch((error: unknown) => {
    throw new WrongUse(`${file} cannot be written: ${fileReason(error)}.`);
  });
}

async function read(file: string): Promise<Baseline> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new WrongUse(`${file} cannot be read: ${fileReason(error)}.`);
  });
  try {
    return parseBaseline(text, file);
  } catch (error) {
    if (error instanceof UnusableBaseline) throw new WrongUse(error.message, { cause: error });
    throw error;
  }
}
