import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { run } from "../e2e/command.ts";

test("docs/cli.md is what scripts/cli-docs.ts writes; run that when this fails", async () => {
  const folder = mkdtempSync(join(tmpdir(), "assay-docs-"));
  try {
    const file = join(folder, "cli.md");
    expect(await run(process.execPath, ["scripts/cli-docs.ts", file])).toMatchObject({ code: 0 });
    expect(readFileSync(new URL("../../docs/cli.md", import.meta.url), "utf8")).toBe(readFileSync(file, "utf8"));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
