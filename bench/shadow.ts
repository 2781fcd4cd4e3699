import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import type { Bench } from "./bench.ts";

const outcome = z.record(z.string(), z.number());

/** An hour of requests to a variant and its shadow on the deployed stack, from `InvokeEndpoint` to the comparison of the day. */
export const shadow: Bench = {
  name: "shadow",
  says: "an hour of a variant and its better shadow on the deployed stack: the difference by their pairs, and that the shadow counts for itself only",
  runs: 600,
  async run(requests, progress) {
    progress(`${requests} requests`);
    const program = fileURLToPath(new URL("shadow/run.ts", import.meta.url));
    const child = spawn(process.execPath, [program, String(requests)], { stdio: ["ignore", "pipe", "pipe"] });
    const code = new Promise((resolve) => child.once("close", resolve));
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    if ((await code) !== 0) throw new Error(`The hour with a shadow ended with ${await code}:\n${stderr}`);
    const { truth, chosen, ...figures } = outcome.parse(JSON.parse(stdout));
    // Every pair of which one answer was chosen was chosen whole.
    return { figures, references: { requests, pairs: chosen!, ungraded: 0, difference: truth!, answersOfAll: requests } };
  },
};
