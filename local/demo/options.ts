import { statSync } from "node:fs";
import { parseArgs } from "node:util";
import { portNumber, WrongUse } from "../port.ts";
import { type Forwardable, type Forwarding, forwardable } from "./endpoint.ts";
import { type Scenario, scenarios, shortened } from "./scenarios.ts";

export type DemoOptions = {
  scenario: Scenario;
  /** A folder of capture files to play instead of the scenario. */
  captures: string | null;
  /** What a live server answers for, and how long it is asked; then neither a scenario nor captures are played. */
  live: { forwarding: Forwarding; minutes: number } | null;
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
  --openai URL      on real time instead: an OpenAI-compatible server, such as http://127.0.0.1:11434/v1, answers for the judge;
                    its key, if it wants one, is in OPENAI_API_KEY. A live server takes the time it takes, so no hour can be
                    skipped and no run repeated; quality is not compared, since the recorded week had another judge
  --openai-model NAME
                    what the server calls its model; without it, requests name none
  --openai-for WHO  judge, stable or candidate: for whom it answers; may be given several times. The recorded judge knows
                    recorded answers only, so a variant's live answers get grades from a live judge alone
  --minutes N       with --openai: how long questions are asked (default 5)
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
  const port = portNumber(values.port);
  const captures = values.captures ?? null;
  if (captures !== null && !statSync(captures, { throwIfNoEntry: false })?.isDirectory()) {
    throw new WrongUse(`--captures: ${captures} is not a folder. Give one that holds capture files (.jsonl).`);
  }
  const live = liveOf(values);
  if (live !== null && (captures ?? values.scenario ?? values.hours) != null)
    throw new WrongUse("--openai plays on real time: leave --scenario, --hours and --captures out.");
  return {
    scenario: hours === null ? scenario : shortened(scenario, hours),
    captures,
    live,
    port,
    json: values.json ?? false,
    keep: values.keep ?? false,
    region: process.env.AWS_REGION || "eu-west-1",
    seed: values.seed ?? "assay",
  };
}

function liveOf(values: ReturnType<typeof parse>): DemoOptions["live"] {
  const { openai, "openai-model": model = null, "openai-for": of = ["judge"], minutes = "5" } = values;
  if (openai === undefined) {
    if (values["openai-model"] ?? values["openai-for"] ?? values.minutes)
      throw new WrongUse("--openai-model, --openai-for and --minutes belong to --openai URL: give that, too.");
    return null;
  }
  if (!/^https?:$/.test(URL.parse(openai)?.protocol ?? ""))
    throw new WrongUse(`--openai is ${openai}. Give the http(s) URL of a server up to and with /v1.`);
  const unknown = of.find((name) => !forwardable.some((known) => known === name));
  if (unknown !== undefined) throw new WrongUse(`--openai-for is ${unknown}. Give one of ${forwardable.join(", ")}.`);
  if (!(Number(minutes) > 0 && Number(minutes) <= 1_440))
    throw new WrongUse(`--minutes is ${minutes}. Give a number of minutes above 0, at most 1440.`);
  return { forwarding: { of: of as Forwardable[], baseUrl: openai, model }, minutes: Number(minutes) };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        scenario: { type: "string" },
        hours: { type: "string" },
        captures: { type: "string" },
        openai: { type: "string" },
        "openai-model": { type: "string" },
        "openai-for": { type: "string", multiple: true },
        minutes: { type: "string" },
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
