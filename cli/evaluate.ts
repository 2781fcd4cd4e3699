import { createHash } from "node:crypto";
import { Command, InvalidArgumentError, Option } from "commander";
import type { Gate } from "../shared/evaluation/gates.ts";
import { indexGoldenSet } from "../shared/evaluation/goldenSet.ts";
import { evaluationKeys } from "../shared/evaluation/keys.ts";
import { payloads } from "../shared/evaluation/payload.ts";
import { type EvaluationInput, InvalidEvaluation, readEvaluationRequest } from "../shared/evaluation/request.ts";
import type { EvaluationResult } from "../shared/evaluation/result.ts";
import { withAnswers } from "./evaluate/answers.ts";
import { gates, prices, reportGates } from "./evaluate/gates.ts";
import type { Progress } from "./evaluate/run.ts";
import { asText } from "./evaluate/table.ts";
import { exitCode, exitCodesHelp, WrongUse } from "./exit.ts";
import { once, readGoldenSet } from "./golden/set.ts";
import { print } from "./output.ts";
import { inAws, stackOutputs } from "./stack.ts";
import { timeOf } from "./window.ts";

type TargetInput = NonNullable<EvaluationInput["targets"]>[number];

type Options = {
  stack: string;
  golden?: string;
  from?: string;
  to?: string;
  items?: number;
  endpoint: string;
  variant: string[];
  target: TargetInput[];
  answers: { name: string; file: string }[];
  criteria?: string[];
  concurrency?: number;
  skipInvalid?: true;
  price: NonNullable<EvaluationInput["prices"]>;
  untilDecided?: true;
  gate: Gate[];
  junit?: string;
  markdown?: string;
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
  .option("--golden <set>", "what is asked: a file or s3://bucket/key of JSON lines, as `assay golden lint` checks them")
  .option("--skip-invalid", "leave out lines of the set that are no items; without it, one of them stops the evaluation")
  .option("--from <time>", "instead of --golden: what was asked in production, since then, e.g. 2026-03-02T09:00Z")
  .option("--to <time>", "and until then")
  .option("--items <count>", "how many questions of that span, drawn at random; 1000 without it", whole)
  .requiredOption("--endpoint <name>", "an endpoint of the stack's assay.yml, with a judge")
  .option("--variant <name>", "variant of it to ask; give it twice to compare the second with the first", several, [])
  .option(
    "--target <target>",
    "whom else: NAME=ENDPOINT, NAME=ENDPOINT/variant/V, NAME=ENDPOINT/component/C, or NAME=answers for answers in the items (captured=answers)",
    targets,
    [],
  )
  .option(
    "--answers <file>",
    'NAME=FILE: answers brought along, JSON lines {"id","completion"}; may be repeated',
    broughtAlong,
    [],
  )
  .option("--criteria <names>", "of the judge's criteria only these, e.g. quality,tone", (text) => text.split(","))
  .option("--concurrency <batches>", "batches of five items at once; 8 without it", whole)
  .option(
    "--id <id>",
    "name of the evaluation; without it, one that follows from all of the above and from what the endpoint serves",
  )
  .option("--budget <usd>", "most that its judge may cost, beside the endpoint's budget of the day", positive)
  .option("--tolerance <points>", "largest difference of the mean that nobody cares about; without it, the endpoint's", points)
  .addOption(new Option("--payload <form>", "how the endpoint is asked").choices(payloads).default("openai-chat"))
  .option("--parameters <json>", 'of generation, such as {"max_tokens":500,"temperature":0}', jsonObject, {})
  .option(
    "--price <price>",
    "TARGET=IN/OUT, dollars per million tokens, or TARGET=USD/h of its instances together, *N where they work on N answers at once",
    prices,
    {},
  )
  .option("--until-decided", "pay for no more items once it is clear what the targets are beside the first")
  .option("--gate <gate>", 'what must hold, e.g. "quality >= baseline - 0.02", "cost <= 1.1x"; may be repeated', gates, [])
  .option("--junit <file>", "write the gates as JUnit XML")
  .option("--markdown <file>", "write a summary as Markdown")
  .option("--json", "the whole result as one JSON object instead of a table")
  .addHelpText("after", `\nA target that is worse is a finding; with gates, a gate that does not pass is.${exitCodesHelp}`)
  .action(async ({ stack, golden, json, gate, junit, markdown, ...options }: Options) => {
    const set = await questionsOf(golden, options);
    const outputs = await stackOutputs(stack, ["ResultsBucketName", "EvaluationStateMachineArn"]);
    // Only here, so that other commands do not wait for the SDK to load.
    const { configurationOf, runEvaluation } = await import("./evaluate/run.ts");
    const asked = [...new Set([options.endpoint, ...options.target.flatMap(({ endpoint }) => endpoint ?? [])])];
    const configurations = await Promise.all(
      asked.map((endpoint) => inAws(`The endpoint ${endpoint}`, () => configurationOf(endpoint))),
    );
    const bucket = outputs.ResultsBucketName;
    const input = inputOf(options, bucket, set, configurations);
    const result = await runEvaluation(input, set, bucket, outputs.EvaluationStateMachineArn, progress());
    await print(json ? `${JSON.stringify(result)}\n` : asText(result));
    if (result.unfinished > 0) {
      process.stderr.write(
        `assay: ${result.unfinished} items are unfinished. The same command completes them, once there is budget.\n`,
      );
    }
    if (result.variants.length >= 2 && result.verdict === null) {
      throw new WrongUse(`No item was graded for the first two, so nothing could be compared. ${reasonOf(result)}`);
    }
    const passed = await reportGates(result, gate, { junit, markdown });
    const isFinding = gate.length > 0 ? !passed : result.verdict === "worse";
    process.exitCode = isFinding ? exitCode.finding : exitCode.done;
  });

/** Who did not do their part, and where it says why. */
function reasonOf({ id, variants, byVariant }: EvaluationResult): string {
  const silent = variants.filter((variant) => byVariant[variant]?.answered === 0);
  return silent.length > 0
    ? `${silent.join(" and ")} answered nothing: evaluations/${id}/answers/ in the results bucket has the status of each call, and the endpoint's log says why.`
    : "They answered, and the judge graded nothing for both: look at its endpoint, its log and the budget of the day.";
}

/** The bytes of the golden set, checked; `null` where captured questions are asked. */
async function questionsOf(
  golden: string | undefined,
  { from, to, payload, answers, skipInvalid }: Pick<Options, "from" | "to" | "payload" | "answers" | "skipInvalid">,
) {
  if (golden === undefined) {
    if (from === undefined || to === undefined) throw new WrongUse("What is asked? Give --golden SET, or --from TIME --to TIME.");
    if (answers.length > 0) throw new WrongUse("Answers are brought along to a golden set: give --golden, not --from.");
    return null;
  }
  if (from !== undefined || to !== undefined) throw new WrongUse("Give --golden, or --from and --to, not both.");
  const bytes = await readGoldenSet(golden);
  const { items, broken } = await indexGoldenSet(once(bytes), payload);
  const becomes = skipInvalid ? "is left out" : "is broken";
  for (const { line, reason } of broken) process.stderr.write(`assay: ${golden}:${line} ${becomes}: ${reason}.\n`);
  if (items.length === 0) throw new WrongUse(`${golden} holds no item. A line is like {"prompt":"…"}.`);
  if (broken.length > 0 && !skipInvalid)
    throw new WrongUse(`${broken.length} lines of ${golden} are broken: mend them, or give --skip-invalid.`);
  return answers.length === 0 ? bytes : withAnswers(bytes, answers);
}

/** The input with its id: the same questions, asked of the same models in the same way, are the same evaluation. */
function inputOf(
  options: Omit<Options, "stack" | "golden" | "json" | "gate" | "junit" | "markdown">,
  bucket: string,
  set: Uint8Array | null,
  configurations: string[],
): EvaluationInput {
  const { endpoint, variant, target, answers, id, budget, tolerance, payload, parameters, criteria, skipInvalid, concurrency } =
    options;
  const { price, untilDecided } = options;
  const captured = set ? null : { from: moment(options.from!, "--from"), to: moment(options.to!, "--to"), items: options.items };
  const brought = answers.map(({ name }): TargetInput => ({ name, answers: true }));
  const targets = [...variant.map((name): TargetInput => ({ name, variant: name })), ...target, ...brought];
  const content = set && hashOf(set);
  const own = hashOf(
    JSON.stringify([
      content,
      captured,
      endpoint,
      configurations,
      targets,
      tolerance,
      payload,
      parameters,
      criteria,
      skipInvalid,
      price,
      untilDecided,
    ]),
  );
  const named = id ?? own.slice(0, 16);
  const input: EvaluationInput = {
    id: named,
    endpoint,
    ...(content === null ? { captured: captured! } : { goldenSet: { bucket, key: evaluationKeys(named).goldenSet(content) } }),
    targets,
    criteria: criteria ?? null,
    budgetUsd: budget,
    tolerance,
    payload,
    parameters,
    skipInvalid: skipInvalid ?? false,
    prices: price,
    untilDecided: untilDecided ?? false,
    concurrency,
  };
  try {
    readEvaluationRequest(input);
    return input;
  } catch (error) {
    if (error instanceof InvalidEvaluation) throw new WrongUse(error.message, { cause: error });
    throw error;
  }
}

const moment = (text: string, option: string): string => new Date(timeOf(text, option)).toISOString();

/** Says how far it is, on stderr: over and over in one line of a terminal, else when something has changed. */
function progress(): (done: Progress) => void {
  let said = "";
  let shown = 0;
  return ({ items, finished, failed, judgeMicroUsd, secondsLeft }) => {
    const line = `${finished} of ${items ?? "?"} items done, ${failed} with a failure, ${(judgeMicroUsd / 1_000_000).toFixed(4)} USD spent`;
    // How long it takes changes all the time: no reason to say the rest again.
    if (line === said) return;
    said = line;
    const left = secondsLeft === null || finished === items ? "" : `, about ${duration(secondsLeft)} left`;
    const { isTTY } = process.stderr;
    process.stderr.write(isTTY ? `\r${(line + left).padEnd(shown)}${finished === items ? "\n" : ""}` : `${line}${left}\n`);
    shown = line.length + left.length;
  };
}

const duration = (seconds: number): string =>
  seconds < 90 ? `${seconds} s` : seconds < 5_400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3_600).toFixed(1)} h`;

function several(name: string, before: string[]): string[] {
  return [...before, name];
}

function targets(text: string, before: TargetInput[]): TargetInput[] {
  const [, name, rest] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  const [endpoint, kind, of, ...more] = (rest ?? "").split("/");
  if (name === undefined || !endpoint || more.length > 0) throw new InvalidArgumentError("It is like NAME=ENDPOINT/variant/V.");
  if (endpoint === "answers" && kind === undefined) return [...before, { name, answers: true }];
  if (kind === undefined) return [...before, { name, endpoint }];
  if ((kind !== "variant" && kind !== "component") || !of)
    throw new InvalidArgumentError("It is like NAME=ENDPOINT/component/C.");
  return [...before, { name, endpoint, [kind]: of }];
}

function broughtAlong(text: string, before: Options["answers"]): Options["answers"] {
  const [, name, file] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (name === undefined || file === undefined) throw new InvalidArgumentError("It is like NAME=FILE.");
  return [...before, { name, file }];
}

function whole(text: string): number {
  const value = Number(text);
  if (!(Number.isInteger(value) && value > 0)) throw new InvalidArgumentError("It is a whole number above 0.");
  return value;
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
