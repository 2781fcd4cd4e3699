import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { BundleFailed, bundle } from "../../infrastructure/bundle.ts";
import { checkedStage } from "../../infrastructure/configuration.ts";
import { parseAssay } from "../../shared/config/load.ts";

const assay = parseAssay("endpoints: { chat: { variants: [a] } }", "assay.yml");
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-bundle-"));
});
afterAll(() => rm(folder, { recursive: true }));

test.each([
  {
    it: "an import that leads nowhere",
    code: 'import { x } from "./gone.ts";\nexport const handler = x;',
    says: /function\.ts cannot be bundled: Could not resolve "\.\/gone\.ts" \(.*function\.ts:1\)\. Repair the import/,
  },
  { it: "code that is none", code: "export const handler = ;", says: /function\.ts cannot be bundled: Unexpected ";"/ },
  { it: "no handler", code: "export const handle = 1;", says: /function\.ts exports no handler\. Export one/ },
])("says in one sentence that there is $it", async ({ code, says }) => {
  const entry = join(folder, "function.ts");
  await writeFile(entry, code);
  const failure = bundle([{ entry, zipPath: join(folder, "function.zip") }], assay);
  await expect(failure).rejects.toThrow(BundleFailed);
  await expect(failure).rejects.toThrow(says);
});

test.each([
  { stage: "dev", valid: true },
  { stage: "pr-1234", valid: true },
  { stage: "a".repeat(20), valid: true },
  { stage: "a".repeat(21), valid: false },
  { stage: "Prod", valid: false }, // buckets have lower-case names
  { stage: "a--b", valid: false },
  { stage: "1st", valid: false },
])("stage $stage: $valid", ({ stage, valid }) => {
  if (valid) expect(checkedStage(stage)).toBe(stage);
  else expect(() => checkedStage(stage)).toThrow(`The stage is ${stage}. Give --stage lower-case letters`);
});
