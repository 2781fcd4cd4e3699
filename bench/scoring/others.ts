import { createRequire } from "node:module";
import { join } from "node:path";
import { Levenshtein, ValidJSON } from "autoevals";
import { jsonScore } from "../../shared/scoring/json.ts";
import { refusal } from "../../shared/scoring/refusal.ts";
import type { Subject } from "../../shared/scoring/scorer.ts";
import { similarity } from "../../shared/scoring/similarity.ts";
import { labelledSubjects, textsAsSubject } from "../../test/shared/scoring/labelled.ts";
import { chanceFrom } from "../chance.ts";
import { drawLines } from "./traffic.ts";

type Check = (prompt: string, output: string, expected: string) => unknown;
type Sample = { prompt: string; output: string; expected: string };
type PromptfooAssertion = { type: string; value?: string; threshold?: number };
type Promptfoo = { assertions: { runAssertion(options: object): Promise<{ pass: boolean }> } };

const rounds = 5;

/**
 * The checks that other evaluation tools have, too, on the same texts: microseconds a check. autoevals comes with the development
 * packages; promptfoo and its hundreds of packages do not, and are measured where ASSAY_PROMPTFOO names a folder that it is installed in.
 */
export async function comparedChecks(): Promise<{ figures: Record<string, number>; references: Record<string, number> }> {
  const samples = samplesOf();
  const ours = (score: (subject: Subject) => number | null, request: unknown): Check => {
    return (prompt, output, expected) => score(textsAsSubject(prompt, output, expected, request));
  };
  const wantsJson = { response_format: { type: "json_object" } };
  const figures = {
    "check.json": await perCheck(samples.json, ours(jsonScore.score, wantsJson)),
    "check.similarity": await perCheck(samples.prose, ours(similarity.score, null)),
    "check.refusal": await perCheck(samples.prose, ours(refusal.score, null)),
  };
  const references: Record<string, number> = {
    "check.json.autoevals": await perCheck(samples.json, (_, output) => ValidJSON({ output })),
    "check.similarity.autoevals": await perCheck(samples.prose, (_, output, expected) => Levenshtein({ output, expected })),
  };
  const promptfoo = await loadPromptfoo();
  if (promptfoo !== null) {
    const by = (assertion: PromptfooAssertion, wantsValue = false): Check => {
      return (prompt, output, expected) =>
        promptfoo.assertions.runAssertion({
          prompt,
          assertion: wantsValue ? { ...assertion, value: expected } : assertion,
          test: { vars: {} },
          providerResponse: { output },
          latencyMs: 1,
        });
    };
    references["check.json.promptfoo"] = await perCheck(samples.json, by({ type: "is-json" }));
    references["check.similarity.promptfoo"] = await perCheck(samples.prose, by({ type: "rouge-n", threshold: 0.5 }, true));
    references["check.refusal.promptfoo"] = await perCheck(samples.prose, by({ type: "is-refusal" }));
    Object.assign(references, await promptfooOnRefusals(promptfoo));
  }
  return { figures, references };
}

/** How many refusals of our labelled examples promptfoo finds: its list of phrases is English. */
async function promptfooOnRefusals(promptfoo: Promptfoo): Promise<Record<string, number>> {
  let right = 0;
  let found = 0;
  const examples = labelledSubjects().get("refusal")!; // the scorer is in the set
  for (const { subject, isBad } of examples) {
    const { pass } = await promptfoo.assertions.runAssertion({
      prompt: subject.prompt.raw,
      assertion: { type: "is-refusal" },
      test: { vars: {} },
      providerResponse: { output: subject.completion.raw },
      latencyMs: 1,
    });
    if (pass) found++;
    if (pass && isBad) right++;
  }
  return {
    "refusal.precision.promptfoo": found === 0 ? 1 : right / found,
    "refusal.recall.promptfoo": right / examples.filter(({ isBad }) => isBad).length,
  };
}

function samplesOf(): { json: Sample[]; prose: Sample[] } {
  const outputs = drawLines(1_500, chanceFrom(3)).map(({ payloads: [request, response] }) => {
    const { messages } = JSON.parse(request!) as { messages: { content: string }[] };
    const { choices } = JSON.parse(response!) as { choices: { message: { content: string } }[] };
    return { prompt: messages.at(-1)!.content, output: choices[0]!.message.content };
  });
  const all = outputs.map((sample, i): Sample => ({ ...sample, expected: outputs[(i + 1) % outputs.length]!.output }));
  const isJson = ({ output }: Sample) => output.startsWith("{");
  return { json: all.filter(isJson), prose: all.filter((sample) => !isJson(sample)).slice(0, 100) };
}

async function perCheck(samples: readonly Sample[], check: Check): Promise<number> {
  const taken: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    for (const { prompt, output, expected } of samples) await check(prompt, output, expected);
    const { user, system } = process.cpuUsage(before);
    taken.push((user + system) / samples.length);
  }
  return Math.min(...taken);
}

async function loadPromptfoo(): Promise<Promptfoo | null> {
  const folder = process.env.ASSAY_PROMPTFOO;
  if (folder === undefined) {
    process.stderr.write("ASSAY_PROMPTFOO names no folder in which promptfoo is installed: measured without it\n");
    return null;
  }
  process.env.PROMPTFOO_DISABLE_TELEMETRY = "1";
  const loaded = createRequire(join(folder, "package.json"))("promptfoo") as { default?: Promptfoo } & Promptfoo;
  return loaded.default ?? loaded;
}
