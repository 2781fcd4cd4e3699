import { readFileSync } from "node:fs";
import { type EndpointSettings, settingsOf } from "../../shared/config/assay.ts";
import { parseAssay } from "../../shared/config/load.ts";
import { demoEndpoint } from "./scenarios.ts";

/** What assay.yml, as it is deployed, says of the demo's endpoint. @throws InvalidConfiguration */
export function demoSettings(): EndpointSettings {
  const source = readFileSync(new URL("../../assay.yml", import.meta.url), "utf8");
  return settingsOf(parseAssay(source, "assay.yml"), demoEndpoint);
}
