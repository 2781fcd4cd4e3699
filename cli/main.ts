import { CommanderError } from "commander";
import { exitCode, WrongUse } from "./exit.ts";
import { endWithReader } from "./output.ts";
import { program } from "./program.ts";

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
