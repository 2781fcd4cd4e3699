import { readFileSync } from "node:fs";
import { type Assay, type EndpointSettings, settingsOf } from "../../shared/config/assay.ts";
import { parseAssay } from "../../shared/config/load.ts";
import { demoEndpoint } from "./scenarios.ts";

/** assay.yml, as it is deployed. @throws InvalidConfiguration */
export function demoAssay(): Assay {
  return parseAssay(readFileSync(new URL("../../assay.yml", import.meta.url), "utf8"), "assay.yml");
}

/** What it says of the demo's endpoint. @throws InvalidConfiguration */
export function demoSettings(): EndpointSettings {
  return settingsOf(demoAssay(), demoEndpoint);
}
