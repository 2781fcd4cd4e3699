import { escapeHtml } from "../escapeHtml.ts";
import type { Line, Mark, Panel, Timeline, Value } from "../report.ts";

/** Lines are told apart by colour and by dashes; beyond these they repeat. */
export const lineStyles = 6;

/** In units of the drawing, as the next ones. */
export const plot = { width: 640, left: 72, right: 12 };
const plotHeight = 170;
const bottom = 36;
/** One row of mark numbers above the plot. */
const rowHeight = 24;
/** Two numbers nearer than this would touch, on a telephone too. */
const apart = 30;

/** A panel as inline SVG: no style attribute, every colour from the page's own style. `numbered`: its marks carry their numbers. */
export function chartSvg(panel: Panel, { fromMs, untilMs, times, marks }: Timeline, numbered: boolean): string {
  const share = (atMs: number) => Math.min(1, Math.max(0, (atMs - fromMs) / Math.max(1, untilMs - fromMs)));
  const inner = plot.width - plot.left - plot.right;
  const rows = numbered ? markRows(marks.map(({ atMs }) => share(atMs) * inner)) : [];
  const top = 14 + rowHeight * Math.max(0, ...rows.map((row) => row + 1));
  const height = top + plotHeight + bottom;
  const x = (atMs: number) => plot.left + share(atMs) * inner;
  const y = (value: number) => {
    const clipped = Math.min(panel.yMax, Math.max(panel.yMin, value));
    return top + (1 - (clipped - panel.yMin) / (panel.yMax - panel.yMin)) * plotHeight;
  };
  const across = (value: number, className: string) =>
    `<line class="${className}" x1="${plot.left}" x2="${plot.width - plot.right}" y1="${n(y(value))}" y2="${n(y(value))}"/>`;

  const parts = [
    panel.band === null
      ? ""
      : `<rect class="tolerated" x="${plot.left}" y="${n(y(panel.band.high))}" width="${inner}" height="${n(y(panel.band.low) - y(panel.band.high))}"/>`,
    ...panel.ticks.map(
      (tick) =>
        `${across(tick.y, "grid")}<text class="end" x="${plot.left - 8}" y="${n(y(tick.y) + 4)}">${escapeHtml(tick.label)}</text>`,
    ),
    ...timeTicks(fromMs, untilMs).map(
      ({ atMs, label, anchor }) =>
        `<line class="grid" x1="${n(x(atMs))}" x2="${n(x(atMs))}" y1="${top}" y2="${top + plotHeight}"/><text class="${anchor}" x="${n(x(atMs))}" y="${top + plotHeight + 28}">${label}</text>`,
    ),
    ...panel.levels.map((level) => across(level.y, level.strong ? "limit" : "level")),
    panel.lines.some(({ values }) => values.some((value) => value !== null))
      ? ""
      : `<text class="middle" x="${n(plot.left + inner / 2)}" y="${n(top + plotHeight * 0.4)}">not measured</text>`,
    ...panel.lines.map((line, index) => lineSvg(line, times, index % lineStyles, x, y)),
    ...panel.levels.map(
      (level) =>
        `<text class="end halo" x="${plot.width - plot.right - 4}" y="${n(y(level.y) - 6)}">${escapeHtml(level.label)}</text>`,
    ),
    ...marks.map(({ atMs, kind }, index) => {
      const row = rows[index];
      const from = row === undefined ? top : 14 + rowHeight * row;
      const number =
        row === undefined
          ? ""
          : `${glyph(kind, x(atMs), from)}<text class="middle number" x="${n(x(atMs))}" y="${from + 5}">${index + 1}</text>`;
      return `<g class="${kind}"><line class="mark" x1="${n(x(atMs))}" x2="${n(x(atMs))}" y1="${from}" y2="${top + plotHeight}"/>${number}</g>`;
    }),
    `<line class="cursor" x1="-9" x2="-9" y1="${top}" y2="${top + plotHeight}"/>`,
  ];
  return `<svg viewBox="0 0 ${plot.width} ${height}" role="img" aria-label="${escapeHtml(`${panel.title}: ${panel.explains}`)}">${parts.join("")}</svg>`;
}

