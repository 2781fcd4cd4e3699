import { mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, relative } from "node:path";
import { build, type Message, type Plugin } from "esbuild";
import { zipSync } from "fflate";
import type { Assay } from "../shared/config/assay.ts";
import { compiledBefore, madeBefore } from "./compiledBefore.ts";
import { plugInModules, plugInsOf } from "./plugIns.ts";

/** A function's code cannot be put together. */
export class BundleFailed extends Error {
  override readonly name = "BundleFailed";
}

/** A function to pack: the TypeScript file that exports its `handler`, and where its zip goes. */
export type Packing = { entry: string; zipPath: string };

/**
 * Packs functions, each as `index.mjs`, its code and that of its packages in one file, and `assay.json`, the validated configuration.
 * All at once, since most packages are in most functions and are read once so. The same input gives the same bytes.
 * @param folder where assay.yml lies, which its plug-ins are found from
 * @throws BundleFailed with the first error's place
 */
export async function bundle(packings: readonly Packing[], assay: Assay, folder: string): Promise<void> {
  const entries = packings.map(({ entry }) => entry);
  const modules = plugInModules(assay);
  const kept = await compiledBefore(entries, modules.length > 0 ? { modules, folder } : null, () =>
    compile(entries, [plugInsOf(assay, folder)]),
  );
  const configuration = JSON.stringify(assay);
  for (const [n, { entry, zipPath }] of packings.entries()) {
    await mkdir(dirname(zipPath), { recursive: true });
    const { code } = kept.codes.get(entry)!; // compile has one for each
    const zip = () => packed({ "index.mjs": code, "assay.json": new TextEncoder().encode(configuration) });
    await writeFile(zipPath, await madeBefore(kept, `${n}.zip`, [configuration], zip));
  }
}

/** What is in a bundle: an ES module, and the files that it was made of. */
export type Compiled = { code: Uint8Array; files: string[] };

/**
 * @returns the bundle of each entry
 * @throws BundleFailed
 */
export async function compile(entries: readonly string[], plugins: Plugin[]): Promise<Map<string, Compiled>> {
  try {
    const { outputFiles, metafile } = await build({
      // Numbered, since files of one name lie in different folders.
      entryPoints: entries.map((entry, n) => ({ in: entry, out: `${n}` })),
      outdir: ".",
      bundle: true,
      plugins,
      minify: true,
      write: false,
      metafile: true,
      platform: "node",
      target: "node24",
      format: "esm",
      // esbuild's default for Node prefers CommonJS, of which less can be left out: half as much code again.
      mainFields: ["module", "main"],
      // Packages in CommonJS call `require`, which an ES module does not have.
      banner: { js: "import{createRequire as _cr}from'node:module';const require=_cr(import.meta.url);" },
      logLevel: "silent",
    });
    return new Map(
      entries.map((entry, n) => {
        const output = metafile.outputs[`${n}.js`];
        if (!output?.exports.includes("handler"))
          throw new BundleFailed(`${shown(entry)} exports no handler. Export one: Lambda calls it.`);
        const code = outputFiles.find(({ path }) => basename(path) === `${n}.js`)!.contents; // as its metafile says
        return [entry, { code, files: Object.keys(output.inputs) }];
      }),
    );
  } catch (error) {
    const { errors } = error as { errors?: Message[] };
    const [first] = errors ?? [];
    if (!first) throw error;
    const place = first.location ? ` (${first.location.file}:${first.location.line})` : "";
    const what = entries.length === 1 ? shown(entries[0]!) : "A function";
    throw new BundleFailed(
      `${what} cannot be bundled: ${first.text}${place}. Repair the import, or run npm ci if a package is missing.`,
      {
        cause: error,
      },
    );
  }
}

/** Lambda compares code by its hash, so times of files stay out of it. Zip has local times, and knows none before 1980. */
const mtime = new Date(1980, 0, 1);
const readable = 0o100644 << 16;

function packed(files: Record<string, Uint8Array>): Uint8Array {
  return zipSync(files, { level: 6, mtime, os: 3, attrs: readable });
}

const shown = (path: string): string => relative(process.cwd(), path);
