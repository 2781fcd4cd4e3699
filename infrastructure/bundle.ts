import { mkdir, writeFile } from "node:fs/promises";
import { dirname, relative } from "node:path";
import { build, type Message } from "esbuild";
import { zipSync } from "fflate";
import type { Assay } from "../shared/config/assay.ts";

/** A function's code cannot be put together. */
export class BundleFailed extends Error {
  override readonly name = "BundleFailed";
}

/**
 * Packs a function: `index.mjs`, its code and that of its packages in one file, and `assay.json`, the validated configuration.
 * The same input gives the same bytes.
 * @param entry TypeScript file that exports `handler`
 * @param zipPath where to write
 * @throws BundleFailed with the first error's place
 */
export async function bundle(entry: string, assay: Assay, zipPath: string): Promise<void> {
  const code = await compile(entry);
  await mkdir(dirname(zipPath), { recursive: true });
  await writeFile(zipPath, packed({ "index.mjs": code, "assay.json": new TextEncoder().encode(JSON.stringify(assay)) }));
}

async function compile(entry: string): Promise<Uint8Array> {
  try {
    const { outputFiles, metafile } = await build({
      entryPoints: [entry],
      outfile: "index.mjs",
      bundle: true,
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
    const exported = Object.values(metafile.outputs)[0]!.exports; // one entry, one output
    if (!exported.includes("handler")) throw new BundleFailed(`${shown(entry)} exports no handler. Export one: Lambda calls it.`);
    return outputFiles[0]!.contents;
  } catch (error) {
    const { errors } = error as { errors?: Message[] };
    const [first] = errors ?? [];
    if (!first) throw error;
    const place = first.location ? ` (${first.location.file}:${first.location.line})` : "";
    throw new BundleFailed(
      `${shown(entry)} cannot be bundled: ${first.text}${place}. Repair the import, or run npm ci if a package is missing.`,
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
