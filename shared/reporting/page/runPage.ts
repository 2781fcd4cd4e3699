import { createHash } from "node:crypto";
import type { Summary } from "../../monitoring/summary.ts";
import type { RemediationRecord } from "../../remediation/record.ts";
import { escapeHtml } from "../escapeHtml.ts";

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
  /** What was noticed on the way, each with its time. */
  events: readonly { at: string; text: string }[];
};

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 60rem; padding: 1rem; }
table { border-collapse: collapse; width: 100%; margin: 0 0 1.5rem; }
th, td { border-bottom: 1px solid color-mix(in srgb, currentColor 25%, transparent); padding: .35rem .6rem; text-align: left; vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding: .5rem 0; }
`;

/** One self-contained HTML page about a span of traffic: the verdict first, then the books. No script; one hashed style. */
export function runPage(report: RunReport): string {
  const hash = createHash("sha256").update(style).digest("base64");
  const policy = `default-src 'none'; style-src 'sha256-${hash}'`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${escapeHtml(report.title)}</title><style>${style}</style></head><body>
<h1>${escapeHtml(report.title)}</h1>
<p><strong>${escapeHtml(verdict(report))}</strong></p>
<p>${escapeHtml(report.from)} to ${escapeHtml(report.until)} (UTC). ${escapeHtml(report.origin)}</p>
${table("What was decided", ["decided", "endpoint", "variant", "cause", "decision", "status", "because"], report.remediations.map(remediationRow))}
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
  report.events.map(({ at, text }) => [at, text]),
)}
</body></html>
`;
}

/** In one sentence what a reader wants to know first. */
export function verdict({ total, remediations }: Pick<RunReport, "total" | "remediations">): string {
  const { captured, quarantined } = total.counts;
  const books = `${captured} records were captured, ${captured - quarantined} read and ${quarantined} quarantined.`;
  const acted = remediations.filter(({ status }) => status === "acted");
  if (remediations.length === 0) return `Nothing was found and nothing was done. ${books}`;
  if (acted.length === 0) return `${remediations.length} decisions, no action. ${books}`;
  const actions = acted.map(({ decision }) =>
    decision.kind === "shift_traffic" ? `traffic was shifted from ${decision.from} to ${decision.to}` : decision.kind,
  );
  return `${sentence(actions.join("; "))}. ${books}`;
}

const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

const countNames = [
  ["captured", "captured"],
  ["answered", "answered"],
  ["modelErrors", "model errors"],
  ["inputOnly", "input only"],
  ["outputOnly", "output only"],
  ["quarantined", "quarantined"],
  ["lost", "lost"],
] as const;

function remediationRow({ decidedAt, endpoint, variant, cause, decision, status, failure }: RemediationRecord): string[] {
  const what = decision.kind === "shift_traffic" ? `shift traffic from ${decision.from} to ${decision.to}` : decision.kind;
  return [decidedAt, endpoint ?? "–", variant ?? "–", cause ?? "–", what, status, failure ?? decision.because];
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

const numeric = (column: number) => column > 0;

function table(caption: string, head: string[], rows: string[][], isNumber: (column: number) => boolean = () => false): string {
  if (rows.length === 0) return `<p>${escapeHtml(caption)}: none.</p>`;
  const cell = (tag: "th" | "td") => (text: string, column: number) =>
    `<${tag}${isNumber(column) ? ' class="number"' : ""}${tag === "th" ? ' scope="col"' : ""}>${escapeHtml(text)}</${tag}>`;
  const body = rows.map((row) => `<tr>${row.map(cell("td")).join("")}</tr>`).join("\n");
  return `<table><caption>${escapeHtml(caption)}</caption><thead><tr>${head.map(cell("th")).join("")}</tr></thead><tbody>\n${body}\n</tbody></table>`;
}
