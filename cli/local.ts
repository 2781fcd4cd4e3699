import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { exitCode, exitCodesHelp } from "./exit.ts";
import { print } from "./output.ts";

type Options = { port: string; region?: string; seed: string; json?: true };

export const local = new Command("local")
  .description("run the embedded AWS, on real time, until it is stopped")
  .option("--port <number>", "where it listens on this machine; 0: any free port", "4566")
  .option("--region <name>", "the region that it is; without it AWS_REGION, or eu-west-1")
  .option("--seed <text>", "of ids and chance: the same seed gives the same run", "assay")
  .option("--json", "one line of JSON when it listens")
  .addHelpText(
    "after",
    `
docs/local-aws.md lists what it does. It keeps everything in memory, and trusts whoever reaches it.

Examples:
  assay local
  AWS_ENDPOINT_URL=http://127.0.0.1:4566 npx serverless deploy --stage local --region eu-west-1
  npm start -- --keep                    with the service deployed, and a day of traffic${exitCodesHelp}`,
  )
  .action(async ({ port, region, seed, json }: Options) => {
    // A process of its own: its clock replaces the timers before anything else is loaded.
    const program = fileURLToPath(new URL("../local/main.ts", import.meta.url));
    const args = ["--port", port, "--seed", seed, ...(region === undefined ? [] : ["--region", region])];
    const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "inherit"] });
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => child.kill(signal));
    for await (const line of createInterface({ input: child.stdout })) {
      const [, of, endpoint] = /^Embedded AWS for (\S+) on (http:\S+?)\. /.exec(line) ?? [];
      if (!json) await print(`${line}\n`);
      else if (endpoint !== undefined) await print(`${JSON.stringify({ endpoint, region: of })}\n`);
    }
    process.exitCode = (await ended) === 2 ? exitCode.wrongUse : exitCode.done;
  });
