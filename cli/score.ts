import { Command } from "commander";
import { captureFile, readings } from "./captures.ts";
import { exitCodesHelp } from "./exit.ts";
import { print } from "./output.ts";
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
    for (const capture of captures) {
      for await (const { reading } of readings(capture, settings)) await print(`${JSON.stringify(reading)}\n`);
    }
  });
