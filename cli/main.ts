import { Command, CommanderError } from "commander";
import { baseline } from "./baseline.ts";
import { capacity } from "./capacity.ts";
import { compare } from "./compare.ts";
import { doctor } from "./doctor.ts";
import { evaluate } from "./evaluate.ts";
import { exitCode, exitCodesHelp, WrongUse } from "./exit.ts";
import { golden } from "./golden.ts";
import { label } from "./label.ts";
import { monitor } from "./monitor.ts";
import { endWithReader } from "./output.ts";
import { plan } from "./plan.ts";
import { remediation } from "./remediation.ts";
import { report } from "./report.ts";
import { score } from "./score.ts";

const program = new Command("assay")
  .description("Your endpoint is up. Are its answers still good?")
  .addCommand(baseline)
  .addCommand(capacity)
  .addCommand(compare)
  .addCommand(doctor)
  .addCommand(evaluate)
  .addCommand(golden)
  .addCommand(label)
  .addCommand(monitor)
  .addCommand(plan)
  .addCommand(remediation)
  .addCommand(report)
  .addCommand(score)
  .addHelpText("after", exitCodesHelp);

// Commander would leave with 1 on wrong use, which with us means a finding.
for (const command of [program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)]) {
  command.exitOverride().showHelpAfterError("(--help tells what is possible)");
}

endWithReader();
try {
  await program.parseAsync();
} catch (error) {
  // Of a CommanderError, commander has already said what was wrong, or shown the help that was asked for.
  const askedForHelp = error instanceof CommanderError && error.exitCode === 0;
  process.exitCode = askedForHelp ? exitCode.done : exitCode.wrongUse;
  if (error instanceof WrongUse) process.stderr.write(`assay: ${error.message}\n`);
  else if (!(error instanceof CommanderError)) console.error(error); // a defect of ours: with its stack
}
