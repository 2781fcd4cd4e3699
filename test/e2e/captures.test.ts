import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { answeredLine, everyKindOfLine } from "./captureLines.ts";
import { npmStart } from "./command.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "assay-captures-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function folderWith(name: string, files: Record<string, string>): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name, path)), { recursive: true });
    writeFileSync(join(folder, name, path), content);
  }
  return join(folder, name);
}

async function played(captures: string) {
  const { code, stdout, stderr } = await npmStart(["--captures", captures, "--json", "--port", "0"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringMatching(/\n\s+at /) });
  const { counts, report } = JSON.parse(stdout) as { counts: Record<string, number>; report: string };
  return { counts, told: stderr, page: readFileSync(report, "utf8") };
}

const minute = "2026-03-02T09:41";
const hostile = "<script>alert(1)</script><img src=x onerror=alert(2)> Yes, within 30 days of the purchase, unworn.";

test("files in SageMaker's layout are read, broken lines with a reason, and what else lies there is named", async () => {
  const captures = folderWith("layout", {
    "chat/stable/2026/03/02/09/41-00-118-5f0c7c1e.jsonl": everyKindOfLine(0, 12, minute),
    "chat/canary/2026/03/02/09/41-30-200-5f0c7c1f.jsonl": `${answeredLine(500, minute, hostile)}\n`,
    "chat/stable/<b>notes</b>.txt": "Not a capture.",
    "elsewhere/answers.jsonl": `${answeredLine(600, minute)}\n`,
  });
  const { counts, told, page } = await played(captures);
  expect(counts).toMatchObject({
    captured: 18,
    answered: 13,
    modelErrors: 1,
    inputOnly: 1,
    outputOnly: 0,
    quarantined: 3,
    lost: 0,
  });
  expect(told).toContain("ignored: chat/stable/<b>notes</b>.txt");
  expect(told).toContain("ignored: elsewhere/answers.jsonl");
  expect(page).toContain("chat/canary");
  expect(page).toMatch(/not_json.*bad_envelope|bad_envelope.*not_json/s);
  // Neither what was captured nor the name of a file is markup.
  expect(page).not.toMatch(/<script>alert|<img|<b>/);
});

test("without that layout every .jsonl is a capture of an endpoint that is called after its folder", async () => {
  const captures = folderWith("plain", {
    "shoes/a.jsonl": everyKindOfLine(0, 12, minute),
    "hats/b.jsonl": `${answeredLine(500, minute)}\n`,
    "README.md": "Nothing to see.",
  });
  const { counts, told, page } = await played(captures);
  expect(counts).toMatchObject({ captured: 18, answered: 13, modelErrors: 1, inputOnly: 1, quarantined: 3, lost: 0 });
  expect(told).toContain("ignored: README.md");
  expect(page).toContain("shoes/AllTraffic");
  expect(page).toContain("hats/AllTraffic");
});

const real = process.env.ASSAY_REAL_DATA;
const ifReal = real ? test : test.skip;
ifReal(
  `real captures${real ? "" : " (skipped: ASSAY_REAL_DATA names no folder of them)"}: read or quarantined, none lost`,
  async () => {
    const { counts } = await played(join(real!, "captures"));
    expect(counts).toMatchObject({ captured: 12, answered: 3, quarantined: 9, modelErrors: 0, lost: 0 });
  },
);
