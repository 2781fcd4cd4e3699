#!/usr/bin/env node
// The command line is TypeScript that Node 24 runs as it is. An older Node hands over to the one that `npm ci` brought.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import * as module from "node:module";
import { fileURLToPath } from "node:url";

const enough = 24;

if (Number.parseInt(process.versions.node, 10) >= enough && process.features.typescript) {
  // What was compiled once is kept: the second command starts in half the time.
  module.enableCompileCache();
  await import("../cli/main.ts");
} else {
  const node = fileURLToPath(new URL("../node_modules/node/bin/node", import.meta.url));
  if (existsSync(node) && node !== process.execPath) {
    const { status, signal } = spawnSync(node, process.argv.slice(1), { stdio: "inherit" });
    if (signal) process.kill(process.pid, signal);
    process.exitCode = status ?? 2;
  } else {
    process.stderr.write(`assay: needs Node ${enough}, and this is ${process.version}. Run \`npm ci\`: it brings one.\n`);
    process.exitCode = 2;
  }
}
