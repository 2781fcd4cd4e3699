/** `node scripts/recorded-week.ts`: writes the recorded week of the demo anew. The same code gives the same file. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { weekLines } from "../local/demo/recordedWeek.ts";

const file = fileURLToPath(new URL("../local/demo/recordings/week.jsonl.gz", import.meta.url));
const lines = [...weekLines()];
const packed = gzipSync(lines.map((line) => `${line}\n`).join(""), { level: 9 });
writeFileSync(file, packed);
process.stdout.write(`${file}: ${lines.length} lines, ${packed.length} bytes\n`);
