import Table from "cli-table3";
import { Command } from "commander";
import type { Outcome, UnreadableCode } from "../shared/capture/inference.ts";
import { type Counts, countOutcome, emptySummary } from "../shared/monitoring/summary.ts";
import { type Capture, captureFile, capturesInS3, readings } from "./captures.ts";
import { exitCode, exitCodesHelp } from "./exit.ts";
import { print } from "./output.ts";
import { progressOn } from "./progress.ts";
import { readSettings, type Settings } from "./settings.ts";

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

export const doctor = new Command("doctor")
  .description("explain captures: which adapter read what, what was quarantined and why, which halves are missing")
  .argument("<captures...>", "capture files, or s3://bucket/prefix")
  .option("--config <file>", "assay.yml whose settings apply; without it, the built-in defaults")
  .option("--json", "one JSON object instead of tables")
  .addHelpText("after", `\nA quarantined record is a finding.${exitCodesHelp}`)
  .action(async (captures: string[], { config, json }: { config?: string; json?: true }) => {
    const diagnosis = await diagnose(captures, await readSettings(config));
    await print(json ? `${JSON.stringify(diagnosis)}\n` : asText(diagnosis));
    process.exitCode = diagnosis.counts.quarantined > 0 ? exitCode.finding : exitCode.done;
  });

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
