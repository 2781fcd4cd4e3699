import { createHash } from "node:crypto";
import { Command, InvalidArgumentError, Option } from "commander";
import { indexGoldenSet } from "../shared/evaluation/goldenSet.ts";
import { evaluationKeys } from "../shared/evaluation/keys.ts";
import { payloads } from "../shared/evaluation/payload.ts";
import { type EvaluationRequest, InvalidEvaluation, readEvaluationRequest } from "../shared/evaluation/plan.ts";
import type { Progress } from "./evaluate/run.ts";
import { asText } from "./evaluate/table.ts";
import { exitCode, exitCodesHelp, WrongUse } from "./exit.ts";
import { readGoldenSet } from "./golden/set.ts";
import { print } from "./output.ts";
import { inAws, stackOutputs } from "./stack.ts";

type Options = {
  stack: string;
  golden: string;
  endpoint: string;
  variant: string[];
  id?: string;
  budget?: number;
  tolerance?: number;
  payload: (typeof payloads)[number];
  parameters: Record<string, unknown>;
  json?: true;
};

export const evaluate = new Command("evaluate")
  .description("ask variants a golden set, have the answers judged, and say whether the second variant is worse than the first")
  .requiredOption("--stack <stage>", "the deployed stage that does it")
  .requiredOption(
    "--golden <set>",
    'a file or s3://bucket/key: JSON lines {"id"?, "prompt" or "messages", "reference"?, "tags"?}',
  )
  .requiredOption("--endpoint <name>", "an endpoint of the stack's assay.yml, with a judge")
  .requiredOption("--variant <name>", "variant to ask; give it twice to compare the second with the first", several)
  .option(
    "--id <id>",
    "name of the evaluation; without it, one that follows from all of the above and from what the endpoint serves",
  )
  .option("--budget <usd>", "most that its judge may cost, beside the endpoint's budget of the day", positive)
  .option("--tolerance <points>", "largest difference of the mean that nobody cares about; without it, the endpoint's", points)
  .addOption(new Option("--payload <form>", "how the endpoint is asked").choices(payloads).default("openai-chat"))
  .option("--parameters <json>", 'of generation, such as {"max_tokens":500,"temperature":0}', jsonObject, {})
  .option("--json", "the whole result as one JSON object instead of a table")
  .addHelpText("after", `\nA second variant that is worse is a finding.${exitCodesHelp}`)
  .action(async ({ stack, golden, json, ...options }: Options) => {
    const bytes = await readGoldenSet(golden);
    const { items, broken } = await indexGoldenSet(once(bytes), options.payload);
    for (const { line, reason } of broken) process.stderr.write(`assay: ${golden}:${line} is left out: ${reason}.\n`);
    if (items.length === 0) throw new WrongUse(`${golden} holds no item. A line is like {"prompt":"…"}.`);

    const outputs = await stackOutputs(stack, ["ResultsBucketName", "EvaluationStateMachineArn"]);
    // Only here, so that other commands do not wait for the SDK to load.
    const { configurationOf, runEvaluation } = await import("./evaluate/run.ts");
    const configuration = await inAws(`The endpoint ${options.endpoint}`, () => configurationOf(options.endpoint));
    const request = requestOf(options, outputs.ResultsBucketName, hashOf(bytes), configuration);
    const result = await runEvaluation(request, bytes, outputs.EvaluationStateMachineArn, progress(items.length));
    await print(json ? `${JSON.stringify(result)}\n` : asText(result));
    if (result.unfinished > 0) {
      process.stderr.write(
        `assay: ${result.unfinished} items are unfinished. The same command completes them, once there is budget.\n`,
      );
    }
    if (result.variants.length === 2 && result.verdict === null) {
      throw new WrongUse("No item was graded for both variants, so nothing could be compared.");
    }
    process.exitCode = result.verdict === "worse" ? exitCode.finding : exitCode.done;
  });

/** The request with its id: the same golden set, asked of the same models in the same way, is the same evaluation. */
function requestOf(
  { endpoint, variant: variants, id, budget, tolerance, payload, parameters }: Omit<Options, "stack" | "golden" | "json">,
  bucket: string,
  content: string,
  configuration: string,
): EvaluationRequest {
  const own = hashOf(JSON.stringify([content, endpoint, configuration, variants, tolerance, payload, parameters]));
  const named = id ?? own.slice(0, 16);
  try {
    return readEvaluationRequest({
      id: named,
      endpoint,
      goldenSet: { bucket, key: evaluationKeys(named).goldenSet(content) },
      variants,
      budgetUsd: budget,
      tolerance,
      payload,
      parameters,
    });
  } catch (error) {
    if (error instanceof InvalidEvaluation) throw new WrongUse(error.message, { cause: error });
    throw error;
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Says how far it is, on stderr: over and over in one line of a terminal, else when something has changed. */
function progress(items: number): (done: Progress) => void {
  let said = "";
  return ({ finished, failed, judgeMicroUsd }) => {
    const line = `${finished} of ${items} items done, ${failed} with a failure, ${(judgeMicroUsd / 1_000_000).toFixed(4)} USD spent`;
    if (line === said) return;
    process.stderr.write(process.stderr.isTTY ? `\r${line.padEnd(said.length)}${finished === items ? "\n" : ""}` : `${line}\n`);
    said = line;
  };
}
function several(name: string, before: string[] = []): string[] {
  return [...before, name];
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError("It is a number of dollars above 0.");
  return value;
}

function points(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0 && value < 1))
    throw new InvalidArgumentError("It is a number from 0, under 1, e.g. 0.02.");
  return value;
}

function jsonObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // said below
  }
  throw new InvalidArgumentError('It is a JSON object, such as {"max_tokens":500}.');
}

const hashOf = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex");
