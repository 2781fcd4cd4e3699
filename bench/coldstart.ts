import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { parse } from "yaml";
import { compile } from "../infrastructure/bundle.ts";
import { readConfiguration } from "../infrastructure/configuration.ts";
import { entryOf } from "../infrastructure/plugin.ts";
import type { Bench } from "./bench.ts";

/** A module to import in a fresh process. */
type Importable = { path: string; KiB: number };

const execute = promisify(execFile);

/**
 * What a cold start loads: each function's bundle, beside a bundle of nothing but the SDK's clients and commands that are in it, made by
 * the same bundler: much less than the packages whole. Nothing is made of them there, while a function makes its clients. Each is imported in fresh processes, taking turns; the figures are medians. `importOverSdk` is the one over the other.
 */
export const coldstart: Bench = {
  name: "coldstart",
  says: "each function's bundle and cold import, beside the bare import of its SDK clients",
  runs: 15,
  async run(runs, progress) {
    const folder = await mkdtemp(join(tmpdir(), "assay-coldstart-"));
    try {
      const figures: Record<string, number> = {};
      for (const { name, own, clients } of await bundles(folder)) {
        const ownMs: number[] = [];
        const sdkMs: number[] = [];
        for (let run = 1; run <= runs; run++) {
          progress(`${name}, run ${run} of ${runs}`);
          ownMs.push(await importMs(own));
          sdkMs.push(await importMs(clients));
        }
        const over = median(ownMs) / median(sdkMs);
        // What captures wait for has targets, and the plain names.
        if (name === "sample") Object.assign(figures, { bundleKiB: own.KiB, importOverSdk: over });
        Object.assign(figures, {
          [`${name}.bundleKiB`]: own.KiB,
          [`${name}.importMs`]: median(ownMs),
          [`${name}.sdkImportMs`]: median(sdkMs),
          [`${name}.importOverSdk`]: over,
        });
      }
      return { figures, references: { bundleKiB: 1_500, importOverSdk: 1.5 } };
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

/** The bundles of every function of serverless.yml, in files, `sample` first. */
async function bundles(folder: string): Promise<{ name: string; own: Importable; clients: Importable }[]> {
  const { functions } = parse(await readFile("serverless.yml", "utf8")) as { functions: Record<string, unknown> };
  const names = Object.keys(functions);
  const entries = names.map((name) => resolve(entryOf(name)));
  const compiled = await compile(entries, []);
  const configuration = JSON.stringify(readConfiguration({}));
  const clientEntries = await Promise.all(
    entries.map(async (entry, n) => {
      const file = resolve("bench", `.coldstart-${process.pid}-${names[n]}.ts`); // where packages are found from
      await writeFile(file, await sdkImportsOf(compiled.get(entry)!.files));
      return file;
    }),
  );
  try {
    const clients = await compile(clientEntries, []);
    return await Promise.all(
      names.map(async (name, n) => ({
        name,
        own: await stored(join(folder, name), compiled.get(entries[n]!)!.code, configuration),
        clients: await stored(join(folder, `${name}-sdk`), clients.get(clientEntries[n]!)!.code, configuration),
      })),
    );
  } finally {
    await Promise.all(clientEntries.map((file) => rm(file)));
  }
}

async function stored(folder: string, code: Uint8Array, configuration: string): Promise<Importable> {
  await mkdir(folder);
  const path = join(folder, "index.mjs");
  await writeFile(path, code);
  await writeFile(join(folder, "assay.json"), configuration);
  return { path, KiB: code.length / 1024 };
}

/** A module that imports what some files of ours take from the SDK, clients and their commands, and nothing else. */
async function sdkImportsOf(files: readonly string[]): Promise<string> {
  const taken = new Map<string, Set<string>>();
  for (const file of files.filter((name) => !name.includes("node_modules"))) {
    const statements = (await readFile(file, "utf8")).matchAll(/^import \{([^}]*)\} from "(@aws-sdk\/[^"]+)";$/gm);
    for (const [, names, from] of statements) {
      const values = names!
        .split(",")
        .map((name) => name.trim())
        .filter((name) => name !== "" && !name.startsWith("type "));
      if (values.length > 0) taken.set(from!, new Set([...(taken.get(from!) ?? []), ...values]));
    }
  }
  const packages = [...taken].map(([from, names]) => ({ from, names: [...names] }));
  const imports = packages.map(
    ({ from, names }, n) => `import { ${names.map((name) => `${name} as ${name}${n}`)} } from "${from}";`,
  );
  return `${imports.join("\n")}\nexport const handler = [${packages.flatMap(({ names }, n) => names.map((name) => `${name}${n}`))}];\n`;
}

/**
 * Milliseconds of its main thread that a fresh process needs to import a module, its own start not counted: processor time, which is
 * what an import takes, and which other work on the machine hardly changes.
 */
async function importMs({ path }: Importable): Promise<number> {
  const url = JSON.stringify(pathToFileURL(path).href);
  const script =
    `const before = process.threadCpuUsage(); await import(${url}); const { user, system } = process.threadCpuUsage(before); ` +
    "process.stdout.write(String((user + system) / 1000)); process.exit();";
  const { stdout } = await execute(process.execPath, ["--input-type=module", "-e", script], { env: lambdaLike });
  return Number(stdout);
}

/** What serverless.yml and Lambda set; nothing is called. */
const lambdaLike = {
  AWS_REGION: "eu-central-1",
  ...Object.fromEntries(
    [
      ...["STAGE", "TABLE_NAME", "RESULTS_BUCKET", "PAGES_TOPIC_ARN", "JUDGE_QUEUE_URL", "REMEDIATE_FUNCTION_NAME"],
      ...["REMEDIATION_STATE_MACHINE_ARN"],
    ].map((name) => [name, "unused"]),
  ),
};

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
