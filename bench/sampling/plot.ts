import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { windowsPerDay } from "../../shared/sampling/traffic.ts";
import { chanceFrom } from "../chance.ts";
import { type DaySeen, type MethodName, playScene } from "./scene.ts";

const panels: readonly { name: MethodName; title: string }[] = [
  { name: "firstCome", title: "first come: judge everything until the budget is spent" },
  { name: "uniform", title: "uniform: every answer with the same π, set by somebody who knew the day's traffic" },
  { name: "ours", title: "Assay: strata and a pacer" },
];
const [left, width, panelHeight, barsHeight] = [40, 620, 150, 70];
const seed = 4;

/** The plot of docs/sampling.md as SVG: per method, judged answers per hour, and below them the judged ones of the rare segment. */
export function samplingPlot(): string {
  const days = panels.map(({ name, title }) => ({ title, day: playScene(chanceFrom(seed), name) }));
  const height = 20 + panels.length * panelHeight;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${left + width + 140} ${height}" font-family="sans-serif" font-size="12">`,
    "<title>What three ways of choosing judge of a rare segment over a day</title>",
    `<rect width="100%" height="100%" fill="white"/>`,
    ...days.flatMap(({ title, day }, i) => panel(title, day, 20 + i * panelHeight)),
    "</svg>",
    "",
  ].join("\n");
}

function panel(title: string, { hours, rare, rareAnswered, judged }: DaySeen, top: number): string[] {
  const base = top + 12 + barsHeight;
  const x = (window: number) => round(left + (width * window) / windowsPerDay);
  // Square roots: first come judges twenty times as many in an hour as the others, which would show nothing of them.
  const bar = (n: number) => round((barsHeight * Math.sqrt(n)) / Math.sqrt(1_300));
  return [
    `<text x="${left}" y="${top + 4}" font-weight="bold">${title}</text>`,
    ...hours.map(
      (n, hour) =>
        `<rect x="${x(4 * hour)}" y="${round(base - bar(n))}" width="${round(width / 24 - 2)}" height="${bar(n)}" fill="#9db4c8"/>`,
    ),
    `<line x1="${left}" y1="${base}" x2="${left + width}" y2="${base}" stroke="#555"/>`,
    ...[0, 6, 12, 18, 24].map(
      (hour) => `<text x="${x(4 * hour)}" y="${base + 14}" text-anchor="middle" fill="#555">${hour}:00</text>`,
    ),
    ...rare.map(({ window }) => `<circle cx="${x(window + 0.5)}" cy="${base + 26}" r="4" fill="#c23b22" fill-opacity="0.7"/>`),
    `<text x="${left + width + 24}" y="${base - 20}" fill="#55708a">${judged} judged</text>`,
    `<text x="${left + width + 24}" y="${base + 30}" fill="#c23b22">${rare.length} of ${rareAnswered} rare</text>`,
  ];
}

const round = (value: number) => Number(value.toFixed(1));

const file = fileURLToPath(new URL("../../docs/sampling.svg", import.meta.url));
if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(file, samplingPlot());
