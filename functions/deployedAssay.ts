import { readFileSync } from "node:fs";
import type { Assay } from "../shared/config/assay.ts";

/** The configuration that was validated and packed beside the bundle at deployment. */
export function deployedAssay(): Assay {
  return JSON.parse(readFileSync(new URL("./assay.json", import.meta.url), "utf8")) as Assay;
}
