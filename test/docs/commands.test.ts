import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import type { Command } from "commander";
import { program } from "../../cli/program.ts";
import { demoOptions } from "../../local/demo/options.ts";
import { asJson, record } from "../shared/capture/records.ts";
import { resultsOf } from "../shared/reporting/facts.ts";
import { mentioned, runShown, type Shown, shown, shownFor, testOf, wordsOf } from "./shown.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-docs-"));
afterAll(() => rmSync(folder, { recursive: true }));

const lines = (count: number, line: (n: number) => object) =>
  Array.from({ length: count }, (_, n) => `${JSON.stringify(line(n))}\n`).join("");
const answers = lines(240, (n) => ({
  ...{
    eventId: `e${n}`,
    time: new Date(Date.parse("2026-03-02T00:00:00Z") + n * 360_000).toISOString(),
    endpoint: "support-chat",
  },
  ...{ variant: "stable", outcome: "answered", segment: "all", scores: {}, pi: 0.5, completion: "Soon." },
  messages: [{ role: "user", content: `When will my parcel number ${n} be here?` }],
  judgement: { status: "graded", grades: { quality: n % 4 === 0 ? 0.8 : 0.9 } },
}));
const asked = { messages: [{ role: "user", content: "May I return the shoes?" }] };
const said = { choices: [{ message: { content: "Yes, within 30 days." }, finish_reason: "stop" }] };
const files: Record<string, string> = {
  "captures.jsonl": `${JSON.stringify(record({ input: asJson(asked), output: asJson(said) }))}\n`,
  ...Object.fromEntries(["now", "then", "week", "judged"].map((name) => [`${name}.jsonl`, answers])),
  ...Object.fromEntries(
    ["a", "b", "stable", "candidate"].map((name) => [`${name}.jsonl`, lines(60, (n) => ({ id: `q${n}`, grade: (n % 5) / 5 }))]),
  ),
  "golden.jsonl": lines(3, (n) => ({ prompt: `What does the delivery of ${n + 2} parcels cost?` })),
  ...Object.fromEntries(["sheet", "labels"].map((name) => [`${name}.csv`, "id,grade\ne1,0.5\n"])),
  ...Object.fromEntries(
    Object.entries(resultsOf("support-chat", ["stable"], 1, "harmless")).map(([key, value]) => [
      `results/${key}`,
      JSON.stringify(value),
    ]),
  ),
};
for (const [name, text] of Object.entries(files)) {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}

test("some test runs each command that the docs show", () => {
  expect(shown.length).toBeGreaterThan(80);
  expect(shown.filter(({ command }) => testOf(command) === null)).toEqual([]);
  const here = "test/docs/commands.test.ts";
  // Of the framework's commands only stage and region are read, and those tests deploy, package and remove in theirs.
  const run = shown.filter(({ command }) => !command.startsWith("npx serverless "));
  const elsewhere = [...new Set(run.map(({ command }) => testOf(command)!))].filter((path) => path !== here);
  // The others run what is shown for them, whatever that becomes.
  expect(elsewhere.filter((path) => !readFileSync(path, "utf8").includes(`shownFor("${path}"`))).toEqual([]);
});

const ofFiles = shownFor("test/docs/commands.test.ts", /^assay /);
// Baselines that others read are created first.
const created = ofFiles.filter(({ command }) => command.includes("baseline create"));
test.each([...created, ...ofFiles.filter((one) => !created.includes(one))])("$page: $command", async ({ command }) => {
  const instead = {
    "--results results": `--results ${join(folder, "results")} --from 2026-03-02 --to 2026-03-02T01:00 --out report.html`,
  };
  const { code, stdout } = await runShown(command, folder, { instead });
  expect(code).toBe(0);
  expect(stdout).not.toBe("");
  if (command.includes("baseline create"))
    for (const name of ["before.json", "after.json"])
      writeFileSync(join(folder, name), readFileSync(join(folder, "support-chat.json")));
});

test.each(shownFor("test/docs/commands.test.ts", /^npm start/))("$page: the demo understands $command", ({ command }) => {
  // What it then plays, the tests of test/e2e and test/days look at.
  const args = wordsOf(command.replace("DIR", folder).replace("URL", "http://127.0.0.1:11434/v1")).slice(3);
  expect(demoOptions(args)).toMatchObject({ port: 4566 });
});

const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };
const ofNpm = ({ command }: Shown) => /^npm (?!start|ci$)/.test(command);
test.each([...shown.filter(ofNpm), ...mentioned.filter(ofNpm)])("$page: there is $command", ({ command }) => {
  const [, verb, name] = wordsOf(command);
  expect(Object.keys(scripts)).toContain(verb === "run" ? name : verb);
  // A bench takes minutes; what it measures, tests of its own look at.
  const [, bench] = /^npm run bench -- (\w+)/.exec(command) ?? [];
  if (bench !== undefined) expect([bench, existsSync(`bench/${bench}.ts`)]).toEqual([bench, true]);
});

test.each(mentioned.filter(({ command }) => command.startsWith("assay ")))(
  "$page: `$command` is a command, and has its options",
  ({ command }) => {
    let found: Command = program;
    for (const word of wordsOf(command).slice(1)) {
      const next = found.commands.find((one) => one.name() === word);
      if (next === undefined) break;
      found = next;
    }
    expect([found === program, found.commands.length]).toEqual([false, 0]);
    const known = [...found.options.map(({ long }) => long), "--help"];
    for (const [option] of command.matchAll(/--[\w-]+/g)) expect(known).toContain(option);
  },
);
