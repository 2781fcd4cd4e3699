/** Writes docs/cost.md (or the file that is named): what a month costs. Run it after prices, metrics, alarms or measured calls changed; a test compares. */
import { readFileSync, writeFileSync } from "node:fs";
import { planMonth } from "../cli/plan/month.ts";
import { parseAssay } from "../shared/config/load.ts";
import { measured } from "../shared/cost/measured.ts";
import { alternatives, prices } from "../shared/cost/prices.ts";

const assay = parseAssay(readFileSync(new URL("../assay.yml", import.meta.url), "utf8"), "assay.yml");
const traffics = [1_000, 9_600, 100_000];
const endpoint = "support-chat";
const whole = (n: number) => Math.round(n).toLocaleString("en-US");
const usd = (n: number) => (n < 100 ? n.toFixed(2) : whole(n));

function tableOf(answersPerDay: number): string {
  const { sizes } = planMonth(assay, endpoint, answersPerDay);
  const row = (what: string, of: (size: (typeof sizes)[number]) => number) =>
    `| ${what} | ${sizes.map((size) => usd(of(size))).join(" | ")} |`;
  return [
    `### ${whole(answersPerDay)} answers a day from each endpoint`,
    "",
    `| dollars a month | ${sizes.map(({ endpoints }) => `${endpoints} endpoint${endpoints === 1 ? "" : "s"}`).join(" | ")} |`,
    "|---|--:|--:|--:|",
    ...sizes[0]!.lines.map(({ what }, i) => row(what, ({ lines }) => lines[i]!.usd)),
    row("**Assay, without judges**", (size) => size.usd),
    row("judges, at most (the budgets of assay.yml)", ({ judgesAtMostUsd }) => judgesAtMostUsd),
    ...alternatives.map(({ name }, i) => row(name, (size) => size.alternatives[i]!.usd)),
    "",
  ].join("\n");
}

const calls = Object.keys(measured.file) as (keyof typeof measured.file)[];
const page = `# What a month costs

    npx assay plan --month --answers 9600          # for an endpoint of your assay.yml

computes this page for your configuration. Below it is done for the example [assay.yml](../assay.yml): two variants, a judge with one criterion, a serving
budget. Figures are dollars a month in us-east-1, at list prices and without free tiers; elsewhere it is up to a third more. What judges cost is yours to
set: the evaluation budget is hard, and most endpoints need less. Your endpoints' instances are not in it: Assay adds none. A hundred endpoints are
several stacks ([deploying](deploying.md)), which cost a dollar or two each by being there.

${traffics.map(tableOf).join("\n")}
Most of it is CloudWatch: each metric that has something to say costs $${prices.metricMonth}, whatever the traffic. \`scorers.off\` in assay.yml leaves out those that
tell you nothing, and fewer variants and criteria help as well. Traffic itself is cheap: SageMaker writes a file a minute and instance, however many records it holds.

## Where the figures come from

- **Calls** are counted, not guessed: \`npm run bench -- cost\` plays hours of the demo's traffic through the deployed stack and prints what each capture
  file, each judged answer and each tick of the drift workflow (four an hour) called, beside what this page uses:

| calls for each | ${calls.join(" | ")} |
|---|${calls.map(() => "--:").join("|")}|
${(["file", "judged", "tick"] as const).map((kind) => `| ${{ file: "capture file", judged: "judged answer", tick: "endpoint and tick" }[kind]} | ${calls.map((call) => measured[kind][call]).join(" | ")} |`).join("\n")}

- **Metrics, alarms and dashboards** are those of the template.
- **How long functions run** only an account can tell: half a second for a file, a fifth for a judged answer, four seconds for an endpoint and tick are supposed,
  rather too much. Twice that would make Lambda twice as dear, and nothing else.
- **Prices** are in [shared/cost/prices.ts](../shared/cost/prices.ts), as of November 2026; check them before you decide by them.

## What the others charge

${alternatives.map(({ name, rests }) => `- **${name}**: ${rests}.`).join("\n")}

They are other things, and no replacement for each other: hosted traces keep texts and let people browse them, and judges there are paid on top, too. Assay keeps
scores and judgements in your account, says when quality changed at a rate of false alarms that you set, and acts on it.
`;
writeFileSync(process.argv[2] ?? new URL("../docs/cost.md", import.meta.url), page);
