import { Command, InvalidArgumentError } from "commander";
import { alarms } from "./alarms.ts";
import type { Bench } from "./bench.ts";
import { capture } from "./capture.ts";
import { coldstart } from "./coldstart.ts";
import { compareBench } from "./compare.ts";
import { cost } from "./cost.ts";
import { estimates } from "./estimates.ts";
import { evaluationBench } from "./evaluation.ts";
import { faults } from "./faults.ts";
import { growth } from "./growth.ts";
import { judging } from "./judging.ts";
import { labels } from "./labels.ts";
import { reading } from "./reading.ts";
import { remediation } from "./remediation.ts";
import { report } from "./report.ts";
import { restless } from "./restless.ts";
import { sampling } from "./sampling.ts";
import { scorersBench } from "./scorers.ts";
import { scoring } from "./scoring.ts";
import { shadow } from "./shadow.ts";
import { swap } from "./swap.ts";

const benches: readonly Bench[] = [
  alarms,
  capture,
  coldstart,
  compareBench,
  cost,
  estimates,
  evaluationBench,
  faults,
  growth,
  judging,
  labels,
  reading,
  remediation,
  report,
  restless,
  sampling,
  scorersBench,
  scoring,
  shadow,
  swap,
];

const program = new Command("bench").description("measure what Assay promises; each figure stands beside its reference");
for (const bench of benches) {
  program
    .command(bench.name)
    .description(bench.says)
    .option("--runs <number>", "simulated runs: more of them, less chance in the figures", wholeNumber, bench.runs)
    .option("--json", "end with one line of JSON")
    .action(async ({ runs, json }: { runs: number; json?: true }) => {
      const { figures, references } = await bench.run(runs, (text) => {
        if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${bench.name}: ${text}`);
      });
      if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
      if (json) {
        process.stdout.write(`${JSON.stringify({ bench: bench.name, figures, references })}\n`);
        return;
      }
      for (const [name, value] of Object.entries(figures)) process.stdout.write(`${name}: ${Number(value.toFixed(3))}\n`);
      for (const [name, value] of Object.entries(references)) process.stdout.write(`reference, ${name}: ${value}\n`);
    });
}
await program.parseAsync();

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!(Number.isInteger(value) && value > 0)) throw new InvalidArgumentError("It is a whole number from 1, e.g. 200.");
  return value;
}
