import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { version } from "esbuild";
import type { Compiled } from "./bundle.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const cache = join(root, "node_modules", ".cache", "assay-bundles");
/** Bundles of a configuration that nobody deployed for a day are in the way: some 20 MB each. */
const unusedMs = 24 * 60 * 60_000;

/** What was compiled before, and where more that was made of it may be kept: it is gone when anything is compiled anew. */
export type Kept = { codes: Map<string, Compiled>; folder: string };
type Index = { entries: { entry: string; files: string[] }[]; hashes: Record<string, string> };

const hashOf = (content: string | Uint8Array) => createHash("sha256").update(content).digest("hex");

/**
 * The bundles of the same entries from the time before, if each file that they were made of is still the same; otherwise
 * compiled now and kept. Most of a deployment to the embedded AWS is compiling, and little changes between two.
 * @param also what decides, besides files, what is compiled
 */
export async function compiledBefore(
  entries: readonly string[],
  also: unknown,
  compile: () => Promise<Map<string, Compiled>>,
): Promise<Kept> {
  // Which file of a package is meant follows from what is installed.
  const installed = await Promise.all(["package-lock.json", "tsconfig.json"].map((file) => readFile(join(root, file), "utf8")));
  const folder = join(cache, hashOf(JSON.stringify([version, process.cwd(), installed, entries, also])).slice(0, 24));
  const kept = await read(folder);
  if (kept !== null) {
    await utimes(folder, new Date(), new Date());
    return { codes: kept, folder };
  }
  const codes = await compile();
  await forgetUnused();
  await write(folder, codes);
  return { codes, folder };
}

async function forgetUnused(): Promise<void> {
  for (const name of await readdir(cache).catch(() => [])) {
    const folder = join(cache, name);
    const { mtimeMs } = await stat(folder);
    if (Date.now() - mtimeMs > unusedMs) await rm(folder, { recursive: true, force: true });
  }
}

async function read(folder: string): Promise<Map<string, Compiled> | null> {
  try {
    const { entries, hashes } = JSON.parse(await readFile(join(folder, "index.json"), "utf8")) as Index;
    for (const [file, hash] of Object.entries(hashes)) if (hashOf(await readFile(resolve(file))) !== hash) return null;
    const codes = entries.map(
      async ({ entry, files }, n): Promise<[string, Compiled]> => [
        entry,
        { code: await readFile(join(folder, `${n}.mjs`)), files },
      ],
    );
    return new Map(await Promise.all(codes));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** The folder appears with all that is in it, whoever else may be writing one. */
async function write(folder: string, codes: ReadonlyMap<string, Compiled>): Promise<void> {
  const draft = `${folder}.${process.pid}`;
  await mkdir(draft, { recursive: true });
  const index: Index = { entries: [], hashes: {} };
  for (const [entry, { code, files }] of codes) {
    await writeFile(join(draft, `${index.entries.length}.mjs`), code);
    index.entries.push({ entry, files });
    for (const file of files) index.hashes[file] ??= hashOf(await readFile(resolve(file)));
  }
  await writeFile(join(draft, "index.json"), JSON.stringify(index));
  await rm(folder, { recursive: true, force: true });
  await rename(draft, folder).catch(() => rm(draft, { recursive: true })); // another was faster
}

/** What `make` makes of a compiled bundle, or made before of the same. */
export async function madeBefore(
  { folder }: Kept,
  name: string,
  of: readonly unknown[],
  make: () => Uint8Array,
): Promise<Uint8Array> {
  const file = join(folder, `${hashOf(JSON.stringify(of)).slice(0, 24)}-${name}`);
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const made = make();
  await writeFile(`${file}.${process.pid}`, made);
  await rename(`${file}.${process.pid}`, file);
  return made;
}
