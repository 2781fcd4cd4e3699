import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "@jest/globals";

const root = new URL("../../", import.meta.url);
const page = readFileSync(new URL("docs/extending.md", root), "utf8");
/** The page's modules and their checks. Their first line says where they would lie, or what they check. */
const blocks = [...page.matchAll(/^```ts\n\/\/ (checks )?(\S+)\n([\s\S]*?)^```$/gm)].map(([, checks, path, code]) => ({
  ...{ isCheck: checks !== undefined, path: path!, code: code! },
}));
const modules = blocks.filter(({ isCheck }) => !isCheck);
const folder = mkdtempSync(join(tmpdir(), "assay-extending-"));
afterAll(() => rmSync(folder, { recursive: true }));

const fileOf = (path: string, isCheck: boolean) => join(folder, `${isCheck ? "checks-" : ""}${path.replaceAll("/", "-")}`);

for (const { isCheck, path, code } of blocks) {
  // What it imports lies in the tree, beside where it would lie, or is on the page as well.
  const from = new URL(isCheck ? "docs/x.ts" : path, root);
  const placed = code.replaceAll(/(?<= from ")\.[^"]+/g, (specifier) => {
    const target = fileURLToPath(new URL(specifier, from));
    const onPage = modules.find((other) => fileURLToPath(new URL(other.path, root)) === target);
    return onPage ? fileOf(onPage.path, false) : target;
  });
  writeFileSync(fileOf(path, isCheck), placed.replaceAll('from "zod"', `from "${fileURLToPath(import.meta.resolve("zod"))}"`));
}

test("there is an example of each thing that has a registry", () => {
  const folders = modules.map(({ path }) => path.slice(0, path.lastIndexOf("/")));
  const of = ["scoring", "capture/adapters", "judging/providers", "monitoring/signals", "remediation/actions"];
  expect(folders).toEqual(of.map((name) => `shared/${name}`));
  expect(blocks.length).toBe(2 * modules.length);
  expect(page.match(/^```ts$/gm)!.length).toBe(blocks.length);
});

test.each(modules)("$path does what the page says", async ({ path }) => {
  expect.hasAssertions();
  await import(fileOf(path, true));
});