/** The shape that tells what kind a mark is, where colour does not. */
export function glyph(kind: Mark["kind"], x: number, y: number): string {
  switch (kind) {
    case "alarm":
      return `<path class="glyph" d="M${n(x)} ${y - 12}l13 22h-26z"/>`;
    case "finding":
      return `<path class="glyph" d="M${n(x)} ${y - 13}l13 13l-13 13l-13 -13z"/>`;
    case "action":
      return `<circle class="glyph" cx="${n(x)}" cy="${y}" r="11"/>`;
  }
}

type Place = (value: number) => number;

function lineSvg({ values }: Line, times: readonly number[], style: number, x: Place, y: Place): string {
  const runs = runsOf(times, values);
  const band = runs.flatMap((run) => {
    const sides = run.flatMap(({ atMs, low, high }) => (low === null || high === null ? [] : [{ atMs, low, high }]));
    if (sides.length === 0) return [];
    const there = sides.map(({ atMs, high }) => `${n(x(atMs))} ${n(y(high))}`);
    const back = sides.map(({ atMs, low }) => `${n(x(atMs))} ${n(y(low))}`).reverse();
    return [`M${[...there, ...back].join("L")}z`];
  });
  // A point with a gap on either side is a line of no length, which its round caps make a dot.
  const line = runs.map((run) => {
    const corners = run.map(({ atMs, y: value }) => `${n(x(atMs))} ${n(y(value))}`);
    return corners.length === 1 ? `M${corners[0]}h0` : `M${corners.join("L")}`;
  });
  return [
    band.length === 0 ? "" : `<path class="interval s${style}" d="${band.join("")}"/>`,
    line.length === 0 ? "" : `<path class="line s${style}" d="${line.join("")}"/>`,
  ].join("");
}

/** The stretches between gaps. */
function runsOf(times: readonly number[], values: readonly (Value | null)[]) {
  const runs: (Value & { atMs: number })[][] = [];
  let open = false;
  for (const [k, value] of values.entries()) {
    if (value !== null) {
      if (!open) runs.push([]);
      runs.at(-1)!.push({ ...value, atMs: times[k]! }); // each value has its time
    }
    open = value !== null;
  }
  return runs;
}

/** In which row each mark's number stands, so that numbers of near marks do not cover each other. */
function markRows(places: readonly number[]): number[] {
  const ends: number[] = [];
  return places.map((at) => {
    const free = ends.findIndex((end) => at - end >= apart);
    const row = free === -1 ? ends.length : free;
    ends[row] = at;
    return row;
  });
}

const hourMs = 3_600_000;

/** Whole hours, or days, at most five of them: more would touch on a telephone. */
function timeTicks(fromMs: number, untilMs: number): { atMs: number; label: string; anchor: "middle" | "end" }[] {
  const steps = [1, 2, 3, 4, 6, 12, 24, 48, 96, 168, 336, 720, 1_440, 2_160];
  const stepMs = steps.map((hours) => hours * hourMs).find((ms) => (untilMs - fromMs) / ms <= 4) ?? 8_760 * hourMs;
  const ticks = [];
  for (let atMs = Math.ceil(fromMs / stepMs) * stepMs; atMs <= untilMs; atMs += stepMs) {
    const text = new Date(atMs).toISOString();
    const label = stepMs < 24 * hourMs ? text.slice(11, 16) : text.slice(5, 10);
    ticks.push({ atMs, label, anchor: atMs === untilMs ? ("end" as const) : ("middle" as const) });
  }
  return ticks;
}

/** To a tenth of a unit of the drawing: finer is invisible. */
const n = (value: number) => String(Math.round(value * 10) / 10);
