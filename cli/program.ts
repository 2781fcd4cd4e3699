import { createRequire } from "node:module";
import { Command } from "commander";
import { baseline } from "./baseline.ts";
import { capacity } from "./capacity.ts";
import { compare } from "./compare.ts";
import { doctor } from "./doctor.ts";
import { evaluate } from "./evaluate.ts";
import { withExamples } from "./examples.ts";
import { exitCodesHelp } from "./exit.ts";
import { golden } from "./golden.ts";
import { init } from "./init.ts";
import { label } from "./label.ts";
import { local } from "./local.ts";
import { monitor } from "./monitor.ts";
import { plan } from "./plan.ts";
import { remediation } from "./remediation.ts";
import { report } from "./report.ts";
import { score } from "./score.ts";

const { version } = createRequire(import.meta.url)("../package.json") as { version: string };

/** The whole command line; `main.ts` runs it. */
export const program = withExamples(
  new Command("assay")
    .description("Your endpoint is up. Are its answers still good?")
    .version(version)
    .addCommand(baseline)
    .addCommand(capacity)
    .addCommand(compare)
    .addCommand(doctor)
    .addCommand(evaluate)
    .addCommand(golden)
    .addCommand(init)
    .addCommand(label)
    .addCommand(local)
    .addCommand(monitor)
    .addCommand(plan)
    .addCommand(remediation)
    .addCommand(report)
    .addCommand(score)
    .addHelpText("after", exitCodesHelp),
);

// Commander would leave with 1 on wrong use, which with us means a finding.
for (const command of [program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)]) {
  command.exitOverride().showHelpAfterError("(--help tells what is possible)");
}
