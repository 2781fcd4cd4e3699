import { statSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Scenario, scenarios, shortened } from "./scenarios.ts";

export class WrongUse extends Error {
  override readonly name = "WrongUse";
}

export type DemoOptions = {
  scenario: Scenario;
  /** A folder of capture files to play instead of the scenario. */
  captures: string | null;
  json: boolean;
  keep: boolean;
  port: number;
  region: string;
  seed: string;
};

export const usage = `npm start -- [options]

Starts the embedded AWS, deploys the service to it with \`serverless deploy\`, and plays traffic of recorded models through it.

  --scenario NAME   ${scenarios.map(({ name, tells }) => `${name}: ${tells}`).join("\n                    ")}
  --hours N         play N hours of it instead, in which things change after a sixth (1 to 24)
  --captures DIR    play the capture files of a folder instead
  --keep            stay up afterwards, for \`aws --endpoint-url …\` and \`assay\`
  --json            end with one line of JSON on stdout; the rest goes to stderr
  --port N          where the embedded AWS listens (default 4566; 0: any free port)
  --seed TEXT       of ids and chance: the same seed gives the same run
`;

/** @throws WrongUse with what to do instead */
export function demoOptions(args: string[]): DemoOptions | "help" {
  const values = parse(args);
  if (values.help) return "help";
  const scenario = values.scenario === undefined ? scenarios[0] : scenarios.find(({ name }) => name === values.scenario);
  if (!scenario) {
    throw new WrongUse(`There is no scenario ${values.scenario}. Take one of ${scenarios.map(({ name }) => name).join(", ")}.`);
  }
  const hours = values.hours === undefined ? null : Number(values.hours);
  if (hours !== null && !(hours >= 1 && hours <= 24)) {
    throw new WrongUse(`--hours is ${values.hours}. Give a number of hours from 1 to 24.`);
  }
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new WrongUse(`--port is ${values.port}. Give a port number from 0 (any free one) to 65535.`);
  }
  const captures = values.captures ?? null;
  if (captures !== null && !statSync(captures, { throwIfNoEntry: false })?.isDirectory()) {
    throw new WrongUse(`--captures: ${captures} is not a folder. Give one that holds capture files (.jsonl).`);
  }
  return {
    scenario: hours === null ? scenario : shortened(scenario, hours),
    captures,
    port,
    json: values.json ?? false,
    keep: values.keep ?? false,
    region: process.env.AWS_REGION || "eu-west-1",
    seed: values.seed ?? "assay",
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        scenario: { type: "string" },
        hours: { type: "string" },
        captures: { type: "string" },
        json: { type: "boolean" },
        keep: { type: "boolean" },
        port: { type: "string", default: "4566" },
        seed: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    throw new WrongUse(`${(error as Error).message}\n\n${usage}`);
  }
}
