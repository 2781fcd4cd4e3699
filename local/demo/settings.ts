import { readConfiguration } from "../../infrastructure/configuration.ts";
import { type Assay, type EndpointSettings, settingsOf } from "../../shared/config/assay.ts";
import { demoEndpoint } from "./scenarios.ts";

/** The configuration, as it is deployed. @throws InvalidConfiguration */
export const demoAssay = (): Assay => readConfiguration(process.env);

/** What it says of the demo's endpoint. @throws InvalidConfiguration */
export const demoSettings = (): EndpointSettings => settingsOf(demoAssay(), demoEndpoint);
