import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import type { Bench } from "./bench.ts";

const outcome = z.record(z.string(), z.number());

/**
 * An evaluation of many items on the deployed stack, whose function dies in one batch of nine and is throttled in one of four, and whose
 * budget is not enough; then the same evaluation again, with more, and once more when nothing is missing.
 */
export const evaluationBench: Bench = {
  name: "evaluation",
  says: "an evaluation with crashes, throttles and too small a budget, and the same one again: complete, exact, and what it paid",
  runs: 10_000,
  async run(items, progress) {
    progress(`${items} items, three times`);
    const program = fileURLToPath(new URL("evaluation/run.ts", import.meta.url));
    const child = spawn(process.execPath, [program, String(items)], { stdio: ["ignore", "pipe", "pipe"] });
    const code = new Promise((resolve) => child.once("close", resolve));
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    if ((await code) !== 0) throw new Error(`The evaluation ended with ${await code}:\n${stderr}`);
    const { cost, ...figures } = outcome.parse(JSON.parse(stdout));
    // An answer of the judge that was lost in a crash was paid for, and stays charged.
    return {
      figures: { items, ...figures },
      references: { unfinished: 0, graded: items, meanOff: 0, paid: cost!, paidThird: 0, same: 1 },
    };
  },
};
