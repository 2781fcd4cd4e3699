import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { program } from "../../cli/program.ts";

export type Shown = { page: string; command: string };

const pages = [
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  ...readdirSync("docs").flatMap((name) => (name.endsWith(".md") ? [`docs/${name}`] : [])),
];

/** A prompt, a step of a pipeline or a setting of the environment may stand before it; two spaces and an explanation behind it. */
const commandLine = /^\s*(?:\$ |- run: )?(?:[A-Z_]+=\S+ )*((?:npx|npm|node|aws|assay) .*?)(?: {2,}.*| # .*)?$/;

/** Every command of a page that somebody could type in: a line of a block. */
function commandsOf(page: string): Shown[] {
  const lines: string[] = [];
  let fenced = false;
  for (const line of readFileSync(page, "utf8").split("\n")) {
    if (line.startsWith("```")) fenced = !fenced;
    const last = lines.at(-1);
    // A command goes on after a backslash, and as long as a quotation is open.
    if (last?.endsWith("\\")) lines[lines.length - 1] = `${last.slice(0, -1).trimEnd()} ${line.trim()}`;
    else if (last && commandLine.test(last) && last.split("'").length % 2 === 0)
      lines[lines.length - 1] = `${last} ${line.trim()}`;
    else if (fenced || line.startsWith("    ")) lines.push(line);
  }
  return lines.flatMap((line) => {
    const whole = commandLine.exec(line)?.[1];
    // What a shell does with the output is the shell's.
    return (whole?.split(" && ") ?? []).map((one) => ({
      page,
      command: one.replace(/ [|>] .*/, "").replace(/^npx assay /, "assay "),
    }));
  });
}

/** Within a sentence, what begins with `npx` is meant to be typed in, unless an ellipsis says that something is left out. */
const inSentence = (page: string): Shown[] =>
  [...readFileSync(page, "utf8").matchAll(/`(npx (?:assay|serverless) [^`…]+)`/g)].map(([, command = ""]) => ({
    page,
    command: command.replace(/^npx assay /, "assay "),
  }));

/** All of them, each once. */
export const shown: readonly Shown[] = [
  ...new Map(pages.flatMap((page) => [...inSentence(page), ...commandsOf(page)]).map((one) => [one.command, one])).values(),
];

/** Commands that are mentioned within a sentence: parts of one, perhaps. */
export const mentioned: readonly Shown[] = pages.flatMap((page) =>
  [...readFileSync(page, "utf8").matchAll(/`(?:npx )?((?:assay|npm run) [a-z][^`]*)`/g)].map(([, command = ""]) => ({
    page,
    command,
  })),
);

const evaluation = "test/e2e/evaluation.test.ts";
const lifecycle = "test/e2e/lifecycle.test.ts";
const init = "test/cli/init.wire.test.ts";
const stack = "test/e2e/baseline.test.ts";
const awsCli = "test/e2e/awsCli.test.ts";
const files = "test/docs/commands.test.ts";
/** Which test runs a command, by how it reads; the first that fits. */
const runs: readonly { reads: RegExp; test: string }[] = [
  { reads: /^assay (evaluate |report --evaluation )/, test: evaluation },
  { reads: /^assay (remediation |report --remediation )/, test: lifecycle },
  { reads: /^assay (init|local)\b/, test: init },
  { reads: /^assay (.* --stack |doctor s3:|capacity |report --endpoint )/, test: stack },
  { reads: /^assay /, test: files },
  { reads: /^aws (--endpoint-url \S+ )?s3 /, test: awsCli },
  { reads: /^aws /, test: stack },
  { reads: /^npx serverless package --region [\w-]+$/, test: "test/infrastructure/package.test.ts" },
  { reads: /^npx serverless (deploy|remove) --stage \w+ --region [\w-]+$/, test: lifecycle },
  { reads: /^(npm|node) /, test: files },
];

/** The test file that runs it, or `null` where nobody does. */
export const testOf = (command: string): string | null => runs.find(({ reads }) => reads.test(command))?.test ?? null;

/** What a test has to run. */
export const shownFor = (test: string, begins: RegExp = /^/): Shown[] =>
  shown.filter(({ command }) => testOf(command) === test && begins.test(command));

/** The words of a command as a shell would see them. */
export const wordsOf = (command: string): string[] =>
  [...command.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) =>
    word.replaceAll(/'([^']*)'|"([^"]*)"/g, (_, single, double) => single ?? double),
  );

/**
 * Runs `assay …` in this process, which is quicker than one of its own, with files in `folder`, and what is but a name replaced.
 * @param instead words, or options with their value, by what stands for them on the page
 * @throws what the command throws, such as WrongUse
 */
export async function runShown(
  command: string,
  folder: string,
  {
    env = {},
    instead = {},
    more = [],
  }: { env?: Record<string, string>; instead?: Record<string, string>; more?: readonly string[] } = {},
): Promise<{ code: number; stdout: string }> {
  const words = wordsOf(Object.entries(instead).reduce((text, [name, value]) => text.replaceAll(name, value), command));
  const args = words
    .slice(1)
    .filter((word) => word !== "--open") // no browser while tests run
    .map((word) => (/^[\w-]+\.(jsonl?|csv|html|xml|md)$/.test(word) ? join(folder, word) : word));
  const before = { env: { ...process.env }, write: process.stdout.write, code: process.exitCode };
  let stdout = "";
  try {
    Object.assign(process.env, env);
    process.exitCode = 0;
    process.stdout.write = ((text: string) => {
      stdout += text;
      return true;
    }) as typeof process.stdout.write;
    await program.parseAsync([...args, ...more], { from: "user" });
    return { code: Number(process.exitCode), stdout };
  } finally {
    process.stdout.write = before.write;
    process.exitCode = before.code;
    for (const name of Object.keys(env)) {
      if (before.env[name] === undefined) delete process.env[name];
      else process.env[name] = before.env[name];
    }
  }
}
