import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { Played } from "./remains.ts";

/**
 * A day of the demo in a process of its own, which has a clock of its own.
 * @param disturbed number of a disturbance; 0: none
 * @throws Error with what the process said
 */
export async function played(seed: string, hours: number, disturbed: number): Promise<Played> {
  const program = fileURLToPath(new URL("day.ts", import.meta.url));
  const child = spawn(process.execPath, [program, seed, String(hours), String(disturbed)], { stdio: ["ignore", "pipe", "pipe"] });
  const code = new Promise((resolve) => child.once("close", resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if ((await code) !== 0)
    throw new Error(`The day of seed ${seed}, disturbed ${disturbed}, ended with ${await code}:\n${stderr}`);
  return JSON.parse(stdout) as Played;
}
