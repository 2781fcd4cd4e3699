import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Assay, type EndpointSettings, settingsOf } from "../shared/config/assay.ts";
import { InvalidConfiguration, parseAssay } from "../shared/config/load.ts";
import { defaultSettings } from "../shared/config/schema.ts";
import type { PlugIn, PlugIns } from "../shared/scoring/plugIn.ts";
import { WrongUse } from "./exit.ts";
import { fileReason } from "./reasons.ts";

/** The settings of each endpoint, and the scorers that they plug in. */
export type Settings = { settings(endpoint: string): EndpointSettings; plugIns: PlugIns };

/** The configuration where no option names one: the file that a deployment takes, too. */
export const usualConfig = (): string => process.env.ASSAY_CONFIG || "assay.yml";

/**
 * The settings of `configFile` with its plug-ins loaded, or the built-in defaults.
 * @throws WrongUse where the file cannot be read or is not a valid assay.yml
 */
export async function readSettings(configFile: string | undefined): Promise<Settings> {
  if (configFile === undefined) return { settings: () => defaultSettings, plugIns: {} };
  const assay = await readAssay(configFile);
  return { settings: (endpoint) => settingsOf(assay, endpoint), plugIns: await loadPlugIns(assay, configFile) };
}

/** @throws WrongUse where a module cannot be loaded, or exports no scorer */
async function loadPlugIns(assay: Assay, configFile: string): Promise<PlugIns> {
  const plugIns: PlugIns = {};
  // Packages are found from where assay.yml lies, as they are at deployment.
  const { resolve: resolveFrom } = createRequire(resolve(configFile));
  for (const { scorers } of [assay.defaults, ...Object.values(assay.endpoints)]) {
    for (const [name, module] of Object.entries(scorers.plugIns)) {
      try {
        const loaded = (await import(pathToFileURL(resolveFrom(module)).href)) as { default?: unknown };
        if (typeof loaded.default !== "function") throw new TypeError("its default export is no function");
        plugIns[module] = loaded.default as PlugIn;
      } catch (error) {
        throw new WrongUse(
          `The plug-in ${module} of the score ${name} (${configFile}) cannot be loaded: ${(error as Error).message}.`,
        );
      }
    }
  }
  return plugIns;
}

/** @throws WrongUse where the file cannot be read or is not a valid assay.yml */
export async function readAssay(configFile: string): Promise<Assay> {
  const text = await readFile(configFile, "utf8").catch((error: unknown) => {
    throw new WrongUse(`${configFile} cannot be read: ${fileReason(error)}.`);
  });
  return validAssay(text, configFile);
}

function validAssay(text: string, fileName: string): Assay {
  try {
    return parseAssay(text, fileName, (beside) => readFileSync(resolve(dirname(fileName), beside), "utf8"));
  } catch (error) {
    if (error instanceof InvalidConfiguration) throw new WrongUse(error.message);
    throw error;
  }
}
