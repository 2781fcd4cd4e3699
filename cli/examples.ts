import type { Command } from "commander";

/** What one would type, by the command's words; those that show theirs themselves are not here. */
const examples: Readonly<Record<string, readonly string[]>> = {
  "": ["assay doctor captures.jsonl", "assay init", "assay doctor --stack prod"],
  "baseline approve": [
    'assay baseline approve support-chat.json --who "on call" --why "a week in which all was well"',
    "assay baseline approve 2026-03-09T00-00-00Z --stack prod --endpoint support-chat --who me --why reviewed",
  ],
  "baseline create": [
    "assay baseline create --from week.jsonl --out support-chat.json",
    "assay baseline create --stack prod --endpoint support-chat --from 2026-03-02 --to 2026-03-09",
  ],
  "baseline diff": ["assay baseline diff before.json after.json --json"],
  "baseline list": ["assay baseline list support-chat.json", "assay baseline list --stack prod --json"],
  "baseline retire": ["assay baseline retire 2026-03-09T00-00-00Z --stack prod --endpoint support-chat --who me --why outdated"],
  capacity: ["assay capacity --endpoint support-chat"],
  compare: ["assay compare stable.jsonl candidate.jsonl", "assay compare stable.jsonl candidate.jsonl --tolerance 0.02 --json"],
  evaluate: ["assay evaluate --stack prod --endpoint support-chat --golden golden.jsonl --variant stable --variant candidate"],
  "golden lint": ["assay golden lint golden.jsonl --json"],
  "golden promote": [
    "assay golden promote judged.jsonl --into golden.jsonl --by worst",
    "assay golden promote --stack prod --endpoint support-chat --from 2026-03-02 --to 2026-03-09 --into golden.jsonl --by segments",
  ],
  "label import": ["assay label import sheet.csv", "assay label import sheet.csv --stack prod"],
  "label quality": ["assay label quality --stack prod --endpoint support-chat"],
  "label queue": [
    "assay label queue --stack prod --endpoint support-chat --from 2026-03-02 --to 2026-03-09 --count 200 --out sheet.csv",
  ],
  monitor: ["assay monitor now.jsonl --baseline then.jsonl", "assay monitor now.jsonl --baseline then.jsonl --json"],
  plan: ["assay plan --answers 9600", "assay plan --month --answers 9600 --json"],
  "remediation approve": ["assay remediation approve 4f1c2a90b7d3e856 --stack prod --who me"],
  "remediation list": [
    "assay remediation list --stack prod",
    "assay remediation list --stack prod --endpoint support-chat --json",
  ],
  "remediation pause": ["assay remediation pause --stack prod --who me --why maintenance"],
  "remediation reject": ["assay remediation reject 4f1c2a90b7d3e856 --stack prod --who me"],
  "remediation resume": ["assay remediation resume --stack prod"],
  "remediation show": ["assay remediation show 4f1c2a90b7d3e856 --stack prod"],
  "remediation undo": ["assay remediation undo 4f1c2a90b7d3e856 --stack prod --who me"],
  score: ["assay score captures.jsonl > scored.jsonl", "assay score captures.jsonl | head -1"],
};

/** Adds them to the command and those below it. */
export function withExamples(command: Command, words: readonly string[] = []): Command {
  const known = examples[words.join(" ")];
  if (known !== undefined) command.addHelpText("after", `\nExamples:\n${known.map((line) => `  ${line}`).join("\n")}`);
  for (const one of command.commands) withExamples(one, [...words, one.name()]);
  return command;
}
