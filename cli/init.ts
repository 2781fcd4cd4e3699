import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createInterface } from "node:readline/promises";
import { Command, InvalidArgumentError } from "commander";
import { parseAssay } from "../shared/config/load.ts";
import { type FoundBucket, type FoundEndpoint, starterConfiguration } from "../shared/config/starter.ts";
import { exitCodesHelp, WrongUse } from "./exit.ts";
import { print } from "./output.ts";
import { costOf, dollars } from "./plan/month.ts";
import { progressOn } from "./progress.ts";
import { inAws } from "./stack.ts";

type Named = { name: string; variants: string[] };
type Options = { endpoint: Named[]; captures?: string; answers?: number; out: string; force?: true; json?: true };
/** Where nobody knows the traffic. */
const supposedAnswersPerDay = 5_000;

export const init = new Command("init")
  .description("look at the account's endpoints, or ask, and write a first assay.yml; say what it would cost and change")
  .option(
    "--endpoint <name>",
    "watch this endpoint and not all; name=blue,green gives its variants without asking AWS",
    named,
    [],
  )
  .option("--captures <s3-url>", "where captures go; without it, where the endpoints capture to, or a bucket of the stack's own")
  .option(
    "--answers <number>",
    "answers of an endpoint in a day, for the price; without it, as many as CloudWatch counted",
    positive,
  )
  .option("--out <file>", "what to write", "assay.yml")
  .option("--force", "write over a file that is there")
  .option("--json", "one JSON object instead of sentences")
  .addHelpText(
    "after",
    `
Nothing in the account is changed. Without credentials, and on a terminal, it asks.

Examples:
  assay init
  assay init --endpoint support-chat --out prod.yml
  assay init --endpoint support-chat=stable,candidate --answers 9600${exitCodesHelp}`,
  )
  .action(async ({ endpoint: wanted, captures, answers, out, force, json }: Options) => {
    if (existsSync(out) && !force) throw new WrongUse(`${out} is there already. Give --force to write over it, or --out FILE.`);
    const offline = wanted.length > 0 && wanted.every(({ variants }) => variants.length > 0);
    const endpoints = offline ? wanted.map(unseen) : await look(wanted);
    if (endpoints.length === 0)
      throw new WrongUse(
        "No endpoint of this account and region is in service. Create one, or give --endpoint NAME=VARIANT,VARIANT.",
      );
    const url = captures ?? mostCaptureTo(endpoints);
    const bucket =
      url === null || offline ? null : await inAws(`The bucket of ${url}`, async () => (await account()).bucketAt(url));
    const text = starterConfiguration(endpoints, bucket);
    const assay = parseAssay(text, out);
    const known = answers ?? meanTraffic(endpoints);
    const perDay = known ?? supposedAnswersPerDay;
    const month = costOf(assay, perDay);
    await writeFile(out, text);
    const changes = changesOf(endpoints, bucket, url);
    await print(
      json
        ? `${JSON.stringify({ file: out, endpoints, bucket, changes, answersPerDay: perDay, usdPerMonth: month.usd })}\n`
        : `${[
            `${out} watches ${endpoints.map(({ name, variants }) => `${name} (${variants.join(", ")})`).join(", ")}.`,
            "",
            "What deploying it would change:",
            ...changes.map((change) => `  ${change}`),
            "",
            `It would cost about ${dollars(month.usd)} a month at ${Math.round(perDay)} answers a day and endpoint${known === null ? " (supposed: --answers says how many)" : ""}, without a judge; \`assay plan --month\` says for what.`,
            "",
            "Next: read the file, decide about a judge, then npx serverless deploy --stage prod",
          ].join("\n")}\n`,
    );
  });

const account = () => import("./init/account.ts"); // only here, so that asking needs no SDK

async function look(wanted: readonly Named[]): Promise<FoundEndpoint[]> {
  const progress = progressOn(process.stderr);
  try {
    const { endpointsInAccount } = await account();
    const names = wanted.map(({ name }) => name);
    const tell = (name: string) => progress.tell(() => `looking at ${name}`);
    return await inAws("The endpoints of the account", () => endpointsInAccount(names, Date.now(), tell));
  } catch (error) {
    if (!(error instanceof WrongUse)) throw error;
    if (process.stdin.isTTY !== true || process.stdout.isTTY !== true)
      throw new WrongUse(`${error.message} Or give --endpoint NAME=VARIANT,VARIANT, which asks nobody.`, { cause: error });
    process.stderr.write(`${error.message}\n`);
    return ask();
  } finally {
    progress.end();
  }
}

async function ask(): Promise<FoundEndpoint[]> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const name = await terminal.question("Name of the SageMaker endpoint: ");
  const variants = await terminal.question("Its production variants, with commas [AllTraffic]: ");
  terminal.close();
  return [unseen(named(`${name.trim()}=${variants.trim() || "AllTraffic"}`, [])[0]!)];
}

const unseen = ({ name, variants }: Named): FoundEndpoint => ({
  name,
  variants,
  instanceTypes: [],
  capture: null,
  requestsPerDay: null,
});

/** Endpoints of one stack capture to one place; the others are told to move there. */
function mostCaptureTo(endpoints: readonly FoundEndpoint[]): string | null {
  const counts = new Map<string, number>();
  for (const { capture } of endpoints) if (capture) counts.set(capture.to, (counts.get(capture.to) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? null;
}

function meanTraffic(endpoints: readonly FoundEndpoint[]): number | null {
  const known = endpoints.flatMap(({ requestsPerDay }) => requestsPerDay ?? []);
  const mean = known.reduce((a, b) => a + b, 0) / known.length;
  return mean > 0 ? mean : null;
}

function changesOf(endpoints: readonly FoundEndpoint[], bucket: FoundBucket | null, url: string | null): string[] {
  const to = url?.replace(/\/$/, "");
  const elsewhere = endpoints.filter(({ capture }) => capture !== null && capture.to.replace(/\/$/, "") !== to);
  const uncaptured = endpoints.filter(({ capture }) => capture === null);
  return [
    bucket === null
      ? "A bucket for captures is created with the stack; its output CaptureUri says where endpoints should capture to."
      : bucket.sendsEvents
        ? `s3://${bucket.name} sends its events to EventBridge already: nothing is changed there.`
        : `s3://${bucket.name} also sends its events to EventBridge.`,
    ...(bucket !== null && bucket.others.length > 0
      ? [`Its notifications to ${bucket.others.join(", ")} stay as they are.`]
      : []),
    "No endpoint is changed.",
    ...elsewhere.map(
      ({ name, capture }) =>
        `Not seen: ${name} captures to ${capture!.to}. Have it capture there, or give it a stack of its own.`,
    ),
    ...(uncaptured.length > 0
      ? [`To do: turn data capture on for ${uncaptured.map(({ name }) => name).join(", ")} (docs/captures.md).`]
      : []),
  ];
}

function named(text: string, before: Named[]): Named[] {
  const [name = "", variants] = text.split("=", 2);
  if (name === "" || variants === "") throw new InvalidArgumentError("It is a name, or name=variant,variant.");
  return [...before, { name, variants: variants?.split(",").map((variant) => variant.trim()) ?? [] }];
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < Infinity)) throw new InvalidArgumentError("It is a number over 0, e.g. 5000.");
  return value;
}
