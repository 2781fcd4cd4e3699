import { styleText } from "node:util";
import Table from "cli-table3";
import { Command, InvalidArgumentError } from "commander";
import type { Outcome, UnreadableCode } from "../shared/capture/inference.ts";
import { type HealthCheck, healthOf } from "../shared/health/health.ts";
import { type Counts, countOutcome, emptySummary } from "../shared/monitoring/summary.ts";
import { type Capture, captureFile, capturesInS3, readings } from "./captures.ts";
import { exitCode, exitCodesHelp, WrongUse } from "./exit.ts";
import { print } from "./output.ts";
import { progressOn } from "./progress.ts";
import { readAssay, readSettings, type Settings, usualConfig } from "./settings.ts";

type Examination = {
  object: string;
  endpoint: string;
  variant: string;
  counts: Counts;
  /** How many inferences each adapter read, by outcome. */
  read: { adapter: string; outcome: Outcome; count: number }[];
  quarantined: { line: number; code: UnreadableCode; message: string }[];
};

/** Also the answer of `--json`. `counts` are those of all objects; `ignored` are objects in S3 that are no captures. */
type Diagnosis = { counts: Counts; ignored: number; objects: Examination[] };

type Options = { config?: string; stack?: string; at?: number; json?: true };

export const doctor = new Command("doctor")
  .description("explain captures: which adapter read what, what was quarantined and why; or check a deployed stack, with --stack")
  .argument("[captures...]", "capture files, or s3://bucket/prefix")
  .option(
    "--stack <stage>",
    "check the deployed stack of a stage: capture, events, roles, budgets, queues, schedule, last window",
  )
  .option("--config <file>", "assay.yml whose settings apply; without it, the built-in defaults, and with --stack assay.yml")
  .option("--at <time>", "with --stack: as of when, ISO; for an embedded AWS on a clock of its own", instant)
  .option("--json", "one JSON object instead of tables")
  .addHelpText(
    "after",
    `
A quarantined record is a finding, and so is a problem of the stack.

Examples:
  assay doctor captures.jsonl
  assay doctor s3://acme-captures/prod/support-chat/stable/2026/11/24 --json
  assay doctor --stack prod${exitCodesHelp}`,
  )
  .action(async (captures: string[], { config, stack, at, json }: Options) => {
    if ((stack === undefined) === (captures.length === 0))
      throw new WrongUse("What is to be looked at? Give capture files or s3:// prefixes, or --stack STAGE.");
    if (stack !== undefined) return checkStack(stack, config ?? usualConfig(), at ?? Date.now(), json === true);
    const diagnosis = await diagnose(captures, await readSettings(config));
    await print(json ? `${JSON.stringify(diagnosis)}\n` : asText(diagnosis));
    process.exitCode = diagnosis.counts.quarantined > 0 ? exitCode.finding : exitCode.done;
  });

async function checkStack(stage: string, config: string, nowMs: number, json: boolean): Promise<void> {
  const assay = await readAssay(config);
  // Only here, so that reading files does not wait for the SDK to load.
  const { stackFacts } = await import("./doctor/stackFacts.ts");
  const progress = progressOn(process.stderr);
  const checks = healthOf(await stackFacts(stage, assay, nowMs, progress), nowMs);
  progress.end();
  const problems = checks.filter(({ state }) => state === "problem").length;
  await print(json ? `${JSON.stringify({ stack: `assay-${stage}`, problems, checks })}\n` : healthAsText(checks));
  process.exitCode = problems > 0 ? exitCode.finding : exitCode.done;
}

function healthAsText(checks: readonly HealthCheck[]): string {
  const marks = { ok: styleText("green", "ok", onTerminal), problem: styleText("red", "problem", onTerminal) };
  const lines = checks.flatMap(({ check, of, state, says, remedy }) => [
    `${marks[state]}  ${check}, ${of}: ${says}.`,
    ...(remedy === null ? [] : [`         → ${remedy}`]),
  ]);
  const problems = checks.filter(({ state }) => state === "problem").length;
  const sum = problems === 0 ? "All is well." : `${problems} of ${checks.length} checks found a problem.`;
  return `${[...lines, sum].join("\n")}\n`;
}

