import { readFile } from "node:fs/promises";
import Table from "cli-table3";
import { Command, InvalidArgumentError } from "commander";
import { type Comparison, compareFinished, compareUntilDecided, morePairsNeeded } from "../shared/statistics/compare.ts";
import { compareTags, type TagComparison } from "../shared/statistics/compareTags.ts";
import { type GradedSet, pairGrades, parseGradedSet, UnusableGradedSet } from "../shared/statistics/gradedSet.ts";
import { exitCodesHelp, WrongUse } from "./exit.ts";
import { print } from "./output.ts";
import { fileReason } from "./reasons.ts";

type Options = { tolerance: number; error: number; criterion?: string; untilDecided?: true; json?: true };

export const compare = new Command("compare")
  .description("compare two sets of graded answers to the same questions: what B is beside A")
  .argument("<a>", 'JSON lines {"id","grade"} or {"id","grades":{…}}, grades from 0 to 1')
  .argument("<b>", "the same questions, answered by the other variant")
  .option("--tolerance <points>", "largest difference of the mean that nobody cares about, from 0 to 1", fraction, 0.02)
  .option("--error <probability>", "how often the interval may miss the true difference", probability, 0.05)
  .option("--criterion <name>", "which of several grades to compare; without it: quality, or the only one")
  .option("--until-decided", "look after every pair, in the order of A, which must be random, and stop at the first verdict")
  .option("--json", "one JSON object instead of a table")
  .addHelpText("after", `\nWithout --until-decided the whole sets are looked at once.${exitCodesHelp}`)
  .action(async (a: string, b: string, { tolerance, error, criterion, untilDecided, json }: Options) => {
    const [setA, setB] = [await readSet(a), await readSet(b)];
    const pairs = usable(() => pairGrades(setA, setB, criterion));
    const comparison = (untilDecided ? compareUntilDecided : compareFinished)(pairs, tolerance, error);
    const moreNeeded = morePairsNeeded(comparison, tolerance);
    const looked = pairs.slice(0, comparison.n).map(({ tags = [], ...pair }) => ({ ...pair, tags }));
    const tags = compareTags({ [criterion ?? "quality"]: looked }, error);
    const more = { ...(moreNeeded === null ? {} : { moreNeeded }), ...(tags.length === 0 ? {} : { tags }) };
    await print(
      json
        ? `${JSON.stringify({ ...comparison, ...more })}\n`
        : `${asText(comparison, tolerance, error, moreNeeded)}${tags.flatMap(tagText).join("")}`,
    );
  });

async function readSet(file: string): Promise<GradedSet> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new WrongUse(`${file} cannot be read: ${fileReason(error)}.`);
  });
  return usable(() => parseGradedSet(file, text));
}

/** What is wrong with a graded set, the user can mend. */
function usable<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof UnusableGradedSet) throw new WrongUse(error.message, { cause: error });
    throw error;
  }
}

function fraction(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0 && value < 1))
    throw new InvalidArgumentError("It is a number from 0, under 1, e.g. 0.02.");
  return value;
}

function probability(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < 1)) throw new InvalidArgumentError("It is a number between 0 and 1, e.g. 0.05.");
  return value;
}

function asText(
  { verdict, difference, lower, upper, n, wins, ties, losses }: Comparison,
  tolerance: number,
  error: number,
  moreNeeded: number | null,
): string {
  const says = {
    better: "B is better than A.",
    worse: "B is worse than A.",
    equivalent: `B and A differ by less than ${tolerance}.`,
    undecided: `Undecided: grade ${moreNeeded === null ? "more" : `about ${moreNeeded} more`} questions, or allow a larger tolerance.`,
  }[verdict];
  const table = new Table({ style: { head: [], border: [] }, colAligns: ["left", "right"] });
  table.push(
    ["mean difference, B - A", signed(difference)],
    [`${percent(1 - error)} interval`, `${signed(lower)} to ${signed(upper)}`],
    ["pairs", n],
    ["B graded higher", wins],
    ["alike", ties],
    ["B graded lower", losses],
  );
  return `${says}\n${table.toString()}\n`;
}

/** Of the tags that stand out: of those, the expected share that should not is at most the error. */
function tagText({ tag, verdict, difference, n }: TagComparison): string[] {
  return verdict === null ? [] : [`Tag ${tag}: B is ${verdict}, ${signed(difference)} on ${n} questions.\n`];
}

function signed(points: number): string {
  return `${points > 0 ? "+" : ""}${points.toFixed(4)}`;
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(4))} %`;
}
