import { readFile, writeFile } from "node:fs/promises";
import Table from "cli-table3";
import { Command } from "commander";
import { approve, type Baseline, parseBaseline, UnusableBaseline } from "../shared/monitoring/baseline.ts";
import { endpointsOf, windowsOf } from "../shared/monitoring/recordedStream.ts";
import { iso, windowMs as usualWindowMs } from "../shared/monitoring/windows.ts";
import { exitCode, exitCodesHelp, WrongUse } from "./exit.ts";
import { print } from "./output.ts";
import { fileReason } from "./reasons.ts";
import { readAssay } from "./settings.ts";
import { baselineFrom, readStreams, recordedSettings, watchedIn } from "./streams.ts";
import { windowLength } from "./window.ts";

type CreateOptions = { from: string; endpoint?: string; out: string; window: number; config?: string; json?: true };

const create = new Command("create")
  .description("freeze what is normal for an endpoint, from a recorded stream of when all was well")
  .requiredOption("--from <stream>", "JSON lines with pi and judgement; whole days, 7 or 14 of them")
  .requiredOption("--out <file>", "where to write the baseline")
  .option("--endpoint <name>", "which endpoint of the stream; without it, the only one")
  .option("--window <length>", "how long a window is, e.g. 15m or 1h", windowLength, usualWindowMs)
  .option("--config <file>", "assay.yml with tolerance and false alarms; without it, the built-in defaults")
  .option("--json", "one JSON object instead of sentences")
  .addHelpText("after", `\nA day that alarms against the others is a finding.${exitCodesHelp}`)
  .action(async ({ from, endpoint, out, window, config, json }: CreateOptions) => {
    const assay = config === undefined ? null : await readAssay(config);
    const stream = await readStreams([from], window);
    const name = endpoint ?? onlyOne(endpointsOf(stream), from);
    const records = windowsOf(stream, name);
    if (records.length === 0)
      throw new WrongUse(`${from} has no answer of ${name}. It has: ${endpointsOf(stream).join(", ") || "none"}.`);
    const settings = recordedSettings(new Map([[name, watchedIn(records, null)]]), assay, window)(name);
    const baseline = baselineFrom(stream, name, from, settings, iso(Date.now()));
    await write(out, baseline);
    await print(json ? `${JSON.stringify(outline(baseline, out))}\n` : asText(baseline, out));
    process.exitCode = baseline.selfTest.length > 0 ? exitCode.finding : exitCode.done;
  });

const approveFile = new Command("approve")
  .description("say that a baseline is a sound reference; the monitor of a stack compares with approved ones only")
  .argument("<file>", "a baseline that `assay baseline create` wrote")
  .requiredOption("--who <name>", "who says so")
  .requiredOption("--why <reason>", "what it was judged by")
  .addHelpText("after", exitCodesHelp)
  .action(async (file: string, { who, why }: { who: string; why: string }) => {
    const baseline = await read(file);
    await write(file, approve(baseline, who, why, iso(Date.now())));
    await print(`${file}: baseline ${baseline.version} of ${baseline.endpoint} is approved.\n`);
  });

const list = new Command("list")
  .description("what baselines are about, and whether they are approved")
  .argument("<files...>", "baselines that `assay baseline create` wrote")
  .option("--json", "one JSON object a line instead of a table")
  .addHelpText("after", exitCodesHelp)
  .action(async (files: string[], { json }: { json?: true }) => {
    const outlines = await Promise.all(files.map(async (file) => outline(await read(file), file)));
    await print(json ? outlines.map((row) => `${JSON.stringify(row)}\n`).join("") : `${asTable(outlines)}\n`);
  });

export const baseline = new Command("baseline")
  .description("create, approve and list what the monitor compares with")
  .addCommand(create)
  .addCommand(approveFile)
  .addCommand(list)
  .addHelpText("after", exitCodesHelp);

/** What is worth knowing of a baseline without reading its numbers. */
function outline({ version, endpoint, status, span, criteria, anchors, limits, selfTest, ...rest }: Baseline, file: string) {
  const judged = Object.entries(criteria).map(([name, { mu0, se0, sums }]) => [
    name,
    { mean: mu0, se: se0, judged: sums.moments.plain.a },
  ]);
  const approval = { approvedBy: rest.approvedBy ?? null, why: rest.why ?? null };
  return {
    file,
    endpoint,
    version,
    status,
    ...approval,
    span,
    criteria: Object.fromEntries(judged),
    anchors: anchors.length,
    limits,
    selfTest,
  };
}

function asText(baseline: Baseline, file: string): string {
  const { endpoint, version, span, criteria, anchors, limits, selfTest } = baseline;
  const means = Object.entries(criteria).map(
    ([name, { mu0, se0, sums }]) =>
      `${name}: ${mu0.toFixed(3)} ± ${(1.96 * se0).toFixed(3)} from ${sums.moments.plain.a} judged answers`,
  );
  return [
    `Baseline ${version} of ${endpoint}, ${span.from} to ${span.to}, with ${anchors.length} anchors: ${file}`,
    ...means,
    ...limits.map(({ signal, because }) => `Not watched in full, ${signal}: ${because}`),
    ...selfTest.map(
      ({ variant, criterion, window }) =>
        `Its own days differ: ${criterion} of ${variant} alarms at ${window}. Raise quality.tolerance, or leave that day out.`,
    ),
    "",
  ].join("\n");
}

function asTable(outlines: readonly ReturnType<typeof outline>[]): string {
  const table = new Table({ head: ["file", "endpoint", "version", "status", "from", "to"], style: { head: [], border: [] } });
  for (const { file, endpoint, version, status, span } of outlines)
    table.push([file, endpoint, version, status, span.from, span.to]);
  return table.toString();
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
