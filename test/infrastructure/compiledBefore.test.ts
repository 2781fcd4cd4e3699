import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { compiledBefore, madeBefore } from "../../infrastructure/compiledBefore.ts";

let folder: string;
const kept = new Set<string>();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-compiled-"));
});
afterAll(() => Promise.all([folder, ...kept].map((path) => rm(path, { recursive: true, force: true }))));

test("compiles again when a file has changed, or what else decides, and else takes what it has", async () => {
  const entry = join(folder, "entry.ts");
  let compiled = 0;
  const build = async (also: unknown) => {
    const built = await compiledBefore([entry], also, async () => {
      compiled++;
      return new Map([[entry, { code: new TextEncoder().encode(`code ${compiled}`), files: [entry] }]]);
    });
    kept.add(built.folder);
    return new TextDecoder().decode(built.codes.get(entry)!.code);
  };
  await writeFile(entry, "one");
  expect(await build(null)).toBe("code 1");
  expect(await build(null)).toBe("code 1");
  expect(await build(["./plug-in.ts"])).toBe("code 2");
  await writeFile(entry, "two");
  expect(await build(null)).toBe("code 3");
  await writeFile(entry, "one");
  expect(await build(null)).toBe("code 4");
  await rm(entry);
  await expect(build(null)).rejects.toThrow("ENOENT");
});

test("what is made of a bundle is made once for each configuration, and again for a bundle that is new", async () => {
  const entry = join(folder, "made.ts");
  let made = 0;
  const make = async (configuration: string) => {
    const code = new TextEncoder().encode("code");
    const built = await compiledBefore([entry], null, async () => new Map([[entry, { code, files: [entry] }]]));
    kept.add(built.folder);
    const of = [configuration];
    return Buffer.from(await madeBefore(built, "0.zip", of, () => new TextEncoder().encode(`zip ${++made}`))).toString();
  };
  await writeFile(entry, "one");
  expect([await make("a"), await make("a"), await make("b")]).toEqual(["zip 1", "zip 1", "zip 2"]);
  await writeFile(entry, "two");
  expect(await make("a")).toBe("zip 3");
});
