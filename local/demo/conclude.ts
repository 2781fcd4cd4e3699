import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { settingsOf } from "../../shared/config/assay.ts";
import { page } from "../../shared/reporting/page/page.ts";
import type { SpanFacts } from "../../shared/reporting/span/facts.ts";
import { readSpan } from "../../shared/reporting/span/read.ts";
import { actionsOf, spanReport } from "../../shared/reporting/span/report.ts";
import { verdict } from "../../shared/reporting/verdict.ts";
import type { EmbeddedAws } from "../aws.ts";
import type { Stack } from "../deploy.ts";
import type { DemoOptions } from "./options.ts";
import { type Books, openBooks, outcomeOf, readFindings, readRemediations, readSpentDays, spendOf } from "./outcome.ts";
import type { Run } from "./play.ts";
import { worldSource } from "./reportSource.ts";
import { demoEndpoint } from "./scenarios.ts";
import { demoAssay, demoSettings } from "./settings.ts";

const folder = fileURLToPath(new URL("../../.assay/", import.meta.url));

/** Writes the report and ends with the summary, or with one line of JSON. */
export async function conclude(
  aws: EmbeddedAws,
  stack: Stack,
  run: Run,
  { scenario, json, captures }: DemoOptions,
): Promise<void> {
  const { world } = aws;
  const assay = demoAssay();
  const books = await openBooks(world, stack.ResultsBucketName).read();
  const { findings, parts } = await readFindings(world, stack.TableName, demoEndpoint);
  const remediations = (await readRemediations(world, stack.ResultsBucketName)).filter(({ id }) => !parts.has(id));
  const actions = actionsOf(remediations);
  const span = { fromMs: Date.parse(run.from), untilMs: Date.parse(run.until) };
  const days = await readSpentDays(world, stack.TableName, demoEndpoint);
  const spend = spendOf(days, demoSettings().evaluationBudgetMicroUsdPerDay, span);
  const source = worldSource(world, stack, settingsOf(assay, demoEndpoint), run.alarms);
  const facts: SpanFacts =
    captures === null
      ? {
          ...(await readSpan(source, { endpoint: demoEndpoint, ...span, assay })),
          title: run.title,
          origin: [run.origin],
          events: run.events,
        }
      : factsOfFiles(run, books);
  mkdirSync(folder, { recursive: true });
  // One a scenario, so that two at once do not write over each other.
  const report = join(folder, `${captures === null ? scenario.name : "captures"}.html`);
  writeFileSync(report, page(spanReport(facts)));
  const { counts, quarantinedBy, chosen } = books.total;
  const lines = [
    "",
    verdict({ counts, findings, actions, spend, standing: null }),
    `Answered ${counts.answered}, model errors ${counts.modelErrors}, input only ${counts.inputOnly}, output only ${counts.outputOnly}, quarantined ${counts.quarantined}, lost ${counts.lost}; ${chosen.length} chosen for judging, ${books.judged} judged.`,
    ...Object.entries(quarantinedBy).map(([code, n]) => `  quarantined ${n}: ${code}`),
    `The page: ${report}`,
  ];
  (json ? process.stderr : process.stdout).write(`${lines.join("\n")}\n`);
  if (json) process.stdout.write(`${JSON.stringify({ ...outcomeOf(books, findings, actions, spend), report })}\n`);
}

/** Of files of many endpoints, which nobody watches, there are books and nothing else. */
function factsOfFiles({ title, origin, from, until, events }: Run, { total, variants, judged }: Books): SpanFacts {
  const chosen = new Map([...variants].map(([name, summary]) => [name, summary.chosen.length]));
  const nothing = { failed: 0, refused: 0, unparseable: 0, skipped: 0, pending: 0 };
  return {
    ...{ title, origin: [origin], endpoint: null, from, until, settings: null, baseline: null, signals: null },
    ...{
      times: [],
      series: [],
      marks: [],
      findings: [],
      remediations: [],
      estimates: [],
      comparisons: [],
      days: [],
      coverage: [],
    },
    books: { total, variants, chosen },
    distributions: [],
    rates: [],
    judge: { ...nothing, judge: null, graded: judged, agreement: null, readings: [] },
    examples: [],
    events,
  };
}
