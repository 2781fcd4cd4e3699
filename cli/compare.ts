import { readFile } from "node:fs/promises";
import Table from "cli-table3";
import { Command, InvalidArgumentError } from "commander";
import { type FiguresBeside, figuresBeside } from "../shared/evaluation/gradedFigures.ts";
import { priceSchema } from "../shared/evaluation/prices.ts";
import { type Comparison, compareFinished, compareUntilDecided, morePairsNeeded } from "../shared/statistics/compare.ts";
import { compareTags, type TagComparison } from "../shared/statistics/compareTags.ts";
import {
  criteriaInBoth,
  type GradedPair,
  type GradedSet,
  pairGrades,
  parseGradedSet,
  UnusableGradedSet,
} from "../shared/statistics/gradedSet.ts";
import { prices } from "./evaluate/gates.ts";
import { exitCodesHelp, WrongUse } from "./exit.ts";
import { print } from "./output.ts";
import { fileReason } from "./reasons.ts";

type Options = {
  tolerance: number;
  error: number;
  criterion?: string;
  price: Record<string, object>;
  untilDecided?: true;
  json?: true;
};

export const compare = new Command("compare")
  .description("compare two sets of graded answers to the same questions: what B is beside A")
  .argument(
    "<a>",
    'JSON lines {"id","grade"} or {"id","grades":{…}}, grades from 0 to 1; also tags, latencyMs, promptTokens, completionTokens',
  )
  .argument("<b>", "the same questions, answered by the other variant")
  .option("--tolerance <points>", "largest difference of the mean that nobody cares about, from 0 to 1", fraction, 0.02)
  .option("--error <probability>", "how often the interval may miss the true difference", probability, 0.05)
  .option(
    "--criterion <name>",
    "the one grade to compare; without it all that both have, quality or the first of them before the others",
  )
  .option(
    "--price <price>",
    "a=IN/OUT or b=IN/OUT, dollars per million tokens; or a=USD/h of its instances, *N where they work on N answers at once",
    prices,
    {},
  )
  .option("--until-decided", "look after every pair, in the order of A, which must be random, and stop at the first verdict")
  .option("--json", "one JSON object instead of a table")
  .addHelpText("after", `\nWithout --until-decided the whole sets are looked at once.${exitCodesHelp}`)
  .action(async (a: string, b: string, { tolerance, error, criterion, price, untilDecided, json }: Options) => {
    const [setA, setB] = [await readSet(a), await readSet(b)];
    const priced = Object.entries(price).map(([name, given]) => {
      if (name !== "a" && name !== "b") throw new WrongUse(`--price is of a or b, and there is no ${name}.`);
      return [name, priceSchema.parse(given)] as const; // the option has read it
    });
    const [first, ...others] = usable(() => (criterion === undefined ? criteriaInBoth(setA, setB) : [criterion]));
    const compared = (pairs: readonly GradedPair[]): Compared => {
      const comparison = (untilDecided ? compareUntilDecided : compareFinished)(pairs, tolerance, error);
      const moreNeeded = morePairsNeeded(comparison, tolerance);
      return { ...comparison, ...(moreNeeded === null ? {} : { moreNeeded }) };
    };
    const pairs = usable(() => pairGrades(setA, setB, first!)); // there is one
    const comparison = compared(pairs);
    // The others are looked at on the same questions, so that no more of them is needed.
    const looked = (of: readonly GradedPair[]) => of.slice(0, comparison.n).map(({ tags = [], ...pair }) => ({ ...pair, tags }));
    const byCriterion = Object.fromEntries([
      [first!, looked(pairs)],
      ...others.map((name) => [name, looked(usable(() => pairGrades(setA, setB, name)))] as const),
    ]);
    const criteria = Object.fromEntries(others.map((name) => [name, compared(byCriterion[name]!)]));
    const tags = compareTags(byCriterion, error);
    const figures = figuresBeside(setA, setB, byCriterion[first!]!, Object.fromEntries(priced));
    const more = {
      ...(others.length === 0 ? {} : { criterion: first, criteria }),
      ...(tags.length === 0 ? {} : { tags }),
      ...(isSaid(figures) ? { figures } : {}),
    };
    await print(
      json
        ? `${JSON.stringify({ ...comparison, ...more })}\n`
        : [
            asText(comparison, tolerance, error),
            ...Object.entries(criteria).map(([name, of]) => criterionText(name, of)),
            ...tags.flatMap(tagText),
            ...(isSaid(figures) ? [figuresText(figures)] : []),
          ].join(""),
    );
  });

type Compared = Comparison & { moreNeeded?: number };

const isSaid = ({ a, b }: FiguresBeside) => [a, b].some((of) => Object.values(of).some((figure) => figure !== null));

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
  { verdict, difference, lower, upper, n, wins, ties, losses, moreNeeded }: Compared,
  tolerance: number,
  error: number,
): string {
  const says = {
    better: "B is better than A.",
    worse: "B is worse than A.",
    equivalent: `B and A differ by less than ${tolerance}.`,
    undecided: `Undecided: grade ${moreNeeded === undefined ? "more" : `about ${moreNeeded} more`} questions, or allow a larger tolerance.`,
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

function criterionText(name: string, { verdict, difference, lower, upper }: Comparison): string {
  return `${name}: ${verdict === "undecided" ? verdict : `B is ${verdict}`}, ${signed(difference)} (${signed(lower)} to ${signed(upper)}).\n`;
}

/** What neither file says is left out. */
function figuresText({ a, b, costRatio }: FiguresBeside): string {
  const table = new Table({ head: ["", "A", "B"], style: { head: [], border: [] }, colAligns: ["left", "right", "right"] });
  const row = (name: string, of: (figures: FiguresBeside["a"]) => string | undefined) => {
    const [ofA, ofB] = [of(a), of(b)];
    if (ofA !== undefined || ofB !== undefined) table.push([name, ofA ?? "—", ofB ?? "—"]);
  };
  const usd = (value: number) => value.toPrecision(3);
  row("p50 latency", ({ latencyMs }) => (latencyMs === null ? undefined : `${Math.round(latencyMs.p50)} ms`));
  row("p95 latency", ({ latencyMs }) => (latencyMs === null ? undefined : `${Math.round(latencyMs.p95)} ms`));
  row("tokens an answer", ({ tokens }) => (tokens === null ? undefined : String(Math.round(tokens.prompt + tokens.completion))));
  row("1,000 good answers", ({ costPerThousandGood: cost }) =>
    cost === null ? undefined : `${usd(cost.usd)} USD (${usd(cost.lower)} to ${usd(cost.upper)})`,
  );
  const beside =
    costRatio === null
      ? ""
      : `A good answer of B costs ${usd(costRatio.ratio)} times that of A (${usd(costRatio.lower)} to ${usd(costRatio.upper)}).\n`;
  return `${table.toString()}\n${beside}`;
}

/** Of the tags that stand out: of those, the expected share that should not is at most the error. */
function tagText({ criterion, tag, verdict, difference, n }: TagComparison): string[] {
  return verdict === null ? [] : [`Tag ${tag}, ${criterion}: B is ${verdict}, ${signed(difference)} on ${n} questions.\n`];
}

function signed(points: number): string {
  return `${points > 0 ? "+" : ""}${points.toFixed(4)}`;
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(4))} %`;
}
