import { spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Command } from "commander";
import type { Assay } from "../shared/config/assay.ts";
import type { GateVerdict } from "../shared/evaluation/gates.ts";
import { evaluationKeys } from "../shared/evaluation/keys.ts";
import type { EvaluationResult } from "../shared/evaluation/result.ts";
import { remediationKey } from "../shared/monitoring/resultKeys.ts";
import type { RemediationRecord } from "../shared/remediation/record.ts";
import { evaluationReport } from "../shared/reporting/evaluationReport.ts";
import { page } from "../shared/reporting/page/page.ts";
import { remediationReport } from "../shared/reporting/remediationReport.ts";
import { aroundRemediation } from "../shared/reporting/span/around.ts";
import { type OnProgress, readSpan } from "../shared/reporting/span/read.ts";
import { spanReport } from "../shared/reporting/span/report.ts";
import type { ReportSource } from "../shared/reporting/span/source.ts";
import { exitCodesHelp, WrongUse } from "./exit.ts";
import { progressOn } from "./progress.ts";
import { fileReason } from "./reasons.ts";
import { folderSource } from "./report/folder.ts";
import { readAssay, usualConfig } from "./settings.ts";
import { inAws } from "./stack.ts";

type Options = {
  endpoint?: string;
  from?: string;
  to?: string;
  evaluation?: string;
  remediation?: string;
  stack: string;
  results?: string;
  config?: string;
  out?: string;
  open?: true;
  json?: true;
};
/** What was asked for, and how its file is called where nobody says. */
type Written = { html: string; verdict: string | null; name: string };

export const report = new Command("report")
  .description("write the report of a span, an evaluation or a remediation: one HTML file that needs no network")
  .option("--endpoint <name>", "of a span: the endpoint; not needed where assay.yml has one")
  .option("--from <time>", "of a span: its beginning, e.g. 2026-03-02 or 2026-03-02T09:00Z (default: a day before its end)")
  .option("--to <time>", "of a span: its end (default: now)")
  .option("--evaluation <id>", "of an evaluation, in place of a span")
  .option("--remediation <id>", "of a remediation, in place of a span")
  .option("--stack <stage>", "stage of the deployed stack to read", "dev")
  .option("--results <folder>", "read a copy of the results bucket in this folder, in place of a stack")
  .option("--config <file>", `configuration, for targets and signals (default: ${usualConfig()})`)
  .option("--out <file>", "where to write it (default: report-….html here)")
  .option("--open", "open it in the browser")
  .option("--json", "one JSON object: the file and its verdict")
  .addHelpText(
    "after",
    `
Examples:
  $ assay report --endpoint support-chat --open
  $ assay report --endpoint support-chat --from 2026-03-01 --to 2026-04-01 --out march.html
  $ assay report --evaluation 4f1c2a90b7d3e856
  $ aws s3 sync s3://RESULTS-BUCKET results && assay report --results results --endpoint support-chat
${exitCodesHelp}`,
  )
  .action(async (options: Options) => {
    const assay = await configured(options);
    const source =
      assay === null || options.results !== undefined ? folderSource(options.results!) : await stack(options.stack, assay); // without one there are results
    const progress = progressOn(process.stderr);
    const tell: OnProgress = (done, of) => progress.tell(() => `${done} of ${of} windows read`);
    const ask = () => write(source, assay, options, tell);
    const written = await (options.results === undefined ? inAws(`The results of stage ${options.stack}`, ask) : ask()).finally(
      () => progress.end(),
    );
    const file = resolve(options.out ?? `${written.name}.html`);
    await mkdir(dirname(file), { recursive: true })
      .then(() => writeFile(file, written.html))
      .catch((error: unknown) => {
        throw new WrongUse(`${file} cannot be written: ${fileReason(error)}.`);
      });
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ report: file, verdict: written.verdict })}\n`
        : `${written.verdict ? `${written.verdict}\n` : ""}${file}\n`,
    );
    if (options.open) show(file);
  });

async function write(source: ReportSource, assay: Assay | null, options: Options, tell: OnProgress): Promise<Written> {
  const { evaluation, remediation } = options;
  if (evaluation !== undefined && remediation !== undefined) throw new WrongUse("Give --evaluation or --remediation, not both.");
  if (evaluation !== undefined) return ofEvaluation(source, evaluation);
  if (remediation !== undefined) return ofRemediation(source, assay, remediation, tell);
  const endpoint = endpointOf(assay, options.endpoint);
  const untilMs = options.to === undefined ? Date.now() : moment(options.to, "--to");
  const fromMs = options.from === undefined ? untilMs - 86_400_000 : moment(options.from, "--from");
  if (!(fromMs < untilMs)) throw new WrongUse("--from must be before --to.");
  const facts = await readSpan(source, { endpoint, fromMs, untilMs, assay }, tell);
  if (facts.books.total.counts.captured === 0)
    throw new WrongUse(
      `Nothing was captured of ${endpoint} from ${facts.from} to ${facts.until}. Give another span with --from and --to.`,
    );
  const origin =
    options.results === undefined
      ? `Stack assay-${options.stack}.`
      : "A copy of a results bucket, which has neither metrics nor budgets.";
  const said = spanReport({ ...facts, title: endpoint, origin: [origin], events: [] });
  return { html: page(said), verdict: said.verdict, name: `report-${endpoint}-${facts.until.slice(0, 10)}` };
}

/** The workflow has written it, with its worst answers; of an evaluation of before that, there is the result. */
async function ofEvaluation(source: ReportSource, id: string): Promise<Written> {
  const keys = evaluationKeys(id);
  const known = new Set(await source.keys(`evaluations/${id}/re`)); // report and result, and none of its many items
  if (!known.has(keys.result)) throw new WrongUse(`There is no result of an evaluation ${id}. \`assay evaluate\` says its id.`);
  const result = await source.json<EvaluationResult & { gates?: GateVerdict[] }>(keys.result);
  const said = evaluationReport(result, result.gates ?? [], []);
  const html = known.has(keys.report) ? await source.read(keys.report) : page(said);
  return { html, verdict: said.verdict, name: `report-evaluation-${id.replaceAll(/[^\w-]/g, "_")}` };
}

