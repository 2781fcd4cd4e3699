import { escapeHtml } from "../escapeHtml.ts";
import type { Line, Mark, Panel, Timeline, Unit, Value } from "../report.ts";
import { chartSvg, glyph, lineStyles, plot } from "./drawing.ts";

/** Curves over one time axis, each with its figures in a table, and what the numbered marks on them stand for. */
export function timelineHtml(timeline: Timeline): string {
  const { panels, marks } = timeline;
  const figures = panels.map((panel, index) => figureHtml(panel, timeline, index === 0));
  // A list of what happened belongs to the first chart, whose marks have its numbers.
  return [legend(panels), figures[0] ?? "", markList(marks), ...figures.slice(1)].join("\n");
}

function figureHtml(panel: Panel, timeline: Timeline, numbered: boolean): string {
  const { fromMs, untilMs } = timeline;
  return `<figure class="chart"><figcaption><h3>${escapeHtml(panel.title)}</h3> ${escapeHtml(panel.explains)}</figcaption>
<div class="drawing" data-from="${fromMs}" data-until="${untilMs}" data-left="${plot.left}" data-right="${plot.width - plot.right}">${chartSvg(panel, timeline, numbered)}</div>
<output>Point at the chart, or use the arrow keys on it.</output>
${figuresTable(panel, timeline)}</figure>`;
}

/** The figures that are drawn. A moment of which nothing is known has no row. */
function figuresTable({ title, lines, unit }: Panel, { times }: Timeline): string {
  const rows = times.flatMap((atMs, k) => {
    const values = lines.map((line) => line.values[k] ?? null);
    if (values.every((value) => value === null)) return [];
    const at = new Date(atMs).toISOString();
    const cells = values.map((value) => `<td>${value === null ? "–" : valueText(value, unit)}</td>`);
    return [
      `<tr><td><time datetime="${at.slice(0, 16)}Z">${at.slice(5, 16).replace("T", " ")}</time></td>${cells.join("")}</tr>`,
    ];
  });
  if (rows.length === 0) return "";
  const heads = lines.map(({ name }) => `<th scope="col">${escapeHtml(name)}</th>`);
  return `<details class="figures"><summary>The figures of this chart</summary><div class="scrolls" tabindex="0" role="region" aria-label="${escapeHtml(`The figures: ${title}`)}"><table><thead><tr><th scope="col">UTC</th>${heads.join("")}</tr></thead><tbody>${rows.join("")}</tbody></table></div></details>`;
}

function valueText({ y, low, high, n }: Value, unit: Unit): string {
  const interval = low === null || high === null ? "" : ` (${figure(low, unit)} to ${figure(high, unit)})`;
  return `${figure(y, unit)}${interval}${n === null ? "" : `, n ${n}`}`;
}

function figure(value: number, unit: Unit): string {
  switch (unit) {
    case "number":
      return value.toFixed(2);
    case "seconds":
      return `${value.toFixed(2)} s`;
    case "share":
      return `${(100 * value).toFixed(0)} %`;
  }
}

/** One key for all panels: a variant has the same line in each. */
function legend(panels: readonly Panel[]): string {
  const lines = panels.reduce<readonly Line[]>((most, panel) => (panel.lines.length > most.length ? panel.lines : most), []);
  const items = lines.map(
    ({ name }, index) =>
      `<li><svg class="key" viewBox="0 0 44 12" aria-hidden="true"><path class="line s${index % lineStyles}" d="M3 6H41"/></svg> ${escapeHtml(name)}</li>`,
  );
  return items.length === 0 ? "" : `<ul class="legend">${items.join("")}</ul>`;
}

const nameOf: Record<Mark["kind"], string> = { alarm: "Alarm", finding: "Finding", action: "Action" };

function markList(marks: readonly Mark[]): string {
  if (marks.length === 0) return '<p class="none">No alarm, no finding, no action.</p>';
  const items = marks.map(({ atMs, kind, text }, index) => {
    const at = new Date(atMs).toISOString();
    return `<li class="${kind}"><svg class="key" viewBox="0 0 30 28" aria-hidden="true">${glyph(kind, 15, 15)}<text class="middle number" x="15" y="20">${index + 1}</text></svg><time datetime="${at}">${at.slice(5, 16).replace("T", " ")}</time> <b>${nameOf[kind]}</b> ${escapeHtml(text)}</li>`;
  });
  return `<ol class="marks">${items.join("")}</ol>`;
}
