/**
 * `node --expose-gc bench/scoring/memory.ts RECORDS`: reads and scores as many records in one process and prints by how many MiB its
 * resident memory has grown at most between the ten thousandth and the last. Collected before each look, since what a collector
 * has not yet taken back is no growth.
 */

import { readLine } from "../../shared/capture/readLine.ts";
import { defaultSettings } from "../../shared/config/schema.ts";
import { chanceFrom } from "../chance.ts";
import { drawLines } from "./traffic.ts";

const records = Number(process.argv[2]);
const looks = 10_000;
const origin = { bucket: "b", key: "k", endpoint: "support-chat", variant: "stable" };
const lines = drawLines(5_000, chanceFrom(2));
const collect = (globalThis as { gc?: () => void }).gc;
if (!collect) throw new Error("run it with --expose-gc");

let first = 0;
let most = 0;
for (let n = 1; n <= records; n++) {
  const { bytes } = lines[n % lines.length]!;
  readLine({ bytes, offset: 0, length: bytes.length, number: n, isGzip: false, flaw: null }, origin, defaultSettings);
  if (n % looks !== 0) continue;
  collect();
  const mib = process.memoryUsage().rss / 2 ** 20;
  if (n === looks) first = mib;
  most = Math.max(most, mib);
}
process.stdout.write(`${most - first}\n`);
