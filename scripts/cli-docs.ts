/** Writes docs/cli.md (or the file that is named): every command with its help. Run it after one was changed; a test compares. */
import { writeFileSync } from "node:fs";
import type { Command } from "commander";
import { program } from "../cli/program.ts";

const head = `# The command line

In a checkout \`npx assay …\` works after \`npm ci\`, with no build. Commands on files need no account; those with \`--stack\` or \`s3://\` use the
credentials and the region of your AWS profile, or of an embedded AWS that \`AWS_ENDPOINT_URL\` names.

- **Output.** Tables and sentences are for people; \`--json\` prints one JSON object, or one a line, for programs. Both go to stdout. Progress goes to stderr, and
  only where that is a terminal, but for \`assay evaluate\`, whose pipeline logs it; so do errors, as one sentence that says what to do next. Colours appear on a terminal only, and not with \`NO_COLOR\` set.
- **Exit codes.**

| code | means |
|---|---|
| 0 | done, and nothing was found |
| 1 | a finding, a problem of the stack, a failed gate, or a proposal that could not be carried out |
| 2 | wrong use, or something is missing: a file, a credential, a stack. Nothing was changed |

A defect of ours ends with 2, too, and prints where it happened.
`;

const sections: string[] = [];
function describe(command: Command, words: string[]): void {
  if (command.commands.length > 0) {
    for (const one of command.commands) describe(one, [...words, one.name()]);
    return;
  }
  let help = "";
  command.configureOutput({ writeOut: (part) => (help += part), getOutHelpWidth: () => 120 });
  command.outputHelp();
  sections.push(`## assay ${words.join(" ")}\n\n\`\`\`text\n${help.trim()}\n\`\`\`\n`);
}
describe(program, []);
writeFileSync(process.argv[2] ?? new URL("../docs/cli.md", import.meta.url), `${head}\n${sections.join("\n")}`);
