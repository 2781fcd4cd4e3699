import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runPage, verdict } from "../../shared/reporting/page/runPage.ts";
import type { EmbeddedAws } from "../aws.ts";
import type { Stack } from "../deploy.ts";
import type { DemoOptions } from "./options.ts";
import { outcomeOf, readBooks, readRemediations } from "./outcome.ts";
import type { Run } from "./play.ts";

const folder = fileURLToPath(new URL("../../.assay/", import.meta.url));

/** Writes the page and ends with the summary, or with one line of JSON. */
export async function conclude(aws: EmbeddedAws, stack: Stack, run: Run, { json }: DemoOptions): Promise<void> {
  const books = await readBooks(aws.world, stack.ResultsBucketName);
  const remediations = await readRemediations(aws.world, stack.ResultsBucketName);
  mkdirSync(folder, { recursive: true });
  const report = join(folder, "report.html");
  writeFileSync(report, runPage({ ...run, ...books, remediations }));
  if (json) {
    process.stdout.write(`${JSON.stringify({ ...outcomeOf(books, remediations), report })}\n`);
    return;
  }
  const { counts, quarantinedBy, chosen } = books.total;
  const lines = [
    "",
    verdict({ total: books.total, remediations }),
    `Answered ${counts.answered}, model errors ${counts.modelErrors}, input only ${counts.inputOnly}, output only ${counts.outputOnly}, quarantined ${counts.quarantined}, lost ${counts.lost}; ${chosen.length} chosen for judging.`,
    ...Object.entries(quarantinedBy).map(([code, n]) => `  quarantined ${n}: ${code}`),
    `The page: ${report}`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}
