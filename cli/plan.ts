import { readFile } from "node:fs/promises";
import Table from "cli-table3";
import { Command, InvalidArgumentError } from "commander";
import type { Assay } from "../shared/config/assay.ts";
import { type Baseline, parseBaseline, UnusableBaseline } from "../shared/monitoring/baseline.ts";
import { answersPerDayOf, type MonitoringPlan, monitoringPlan } from "../shared/monitoring/monitoringPlan.ts";
import { exitCodesHelp, WrongUse } from "./exit.ts";
import { print } from "./output.ts";
import { dollars, monthAsText, planMonth } from "./plan/month.ts";
import { fileReason } from "./reasons.ts";
import { readAssay, usualConfig } from "./settings.ts";

type Options = {
  config: string;
  endpoint?: string;
  answers?: number;
  tokens: number;
  baseline?: string;
  month?: true;
  json?: true;
};

export const plan = new Command("plan")
  .description(
    "what the evaluation budget buys: judged answers, width of the interval, how soon which drop is found, for how much",
  )
  .option("--config <file>", "assay.yml with budget, price, tolerance and false alarms", usualConfig())
  .option("--endpoint <name>", "which endpoint; without it, the only one that has a judge")
  .option("--answers <number>", "answers in a day, all variants together; without it, those of the baseline", positive)
  .option("--tokens <number>", "question and answer of an average request, in tokens", positive, 500)
  .option("--baseline <file>", "a baseline that `assay baseline create --out` wrote: how grades spread, and how many there are")
  .option("--month", "what a month of the stack costs, for 1, 10 and 100 such endpoints, beside others' published prices")
  .option("--json", "one JSON object instead of tables")
  .addHelpText(
    "after",
    "\nDelays are medians of a rule that was fitted to simulations, and rather cautious; `npm run bench -- alarms` measures some." +
      ` Without a baseline, grades are supposed to be pass or fail, and the target met.${exitCodesHelp}`,
  )
  .action(async ({ config, endpoint, answers, tokens, baseline: file, month, json }: Options) => {
    const assay = await readAssay(config);
    if (month) {
      if (answers === undefined) throw new WrongUse("How much is asked? Give --answers PER-DAY, of one endpoint.");
      const [first] = Object.keys(assay.endpoints);
      const of = endpoint ?? first!; // the schema wants at least one
      if (!Object.hasOwn(assay.endpoints, of)) throw new WrongUse(`${config} lists no endpoint ${of}.`);
      const planned = planMonth(assay, of, answers);
      return print(json ? `${JSON.stringify(planned)}\n` : monthAsText(planned));
    }
    const name = endpointOf(assay, endpoint, config);
    const baseline = file === undefined ? null : await readBaseline(file, name);
    const answersPerDay = answers ?? (baseline && answersPerDayOf(baseline));
    if (answersPerDay === null) throw new WrongUse("How much is asked? Give --answers PER-DAY, or --baseline FILE.");
    const planned = monitoringPlan(assay, name, { answersPerDay, tokensPerAnswer: tokens, baseline });
    await print(json ? `${JSON.stringify(planned)}\n` : asText(planned));
  });

function endpointOf({ endpoints }: Assay, given: string | undefined, config: string): string {
  const judged = Object.keys(endpoints).filter((name) => endpoints[name]!.judge !== null);
  if (given !== undefined) {
    if (judged.includes(given)) return given;
    throw new WrongUse(`${config} lists no endpoint ${given} with a judge. With one: ${judged.join(", ") || "none"}.`);
  }
  if (judged.length === 1) return judged[0]!;
  throw new WrongUse(
    judged.length === 0
      ? `No endpoint of ${config} has a judge, so there is no budget to plan.`
      : `Which endpoint? Give --endpoint, one of ${judged.join(", ")}.`,
  );
}

async function readBaseline(file: string, endpoint: string): Promise<Baseline> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new WrongUse(`${file} cannot be read: ${fileReason(error)}.`);
  });
  try {
    const baseline = parseBaseline(text, file);
    if (baseline.endpoint === endpoint) return baseline;
    throw new WrongUse(`${file} is a baseline of ${baseline.endpoint}, not of ${endpoint}.`);
  } catch (error) {
    if (error instanceof UnusableBaseline) throw new WrongUse(error.message, { cause: error });
    throw error;
  }
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < Infinity)) throw new InvalidArgumentError("It is a number over 0, e.g. 5000.");
  return value;
}

function asText(plan: MonitoringPlan): string {
  const { falseAlarms, drops, halfTheFalseAlarms, twiceTheBudget } = plan;
  const because = {
    budget: "the budget pays for no more",
    traffic: "that is all of them; the budget would pay for more",
    rate: "that is what sampling.rate chooses; the budget would pay for more",
  };
  const table = new Table({
    head: ["drop of one variant", "judged of it", "found after", "spent by then", "½ the false alarms", "2 × the budget"],
    colAligns: ["right", "right", "right", "right", "right", "right"],
    style: { head: [], border: [] },
  });
  for (const [i, { drop, judged, hours, usd }] of drops.entries()) {
    const [rarer, richer] = [halfTheFalseAlarms[i]!, twiceTheBudget[i]!];
    table.push([
      drop.toFixed(2),
      judged === null ? "—" : Math.ceil(judged),
      span(hours),
      usd === null ? "—" : dollars(usd),
      span(rarer.hours),
      richer.hours === null ? "—" : `${span(richer.hours)}, ${dollars(richer.usd!)}`, // where it is found, it has a price
    ]);
  }
  const found = plan.dropFoundInOneDay;
  return [
    `${plan.endpoint}: ${Math.round(plan.judgedPerDay)} of ${Math.round(plan.answersPerDay)} answers are judged in a day, for ` +
      `${dollars(plan.usdPerDay)} (${dollars(plan.usdPerJudgement)} each); ${because[plan.limitedBy]}.`,
    `A day of one of its ${plan.variants} variants is known within ± ${plan.halfWidthDay.toFixed(3)}, 95 times of 100.`,
    `The fleet may cry wolf ${falseAlarms.count === 1 ? "once" : `${falseAlarms.count} times`} in ${falseAlarms.days} days. ${counted(plan.rules.judged)} of judged grades share ${plan.judgedFalseAlarms === falseAlarms.count ? "all" : "half"} of that, ` +
      `so each alarms at evidence e^${plan.lnA.toFixed(2)}; ${counted(plan.rules.others)} of cheap signals, judges and captures share the rest.`,
    table.toString(),
    found === null ? "No drop is found within a day." : `A day finds a drop of ${found.toFixed(3)}.`,
    `A drop within ${plan.margin.toFixed(3)} is found at no budget; a larger baseline or a smaller quality.tolerance would.`,
    "",
  ].join("\n");
}

function counted(rules: number): string {
  return `${rules} ${rules === 1 ? "rule" : "rules"}`;
}

function span(hours: number | null): string {
  if (hours === null) return "—";
  return hours < 48 ? `${hours.toFixed(1)} h` : `${(hours / 24).toFixed(1)} d`;
}
