import { expect, test } from "@jest/globals";
import type { Command } from "commander";
import { program } from "../../cli/program.ts";

/** Every command that does something, by its words. */
function commandsOf(command: Command, words: string[] = []): { words: string; command: Command }[] {
  return command.commands.flatMap((one) => {
    const own = [...words, one.name()];
    return one.commands.length > 0 ? commandsOf(one, own) : [{ words: own.join(" "), command: one }];
  });
}
const commands = commandsOf(program);

function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return text;
}

test("the commands are those of the design, and more", () =>
  expect(commands.map(({ words }) => words)).toEqual(
    expect.arrayContaining(
      [
        "doctor",
        "score",
        "monitor",
        "compare",
        "plan",
        "evaluate",
        "report",
        "init",
        "local",
        "baseline create",
        "label import",
      ].concat(["remediation list"]),
    ),
  ));

/** Its output is data by itself: JSON lines. */
const printsData = ["score"];

test.each(commands)("assay $words explains itself: what it does, examples, exit codes, --json", ({ words, command }) => {
  const help = helpOf(command);
  expect(command.description()).not.toBe("");
  expect(help).toMatch(/\nExamples?:\n/);
  expect(help).toMatch(new RegExp(`^ {2}(?:\\$ )?(?:.*&& )?assay ${words.split(" ")[0]}`, "m"));
  expect(help).toContain("Exit codes: 0 done, 1 ");
  const hasJson = command.options.some(({ long }) => long === "--json");
  expect(hasJson || printsData.includes(words)).toBe(true);
});

test("every example is a command that there is, with options that it has", () => {
  for (const { words, command } of commands) {
    for (const [, line = ""] of helpOf(command).matchAll(/^ {2}(?:\$ )?assay (.*)$/gm)) {
      const found = commands.filter(({ words: own }) => line === own || line.startsWith(`${own} `));
      expect([words, line, found.length > 0]).toEqual([words, line, true]);
      const known = [...found[0]!.command.options.map(({ long }) => long), "--help"];
      for (const [option] of line.matchAll(/--[\w-]+/g)) expect(known).toContain(option);
    }
  }
});
