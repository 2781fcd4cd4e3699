import { expect, test } from "@jest/globals";
import { progressOn } from "../../cli/progress.ts";

function told(isTTY: boolean, atMs: readonly number[]): string {
  let written = "";
  let nowMs = 0;
  const progress = progressOn({ isTTY, columns: 12, write: (text) => (written += text) }, () => nowMs);
  for (const [i, ms] of atMs.entries()) {
    nowMs = ms;
    progress.tell(() => `${i + 1} of many records`);
  }
  progress.end();
  return written.replaceAll("\r\x1b[K", "|");
}

test.each([
  { it: "people at a terminal are told, in one line that is taken away", isTTY: true, atMs: [0], written: "|1 of many r|" },
  { it: "not oftener than they read", isTTY: true, atMs: [0, 50, 99, 100], written: "|1 of many r|4 of many r|" },
  { it: "nothing was said, nothing is taken away", isTTY: true, atMs: [], written: "" },
  { it: "a file or a pipe gets nothing", isTTY: false, atMs: [0, 500], written: "" },
])("$it", ({ isTTY, atMs, written }) => expect(told(isTTY, atMs)).toBe(written));
