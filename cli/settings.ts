import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { type Assay, type EndpointSettings, settingsOf } from "../shared/config/assay.ts";
import { InvalidConfiguration, parseAssay } from "../shared/config/load.ts";
import { defaultSettings } from "../shared/config/schema.ts";
import { WrongUse } from "./exit.ts";
import { fileReason } from "./reasons.ts";

/**
 * The settings of each endpoint: those of `configFile`, or the built-in defaults.
 * @throws WrongUse where the file cannot be read or is not a valid assay.yml
 */
export async function readSettings(configFile: string | undefined): Promise<(endpoint: string) => EndpointSettings> {
  if (configFile === undefined) return () => defaultSettings;
  const assay = await readAssay(configFile);
  return (endpoint) => settingsOf(assay, endpoint);
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
