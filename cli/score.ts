import { Command } from "commander";
import { captureFile, readings } from "./captures.ts";
import { exitCodesHelp } from "./exit.ts";
import { print } from "./output.ts";
import { progressOn } from "./progress.ts";
import { readSettings } from "./settings.ts";

export const score = new Command("score")
  .description("decode and score capture files: one JSON line per record, in order, quarantined records included")
  .argument("<files...>", "capture files: JSON lines as SageMaker writes them")
  .option("--config <file>", "assay.yml whose settings apply; without it, the built-in defaults")
  .addHelpText("after", exitCodesHelp)
  .action(async (files: string[], { config }: { config?: string }) => {
    const settings = await readSettings(config);
    // All of them are looked for before the first is printed: half an output with an error at its end helps nobody.
    const captures = await Promise.all(files.map(captureFile));
    // Where the lines themselves go to the terminal, they show how far it is.
    const { isTTY, columns } = process.stderr;
    const told = { isTTY: isTTY && !process.stdout.isTTY, columns, write: (text: string) => process.stderr.write(text) };
    const progress = progressOn(told);
    let records = 0;
    for (const [i, capture] of captures.entries()) {
      for await (const { reading } of readings(capture, settings)) {
        records++;
        progress.tell(() => `${records} records, file ${i + 1} of ${captures.length}: ${capture.name}`);
        await print(`${JSON.stringify(reading)}\n`);
      }
    }
    progress.end();
  });
