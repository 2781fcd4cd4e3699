import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as z from "zod";
import type { Bench } from "./bench.ts";

const run = promisify(execFile);
const measured = z.object({ lineMiB: z.number(), growthMiB: z.number(), mebibytesPerSecond: z.number() });

async function measure(by: "assay" | "parse", count: number, characters: number) {
  const { stdout } = await run(process.execPath, ["bench/reading/lines.ts", by, String(count), String(characters)]);
  return measured.parse(JSON.parse(stdout));
}

/** A body of 6 MiB, the most that SageMaker takes; its quotation marks and line ends are escaped, which makes it a little longer. */
const largestText = 5.9 * 1024 * 1024;
const usualText = 1_000;

export const reading: Bench = {
  name: "reading",
  says: "memory and speed of reading and scoring capture objects, beside the bare JSON.parse of the same lines and bodies",
  runs: 20_000,
  async run(runs, progress) {
    progress("the largest lines");
    const [largest, parsed] = [await measure("assay", 4, largestText), await measure("parse", 4, largestText)];
    progress("usual lines");
    const [usual, usualParsed] = [await measure("assay", runs, usualText), await measure("parse", runs, usualText)];
    return {
      figures: {
        lineMiB: largest.lineMiB,
        memoryOverLine: largest.growthMiB / largest.lineMiB,
        mebibytesPerSecond: usual.mebibytesPerSecond,
      },
      references: {
        memoryOverLineOfParse: parsed.growthMiB / parsed.lineMiB,
        mebibytesPerSecondOfParse: usualParsed.mebibytesPerSecond,
      },
    };
  },
};
