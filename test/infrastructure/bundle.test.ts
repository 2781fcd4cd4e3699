import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { BundleFailed, bundle, compile } from "../../infrastructure/bundle.ts";
import { checkedStage } from "../../infrastructure/configuration.ts";
import { plugInsOf } from "../../infrastructure/plugIns.ts";
import type { Assay } from "../../shared/config/assay.ts";
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
  const failure = bundle([{ entry, zipPath: join(folder, "function.zip") }], assay, folder);
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

test("packs the plug-ins that assay.yml names, found from where it lies", async () => {
  await writeFile(
    join(folder, "polite.ts"),
    'export default ({ output }: { output: string }) => ({ name: "Polite", score: output.length });',
  );
  const plugged: Assay = {
    ...assay,
    defaults: { ...assay.defaults, scorers: { off: [], rules: {}, plugIns: { polite: "./polite.ts" } } },
  };
  await mkdir(join(folder, "functions"), { recursive: true });
  await writeFile(join(folder, "functions", "plugIns.ts"), "export const plugIns = {};");
  const entry = join(folder, "functions", "scores.ts");
  await writeFile(
    entry,
    'import { plugIns } from "./plugIns.ts"; export const handler = (output) => plugIns["./polite.ts"]({ output });',
  );
  const code = (await compile([entry], [plugInsOf(plugged, folder)])).get(entry)!.code;
  const file = join(folder, "scores.mjs");
  await writeFile(file, code);
  const { handler } = (await import(pathToFileURL(file).href)) as { handler(output: string): unknown };
  expect(handler("Yes.")).toEqual({ name: "Polite", score: 4 });
});
