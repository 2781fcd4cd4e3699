import { createHash } from "node:crypto";
import type { Summary } from "../../monitoring/summary.ts";
import { inWords } from "../../remediation/decision.ts";
import type { RemediationRecord } from "../../remediation/record.ts";
import { escapeHtml } from "../escapeHtml.ts";
import { curvesHtml } from "./curves.ts";
import type { Curves, ReportedAction, ReportedFinding, Spend } from "./dayReport.ts";
import { style } from "./style.ts";
import { verdict } from "./verdict.ts";

export type RunReport = {
  title: string;
  /** What was recorded or simulated, in a sentence. */
  origin: string;
  from: string;
  until: string;
  total: Summary;
  /** By `endpoint/variant`. */
  variants: ReadonlyMap<string, Summary>;
  remediations: readonly RemediationRecord[];
  findings: readonly ReportedFinding[];
  actions: readonly ReportedAction[];
  spend: Spend;
  /** `null` where there is no endpoint to draw curves of. */
  curves: Curves | null;
  /** What was noticed on the way, each with its time. */
  events: readonly { at: string; text: string }[];
};

/** One self-contained HTML page about a span of traffic: the verdict first, the curves, then the books. No script; one hashed style. */
export function runPage(report: RunReport): string {
  const hash = createHash("sha256").update(style).digest("base64");
  const policy = `default-src 'none'; style-src 'sha256-${hash}'`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${escapeHtml(report.title)}</title><style>${style}</style></head><body>
<h1>${escapeHtml(report.title)}</h1>
<p class="verdict">${escapeHtml(verdict({ ...report, counts: report.total.counts }))}</p>
<p>${escapeHtml(timeText(report.from))} to ${escapeHtml(timeText(report.until))} (UTC). ${escapeHtml(report.origin)}</p>
${report.curves === null ? "" : curvesHtml(report.curves)}
<h2>The records</h2>
${table("What was found", ["found", "cause", "variant", "change", "judged"], report.findings.map(findingRow))}
${table("What was decided", ["decided", "endpoint", "variant", "cause", "decision", "status", "because", "found"], report.remediations.map(remediationRow))}
${table("The books", ["variant", ...countNames.map(([, name]) => name), "hard failures", "chosen"], bookRows(report), numeric)}
${table(
  "Quarantined, by reason",
  ["reason", "records"],
  Object.entries(report.total.quarantinedBy).map(([code, n]) => [code, String(n)]),
  numeric,
)}
${table("Mean of each score (1 is good)", ["variant", ...scorersOf(report)], scoreRows(report), numeric)}
${table(
  "What happened",
  ["time", "what"],
  report.events.map(({ at, text }) => [timeText(at), text]),
)}
</body></html>
`;
}

const countNames = [
  ["captured", "captured"],
  ["answered", "answered"],
  ["modelErrors", "model errors"],
  ["inputOnly", "input only"],
  ["outputOnly", "output only"],
  ["quarantined", "quarantined"],
  ["lost", "lost"],
] as const;

function findingRow({ at, cause, variant, size, judged }: ReportedFinding): string[] {
  return [timeText(at), cause, variant ?? "all", size === null ? "–" : size.toFixed(3), judged === 0 ? "–" : String(judged)];
}

function remediationRow({
  decidedAt,
  endpoint,
  variant,
  cause,
  decision,
  status,
  failure,
  finding,
}: RemediationRecord): string[] {
  return [
    timeText(decidedAt),
    endpoint ?? "–",
    variant ?? "–",
    cause ?? "–",
    inWords(decision),
    status,
    failure ?? decision.because,
    finding ?? "–",
  ];
}

function bookRows({ variants, total }: RunReport): string[][] {
  const row = (name: string, { counts, hardFailures, chosen }: Summary) => [
    name,
    ...countNames.map(([key]) => String(counts[key])),
    String(hardFailures),
    String(chosen.length),
  ];
  return [...[...variants].map(([name, summary]) => row(name, summary)), row("all", total)];
}

const scorersOf = ({ total }: RunReport) => Object.keys(total.scores);

function scoreRows(report: RunReport): string[][] {
  return [...report.variants].map(([name, { scores }]) => [name, ...scorersOf(report).map((scorer) => meanOf(scores[scorer]))]);
}

/** `–` where no answer has the score: no mean is not a mean of 0. */
function meanOf(histogram: Record<string, number> | undefined): string {
  const bins = Object.entries(histogram ?? {});
  const n = bins.reduce((sum, [, count]) => sum + count, 0);
  return n === 0 ? "–" : (bins.reduce((sum, [hundredth, count]) => sum + count * Number(hundredth), 0) / n / 100).toFixed(3);
}

/** ISO time to the second, as people write it. */
const timeText = (at: string) => at.slice(0, 19).replace("T", " ");

const numeric = (column: number) => column > 0;

function table(caption: string, head: string[], rows: string[][], isNumber: (column: number) => boolean = () => false): string {
  if (rows.length === 0) return `<p>${escapeHtml(caption)}: none.</p>`;
  const cell = (tag: "th" | "td") => (text: string, column: number) =>
    `<${tag}${isNumber(column) ? ' class="number"' : ""}${tag === "th" ? ' scope="col"' : ""}>${escapeHtml(text)}</${tag}>`;
  const body = rows.map((row) => `<tr>${row.map(cell("td")).join("")}</tr>`).join("\n");
  return `<div class="scrolls"><table><caption>${escapeHtml(caption)}</caption><thead><tr>${head.map(cell("th")).join("")}</tr></thead><tbody>\n${body}\n</tbody></table></div>`;
}
