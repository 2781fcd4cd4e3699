import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { run } from "../e2e/command.ts";

test("docs/cost.md is what scripts/cost-docs.ts writes; run that when this fails", async () => {
  const folder = mkdtempSync(join(tmpdir(), "assay-docs-"));
  try {
    const file = join(folder, "cost.md");
    expect(await run(process.execPath, ["scripts/cost-docs.ts", file])).toMatchObject({ code: 0 });
    expect(readFileSync(new URL("../../docs/cost.md", import.meta.url), "utf8")).toBe(readFileSync(file, "utf8"));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
