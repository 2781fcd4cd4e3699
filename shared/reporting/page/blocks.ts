import { escapeHtml } from "../escapeHtml.ts";
import type { Block, Cell, ShownExample, Table, Tile, Tone } from "../report.ts";
import { distributionHtml } from "./distribution.ts";
import { timelineHtml } from "./timeline.ts";

/** A block of a report as HTML. */
export function blockHtml(block: Block): string {
  switch (block.kind) {
    case "text":
      return `<p>${escapeHtml(block.text)}</p>`;
    case "tiles":
      return `<ul class="tiles">${block.tiles.map(tileHtml).join("")}</ul>`;
    case "table":
      return tableHtml(block);
    case "timeline":
      return timelineHtml(block);
    case "distribution":
      return distributionHtml(block);
    case "examples":
      return `<h3>${escapeHtml(block.caption)}</h3>\n<div class="examples">${block.examples.map(exampleHtml).join("\n")}</div>`;
    case "how":
      return `<details class="prints how"><summary>How these figures are computed</summary><dl>${block.figures
        .map(({ name, how }) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(how)}</dd>`)
        .join("")}</dl></details>`;
  }
}

const signs: Record<Tone, string> = { good: "✓", bad: "▲", unsure: "?" };

function tileHtml({ name, value, note, tone }: Tile): string {
  const sign = tone === null ? "" : `<span class="sign" aria-hidden="true">${signs[tone]}</span> `;
  return `<li${tone === null ? "" : ` class="${tone}"`}><span class="name">${escapeHtml(name)}</span><span class="value">${sign}${escapeHtml(value)}</span><span class="note">${escapeHtml(note)}</span></li>`;
}

function tableHtml({ caption, head, rows, folded }: Table): string {
  if (rows.length === 0) return `<p class="none">${escapeHtml(caption)}: none.</p>`;
  const classOf = (column: number) => (head[column]?.isNumber ? ' class="number"' : "");
  const heads = head.map(({ name }, k) => `<th scope="col"${classOf(k)}>${escapeHtml(name)}</th>`).join("");
  const body = rows
    .map((row) => {
      const [first, ...others] = row.map((cell) => cellHtml(cell));
      return `<tr><th scope="row"${classOf(0)}>${first ?? ""}</th>${others.map((cell, k) => `<td${classOf(k + 1)}>${cell}</td>`).join("")}</tr>`;
    })
    .join("\n");
  // What scrolls sideways on a telephone must be reached by the keyboard, too.
  const table = (label: string) =>
    `<div class="scrolls" tabindex="0" role="region" aria-label="${escapeHtml(caption)}"><table>${label}<thead><tr>${heads}</tr></thead><tbody>\n${body}\n</tbody></table></div>`;
  return folded
    ? `<details class="prints"><summary>${escapeHtml(caption)}</summary>${table("")}</details>`
    : table(`<caption><span>${escapeHtml(caption)}</span></caption>`);
}

/** Times stay on one line. */
const textHtml = (text: string): string => escapeHtml(text).replace(/\d{4}-\d\d-\d\d \d\d:\d\d/g, "<time>$&</time>");

function cellHtml(cell: Cell): string {
  if (typeof cell === "string") return textHtml(cell);
  if ("tone" in cell)
    return `<span class="${cell.tone}"><span aria-hidden="true">${signs[cell.tone]}</span> ${textHtml(cell.text)}</span>`;
  const { text, low, mid, high, axis } = cell;
  const x = (value: number) =>
    Math.round(1_000 * Math.min(1, Math.max(0, (value - axis.min) / Math.max(1e-9, axis.max - axis.min)))) / 10 + 3;
  const mark = axis.marked === null ? "" : `<line class="limit" x1="${x(axis.marked)}" x2="${x(axis.marked)}" y1="1" y2="17"/>`;
  // The browser's own hint: this drawing is too small for a readout.
  return `<span class="ranged"><svg viewBox="0 0 106 18" aria-hidden="true"><title>${escapeHtml(text)}</title><line class="grid" x1="3" x2="103" y1="9" y2="9"/>${mark}<line class="whisker" x1="${x(low)}" x2="${x(high)}" y1="9" y2="9"/><circle class="dot" cx="${x(mid)}" cy="9" r="4"/></svg>${escapeHtml(text)}</span>`;
}

function exampleHtml({ about, where, text }: ShownExample): string {
  const said =
    text === null
      ? "<p>Its text is not part of this report.</p>"
      : `<h4>Question</h4><pre>${escapeHtml(text.question)}</pre><h4>Answer</h4><pre>${escapeHtml(text.answer)}</pre>`;
  return `<details class="prints"><summary>${escapeHtml(about)}</summary>${said}<p class="where">${escapeHtml(where)}</p></details>`;
}
