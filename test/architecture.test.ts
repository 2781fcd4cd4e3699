import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { beforeAll, expect, test } from "@jest/globals";

const noAws = "The domain knows no AWS: only shared/aws imports it.";
const noIo = "The domain does no input or output: its callers do.";
const noClock = "The domain reads no clock: take the time as an argument (nowMs).";
const noChance = "The domain draws no randomness: take it as an argument, or hash an id.";
const noGlobal = (name: string) => `Do not use the global variable ${name}.`;
const oneWay = "Dependencies point one way: shared/ imports nothing above it.";

/** One line of code each, in a file of its folder: what the rules of biome.json and scripts/lint say to it. */
const forbidden = [
  { folder: "shared", line: 'import { S3Client } from "@aws-sdk/client-s3";', says: noAws },
  { folder: "shared", line: 'import { openTable } from "./aws/table.ts";', says: noAws },
  { folder: "shared", line: 'import { readFileSync } from "node:fs";', says: noIo },
  { folder: "shared", line: 'import { readFile } from "node:fs/promises";', says: noIo },
  { folder: "shared", line: 'import http from "node:http";', says: noIo },
  { folder: "shared", line: 'import { handler } from "../functions/sample.ts";', says: oneWay },
  { folder: "shared", line: 'import { startAws } from "../local/aws.ts";', says: oneWay },
  { folder: "shared", line: "const now = Date.now();", says: noClock },
  { folder: "shared", line: "const today = new Date();", says: noClock },
  { folder: "shared", line: "const started = performance.now();", says: noGlobal("performance") },
  { folder: "shared", line: "const dice = Math.random();", says: noChance },
  { folder: "shared", line: "const id = crypto.randomUUID();", says: noGlobal("crypto") },
  { folder: "shared", line: 'import { randomUUID } from "node:crypto";', says: noChance },
  { folder: "shared", line: "const clock = Date.now;", says: noClock },
  { folder: "shared", line: "const now2 = new Date;", says: noClock },
  { folder: "shared", line: "const text = Date();", says: noClock },
  { folder: "shared", line: 'import { performance as p } from "node:perf_hooks";', says: noIo },
  { folder: "shared", line: 'import { env } from "node:process";', says: noIo },
  { folder: "shared", line: 'import https from "node:https";', says: noIo },
  { folder: "shared", line: 'const answer = await fetch("http://x");', says: noGlobal("fetch") },
  { folder: "shared", line: "const later = globalThis.Date.now();", says: noGlobal("globalThis") },
  { folder: "shared", line: "const stage = process.env.STAGE;", says: noGlobal("process") },
  {
    folder: "shared/aws",
    line: 'import { handler } from "../../functions/sample.ts";',
    says: "Dependencies point one way: shared/aws imports only shared/.",
  },
  {
    folder: "capture",
    line: 'import { parseCaptureKey } from "../shared/capture/captureKey.ts";',
    says: "assay/capture is packed alone: it imports nothing else of Assay.",
  },
  {
    folder: "functions",
    line: 'import { startEmbedded } from "../test/embeddedAws.ts";',
    says: "What runs does not import tests or measurements.",
  },
];

const fileIn = (folder: string) => `${folder}/forbidden-by-architecture.ts`;
const folders = [...new Set(forbidden.map(({ folder }) => folder))];
const linesOf = (folder: string) => forbidden.flatMap((rule) => (rule.folder === folder ? [rule.line] : []));
type Diagnostic = { message: string; location: { path: string; start: { line: number } } };
let diagnostics: Diagnostic[];

beforeAll(() => {
  try {
    for (const folder of folders) writeFileSync(fileIn(folder), `${linesOf(folder).join("\n")}\n`);
    const args = ["lint", "--reporter=json", "--max-diagnostics=none", ...folders.map(fileIn)];
    const { stdout } = spawnSync("node_modules/.bin/biome", args, { encoding: "utf8" });
    diagnostics = (JSON.parse(stdout) as { diagnostics: Diagnostic[] }).diagnostics;
  } finally {
    for (const folder of folders) rmSync(fileIn(folder), { force: true });
  }
});

test.each(forbidden)("$folder/ may not: $line", ({ folder, line, says }) => {
  const number = linesOf(folder).indexOf(line) + 1;
  const messages = diagnostics.flatMap(({ message, location }) =>
    location.path === fileIn(folder) && location.start.line === number ? [message] : [],
  );
  expect(messages).toContain(says);
});