async function ofRemediation(source: ReportSource, assay: Assay | null, id: string, tell: OnProgress): Promise<Written> {
  const key = remediationKey(id);
  if (!(await source.keys(key)).includes(key))
    throw new WrongUse(`There is no remediation ${id}. \`assay remediation list\` lists them.`);
  const record = await source.json<RemediationRecord>(key);
  const said = remediationReport(record, await aroundRemediation(source, record, assay, Date.now(), tell));
  return { html: page(said), verdict: said.verdict, name: `report-remediation-${id}` };
}

/** Without a configuration of its own, a folder is read without one, where there is none here. */
async function configured({ config, results }: Options): Promise<Assay | null> {
  if (config === undefined && results !== undefined) return readAssay(usualConfig()).catch(() => null);
  return readAssay(config ?? usualConfig());
}

async function stack(stage: string, assay: Assay): Promise<ReportSource> {
  // Only here, so that reports of a folder do not wait for the SDK to load.
  const { openStack } = await import("./report/inStack.ts");
  return openStack(stage, assay);
}

function endpointOf(assay: Assay | null, named: string | undefined): string {
  const all = Object.keys(assay?.endpoints ?? {});
  if (named !== undefined) return named;
  if (all.length === 1) return all[0]!; // its length is 1
  throw new WrongUse(`Say which endpoint with --endpoint${all.length === 0 ? "" : `: ${all.join(", ")}`}.`);
}

function moment(text: string, option: string): number {
  // A time without a zone is meant as all times are said: in UTC.
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/.test(text) || /^\d{4}-\d\d-\d\d$/.test(text) ? text : `${text}Z`;
  const ms = Date.parse(zoned);
  if (Number.isNaN(ms)) throw new WrongUse(`${option}: ${text} is no time. Write it like 2026-03-02 or 2026-03-02T09:00Z.`);
  return ms;
}

/** With whatever this system opens a file. Where there is none, the path stands on stdout. */
function show(file: string): void {
  const { platform, env } = process;
  const [command, ...args] = platform === "darwin" ? ["open"] : platform === "win32" ? ["cmd", "/c", "start", ""] : ["xdg-open"];
  const unopened = () =>
    process.stderr.write("assay: no browser can be opened here. Copy the file to where there is one, and open it there.\n");
  // Without a display xdg-open is often there all the same, and ends in silence or in a browser for text.
  if (command === "xdg-open" && !env.DISPLAY && !env.WAYLAND_DISPLAY) return void unopened();
  const child = spawn(command!, [...args, pathToFileURL(file).href], { detached: true, stdio: "ignore" });
  child.on("error", unopened);
  child.unref();
}