/** Colours only where a terminal shows them, and nobody asked for none (NO_COLOR). */
const onTerminal = { stream: process.stdout, validateStream: true };

function instant(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new InvalidArgumentError("It is a time, e.g. 2026-11-24T09:00:00Z.");
  return ms;
}

async function diagnose(captures: string[], settings: Settings): Promise<Diagnosis> {
  const counts = noCounts();
  const objects: Examination[] = [];
  let ignored = 0;
  const progress = progressOn(process.stderr);
  for (const named of captures) {
    const found = named.startsWith("s3://") ? capturesInS3(named, () => ignored++) : [await captureFile(named)];
    for await (const capture of found) {
      progress.tell(() => `${objects.length} objects, now ${capture.name}`);
      objects.push(await examine(capture, settings));
    }
  }
  progress.end();
  for (const object of objects) for (const name of countNames) counts[name] += object.counts[name];
  return { counts, ignored, objects };
}

async function examine(capture: Capture, settings: Settings): Promise<Examination> {
  const counts = noCounts();
  const read = new Map<string, Examination["read"][number]>();
  const quarantined: Examination["quarantined"] = [];
  for await (const { reading, line } of readings(capture, settings)) {
    countOutcome(counts, reading.outcome);
    if (reading.outcome === "quarantined") {
      quarantined.push({ line, ...reading.reason });
      continue;
    }
    const { adapter, outcome } = reading;
    const row = read.get(`${adapter} ${outcome}`) ?? { adapter, outcome, count: 0 };
    read.set(`${adapter} ${outcome}`, { ...row, count: row.count + 1 });
  }
  const { endpoint, variant } = capture.origin;
  return { object: capture.name, endpoint, variant, counts, read: [...read.values()], quarantined };
}

const noCounts = (): Counts => emptySummary().counts;
const countNames = Object.keys(noCounts()) as (keyof Counts)[];
/** A table is read by people: of thousands of broken lines the first tell the story, and `--json` has them all. */
const shownPerObject = 20;

function asText({ counts, ignored, objects }: Diagnosis): string {
  const { captured, answered, modelErrors, inputOnly, outputOnly, quarantined } = counts;
  const read = `${answered} answered, ${modelErrors} model errors, ${inputOnly} without answer, ${outputOnly} without question`;
  const sections = objects.map(objectAsText);
  const where = `${objects.length} capture object${objects.length === 1 ? "" : "s"}`;
  const summary = `${captured} records in ${where}: ${read}, ${quarantined} quarantined.`;
  const passedOver =
    ignored > 0
      ? [`${ignored} other object${ignored === 1 ? " is" : "s are"} ignored: no capture has such a key (docs/captures.md).`]
      : [];
  const advice =
    inputOnly > 0
      ? [
          "Answers are missing where they were streamed, which SageMaker does not capture, or where Output is not among the endpoint's CaptureOptions.",
        ]
      : [];
  return `${[...sections, summary, ...passedOver, ...advice].join("\n")}\n`;
}

function objectAsText({ object, endpoint, variant, counts, read, quarantined }: Examination): string {
  const table = new Table({
    head: ["adapter", "outcome", "records"],
    colAligns: ["left", "left", "right"],
    style: { head: [], border: [] },
  });
  for (const { adapter, outcome, count } of read) table.push([adapter, outcome, count]);
  if (quarantined.length > 0) table.push(["—", "quarantined", quarantined.length]);
  const reasons = quarantined.slice(0, shownPerObject).map(({ line, code, message }) => `  line ${line}, ${code}: ${message}`);
  const unshown = quarantined.length - reasons.length;
  return [
    `${object} (endpoint ${endpoint}, variant ${variant})`,
    counts.captured === 0 ? "  holds no record" : table.toString(),
    ...reasons,
    ...(unshown > 0 ? [`  … and ${unshown} more: --json lists them all`] : []),
    "",
  ].join("\n");
}
