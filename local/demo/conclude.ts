import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inWords } from "../../shared/remediation/decision.ts";
import type { RemediationRecord } from "../../shared/remediation/record.ts";
import type { Curves, Mark, ReportedFinding } from "../../shared/reporting/page/dayReport.ts";
import { runPage } from "../../shared/reporting/page/runPage.ts";
import { verdict } from "../../shared/reporting/page/verdict.ts";
import type { EmbeddedAws } from "../aws.ts";
import type { Stack } from "../deploy.ts";
import type { DemoOptions } from "./options.ts";
import { actionsOf, openBooks, outcomeOf, readFindings, readRemediations, readSpentDays, spendOf } from "./outcome.ts";
import type { Run } from "./play.ts";
import { readCurves } from "./readCurves.ts";
import { demoEndpoint } from "./scenarios.ts";
import { demoSettings } from "./settings.ts";

const folder = fileURLToPath(new URL("../../.assay/", import.meta.url));

/** Writes the page and ends with the summary, or with one line of JSON. */
export async function conclude(
  aws: EmbeddedAws,
  stack: Stack,
  run: Run,
  { scenario, json, captures }: DemoOptions,
): Promise<void> {
  const { world } = aws;
  const settings = demoSettings();
  const books = await openBooks(world, stack.ResultsBucketName).read();
  const { findings, parts } = await readFindings(world, stack.TableName, demoEndpoint);
  const remediations = (await readRemediations(world, stack.ResultsBucketName)).filter(({ id }) => !parts.has(id));
  const actions = actionsOf(remediations);
  const span = { fromMs: Date.parse(run.from), untilMs: Date.parse(run.until) };
  const days = await readSpentDays(world, stack.TableName, demoEndpoint);
  const spend = spendOf(days, settings.evaluationBudgetMicroUsdPerDay, span);
  const curves: Curves | null =
    captures === null
      ? {
          from: run.from,
          until: run.until,
          variants: await readCurves(world, demoEndpoint, variantsOf(books.variants), span.fromMs, span.untilMs),
          baseline: null,
          latencyLimitMs: settings.latency.p90OverMs,
          marks: marksOf(run.alarms, findings, remediations),
        }
      : null;
  mkdirSync(folder, { recursive: true });
  // One a scenario, so that two at once do not write over each other.
  const report = join(folder, `${captures === null ? scenario.name : "captures"}.html`);
  writeFileSync(report, runPage({ ...run, ...books, remediations, findings, actions, spend, curves }));
  const { counts, quarantinedBy, chosen } = books.total;
  const lines = [
    "",
    verdict({ counts, findings, actions, spend }),
    `Answered ${counts.answered}, model errors ${counts.modelErrors}, input only ${counts.inputOnly}, output only ${counts.outputOnly}, quarantined ${counts.quarantined}, lost ${counts.lost}; ${chosen.length} chosen for judging, ${books.judged} judged.`,
    ...Object.entries(quarantinedBy).map(([code, n]) => `  quarantined ${n}: ${code}`),
    `The page: ${report}`,
  ];
  (json ? process.stderr : process.stdout).write(`${lines.join("\n")}\n`);
  if (json) process.stdout.write(`${JSON.stringify({ ...outcomeOf(books, findings, actions, spend), report })}\n`);
}

/** The stable variant first: its line is the one that others are compared with. */
function variantsOf(books: ReadonlyMap<string, unknown>): string[] {
  const names = [...books.keys()].flatMap((name) =>
    name.startsWith(`${demoEndpoint}/`) ? [name.slice(demoEndpoint.length + 1)] : [],
  );
  return names.sort((a, b) => Number(b === "stable") - Number(a === "stable"));
}

function marksOf(
  alarms: Run["alarms"],
  findings: readonly ReportedFinding[],
  remediations: readonly RemediationRecord[],
): Mark[] {
  const marks: Mark[] = [
    ...alarms.map(({ at, text }) => ({ at, kind: "alarm" as const, text })),
    ...findings.map(({ at, cause, variant }) => ({
      at,
      kind: "finding" as const,
      text: `${cause} (${variant ?? "all variants"})`,
    })),
    ...remediations.flatMap(({ actedAt, decision }) =>
      actedAt === null ? [] : [{ at: actedAt, kind: "action" as const, text: `${inWords(decision)}: ${decision.because}` }],
    ),
  ];
  return marks.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}
