import { escapeHtml } from "../escapeHtml.ts";
import type { Mark } from "./dayReport.ts";

/** One line of a chart, with the interval around it where it has one. `null` is a gap: the line is broken there. */
type Line = {
  name: string;
  points: readonly { atMs: number; y: number | null; low?: number | null; high?: number | null }[];
};

export type Chart = {
  title: string;
  /** What the vertical axis means, in words. */
  explains: string;
  fromMs: number;
  untilMs: number;
  /** What is outside is drawn at the edge. */
  yMin: number;
  yMax: number;
  ticks: readonly { y: number; label: string }[];
  lines: readonly Line[];
  /** Horizontal: what a line is compared with. */
  levels: readonly { y: number; label: string; strong: boolean }[];
  /** Horizontal: between which values nobody calls a change a fault. */
  band: { low: number; high: number } | null;
  /** Vertical, numbered from 1 where the numbers are wanted. */
  marks: readonly { atMs: number; kind: Mark["kind"] }[];
  numbered: boolean;
};

/** Lines are told apart by colour and by dashes; beyond these they repeat. */
export const lineStyles = 6;

const width = 640;
const plotHeight = 170;
const left = 72;
const right = 12;
const bottom = 36;
/** One row of mark numbers above the plot. */
const rowHeight = 24;
/** Two numbers nearer than this would touch, on a telephone too. */
const apart = 30;

/** A chart as inline SVG: no script, no style attribute, every colour from the page's own style. */
export function chartSvg(chart: Chart): string {
  const rows = chart.numbered ? markRows(chart) : [];
  const top = 14 + rowHeight * Math.max(0, ...rows.map((row) => row + 1));
  const height = top + plotHeight + bottom;
  const x = (atMs: number) => left + xShare(chart, atMs) * (width - left - right);
  const y = (value: number) => {
    const clipped = Math.min(chart.yMax, Math.max(chart.yMin, value));
    return top + (1 - (clipped - chart.yMin) / (chart.yMax - chart.yMin)) * plotHeight;
  };
  const across = (value: number, className: string) =>
    `<line class="${className}" x1="${left}" x2="${width - right}" y1="${n(y(value))}" y2="${n(y(value))}"/>`;

  const parts = [
    chart.band === null
      ? ""
      : `<rect class="tolerated" x="${left}" y="${n(y(chart.band.high))}" width="${width - left - right}" height="${n(y(chart.band.low) - y(chart.band.high))}"/>`,
    ...chart.ticks.map(
      (tick) =>
        `${across(tick.y, "grid")}<text class="end" x="${left - 8}" y="${n(y(tick.y) + 4)}">${escapeHtml(tick.label)}</text>`,
    ),
    ...timeTicks(chart).map(
      ({ atMs, label, anchor }) =>
        `<line class="grid" x1="${n(x(atMs))}" x2="${n(x(atMs))}" y1="${top}" y2="${top + plotHeight}"/><text class="${anchor}" x="${n(x(atMs))}" y="${top + plotHeight + 28}">${label}</text>`,
    ),
    ...chart.levels.map((level) => across(level.y, level.strong ? "limit" : "level")),
    chart.lines.some(({ points }) => points.some((point) => point.y !== null))
      ? ""
      : `<text class="middle" x="${n((left + width - right) / 2)}" y="${n(top + plotHeight * 0.4)}">not measured</text>`,
    ...chart.lines.map((line, index) => lineSvg(line, index % lineStyles, x, y)),
    ...chart.levels.map(
      (level) => `<text class="end halo" x="${width - right - 4}" y="${n(y(level.y) - 6)}">${escapeHtml(level.label)}</text>`,
    ),
    ...chart.marks.map(({ atMs, kind }, index) => {
      const at = n(x(atMs));
      const row = rows[index];
      const from = row === undefined ? top : 14 + rowHeight * row;
      const number =
        row === undefined
          ? ""
          : `${glyph(kind, x(atMs), from)}<text class="middle number" x="${at}" y="${from + 5}">${index + 1}</text>`;
      return `<g class="${kind}"><line class="mark" x1="${at}" x2="${at}" y1="${from}" y2="${top + plotHeight}"/>${number}</g>`;
    }),
  ];
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(`${chart.title}: ${chart.explains}`)}">${parts.join("")}</svg>`;
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

function lineSvg({ points }: Line, style: number, x: (atMs: number) => number, y: (value: number) => number): string {
  const runs = runsOf(points);
  const band = runs.flatMap((run) => {
    const sides = run.flatMap(({ atMs, low, high }) => (low == null || high == null ? [] : [{ atMs, low, high }]));
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
function runsOf(points: Line["points"]) {
  const runs: { atMs: number; y: number; low?: number | null; high?: number | null }[][] = [];
  let open = false;
  for (const { y, ...rest } of points) {
    if (y === null) open = false;
    else {
      if (!open) runs.push([]);
      runs.at(-1)!.push({ ...rest, y });
      open = true;
    }
  }
  return runs;
}

/** In which row each mark's number stands, so that numbers of near marks do not cover each other. */
function markRows(chart: Chart): number[] {
  const ends: number[] = [];
  return chart.marks.map(({ atMs }) => {
    const at = xShare(chart, atMs) * (width - left - right);
    const free = ends.findIndex((end) => at - end >= apart);
    const row = free === -1 ? ends.length : free;
    ends[row] = at;
    return row;
  });
}

const xShare = ({ fromMs, untilMs }: Chart, atMs: number) =>
  Math.min(1, Math.max(0, (atMs - fromMs) / Math.max(1, untilMs - fromMs)));

const hourMs = 3_600_000;

/** Whole hours, at most five of them: more would touch on a telephone. */
function timeTicks({ fromMs, untilMs }: Chart): { atMs: number; label: string; anchor: "start" | "middle" | "end" }[] {
  const stepMs = [1, 2, 3, 4, 6, 12, 24, 48, 96, 168].map((hours) => hours * hourMs).find((ms) => (untilMs - fromMs) / ms <= 4);
  if (stepMs === undefined) return [];
  const ticks = [];
  for (let atMs = Math.ceil(fromMs / stepMs) * stepMs; atMs <= untilMs; atMs += stepMs) {
    const label = new Date(atMs).toISOString().slice(11, 16);
    ticks.push({ atMs, label, anchor: atMs === untilMs ? ("end" as const) : ("middle" as const) });
  }
  return ticks;
}

/** To a tenth of a unit of the drawing: finer is invisible. */
const n = (value: number) => String(Math.round(value * 10) / 10);
