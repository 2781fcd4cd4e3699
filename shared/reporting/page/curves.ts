import { escapeHtml } from "../escapeHtml.ts";
import { type Chart, chartSvg, glyph, lineStyles } from "./chart.ts";
import type { Curves, Mark, Point } from "./dayReport.ts";

type Panel = Pick<Chart, "title" | "explains" | "yMin" | "yMax" | "ticks" | "lines" | "levels" | "band">;

/** Evidence grows without end once it has alarmed; what matters is how it got there. */
const evidenceDrawnTo = 2;

/** The day's curves over one time axis, and what the numbered marks on them stand for. */
export function curvesHtml(curves: Curves): string {
  const span = {
    fromMs: Date.parse(curves.from),
    untilMs: Date.parse(curves.until),
    marks: curves.marks.map(({ at, kind }) => ({ atMs: Date.parse(at), kind })),
  };
  const figures = [quality(curves), evidence(curves), latency(curves), traffic(curves)].map(
    (panel, index) =>
      `<figure><figcaption><b>${panel.title}</b> ${escapeHtml(panel.explains)}</figcaption>${chartSvg({ ...span, ...panel, numbered: index === 0 })}</figure>`,
  );
  return `<h2>The day's curves</h2>\n${legend(curves)}\n${figures.join("\n")}\n${markList(curves.marks)}`;
}

function quality({ variants, baseline }: Curves): Panel {
  const lines = variants.map(({ variant, quality }) => ({
    name: variant,
    points: quality.map(({ at, estimate, lower, upper }) => ({ atMs: Date.parse(at), y: estimate, low: lower, high: upper })),
  }));
  const lowest = Math.min(baseline?.low ?? 1, ...lines.flatMap(({ points }) => points.flatMap(({ low, y }) => low ?? y ?? [])));
  const yMin = Math.max(0, Math.min(0.8, Math.floor(lowest * 5) / 5));
  return {
    title: "Quality",
    explains:
      baseline === null
        ? "mean grade of the judge, from 0 to 1, uncorrected by people, with its 95 % interval."
        : `mean grade of the judge, from 0 to 1, uncorrected by people, with its 95 % interval. Grey: what counts as unchanged, ${baseline.low.toFixed(2)} to ${baseline.high.toFixed(2)}.`,
    yMin,
    yMax: 1,
    ticks: steps(yMin, 1, yMin < 0.6 ? 0.2 : 0.1).map((y) => ({ y, label: y.toFixed(1) })),
    lines,
    levels: baseline === null ? [] : [{ y: baseline.mean, label: `baseline ${baseline.mean.toFixed(2)}`, strong: false }],
    band: baseline,
  };
}

function evidence({ variants }: Curves): Panel {
  return {
    title: "Evidence",
    explains: `that quality has changed: 0 is none, at 1 it alarms. Drawn up to ${evidenceDrawnTo}.`,
    yMin: 0,
    yMax: evidenceDrawnTo,
    ticks: [0, 1, 2].map((y) => ({ y, label: String(y) })),
    lines: variants.map(({ variant, evidence }) => line(variant, evidence)),
    levels: [{ y: 1, label: "alarm", strong: true }],
    band: null,
  };
}

function latency({ variants, latencyLimitMs }: Curves): Panel {
  const lines = variants.map(({ variant, latencyP90Ms }) => line(variant, latencyP90Ms));
  const highest = Math.max(latencyLimitMs * 1.25, ...lines.flatMap(({ points }) => points.flatMap(({ y }) => y ?? [])));
  const step = [500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000].find((ms) => highest / ms <= 5) ?? highest / 4;
  const yMax = Math.ceil(highest / step) * step;
  return {
    title: "Latency",
    explains: "nine answers of ten take at most so many seconds.",
    yMin: 0,
    yMax,
    ticks: steps(0, yMax, step).map((y) => ({ y, label: `${y / 1_000} s` })),
    lines,
    levels: [{ y: latencyLimitMs, label: `alarm over ${latencyLimitMs / 1_000} s`, strong: true }],
    band: null,
  };
}

function traffic({ variants }: Curves): Panel {
  return {
    title: "Traffic",
    explains: "share of the requests that each variant answers.",
    yMin: 0,
    yMax: 1,
    ticks: [0, 0.5, 1].map((y) => ({ y, label: `${y * 100} %` })),
    lines: variants.map(({ variant, trafficShare }) => line(variant, trafficShare)),
    levels: [],
    band: null,
  };
}

const line = (name: string, points: readonly Point[]) => ({
  name,
  points: points.map(({ at, value }) => ({ atMs: Date.parse(at), y: value })),
});

function steps(from: number, until: number, step: number): number[] {
  return Array.from({ length: Math.round((until - from) / step) + 1 }, (_, k) => from + k * step);
}

function legend({ variants }: Curves): string {
  const items = variants.map(
    ({ variant }, index) =>
      `<li><svg class="key" viewBox="0 0 44 12" aria-hidden="true"><path class="line s${index % lineStyles}" d="M3 6H41"/></svg> ${escapeHtml(variant)}</li>`,
  );
  return `<ul class="legend">${items.join("")}</ul>`;
}

const nameOf: Record<Mark["kind"], string> = { alarm: "Alarm", finding: "Finding", action: "Action" };

function markList(marks: readonly Mark[]): string {
  if (marks.length === 0) return "<p>No alarm, no finding, no action.</p>";
  const items = marks.map(
    ({ at, kind, text }, index) =>
      `<li class="${kind}"><svg class="key" viewBox="0 0 30 28" aria-hidden="true">${glyph(kind, 15, 15)}<text class="middle number" x="15" y="20">${index + 1}</text></svg><time datetime="${escapeHtml(at)}">${escapeHtml(at.slice(11, 16))}</time> <b>${nameOf[kind]}</b> ${escapeHtml(text)}</li>`,
  );
  return `<ol class="marks">${items.join("")}</ol>`;
}
