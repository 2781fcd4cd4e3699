import { escapeHtml } from "../escapeHtml.ts";
import type { Distribution } from "../report.ts";
import { lineStyles } from "./drawing.ts";

const width = 640;
const height = 132;
const floor = 108;

/** Shares of bins as bars: one for each variant, with a line where the baseline's is. Each says its figures, and the table says all. */
export function distributionHtml({ caption, bins, baseline, variants }: Distribution): string {
  const most = Math.max(0.05, ...(baseline ?? []), ...variants.flatMap(({ shares }) => shares));
  const slot = width / Math.max(1, bins.length);
  const bar = (slot * 0.72) / Math.max(1, variants.length);
  const y = (share: number) => r(floor - (share / most) * (floor - 8));
  const parts = bins.flatMap((bin, k) => {
    const left = k * slot + slot * 0.14;
    const bars = variants.map(({ name, shares, n }, v) => {
      const share = shares[k] ?? 0;
      const hint = `${name}, ${bin}: ${percent(share)} of ${n}`;
      return `<rect class="bar s${v % lineStyles}" x="${r(left + v * bar)}" y="${y(share)}" width="${r(bar * 0.9)}" height="${r(floor - y(share))}"><title>${escapeHtml(hint)}</title></rect>`;
    });
    const was =
      baseline === null
        ? ""
        : `<line class="was" x1="${r(left - 3)}" x2="${r(left + slot * 0.72 + 3)}" y1="${y(baseline[k] ?? 0)}" y2="${y(baseline[k] ?? 0)}"/>`;
    return [
      ...bars,
      was,
      `<text class="middle" x="${r(left + slot * 0.36)}" y="${floor + 18}">${escapeHtml(short(bin, slot))}</text>`,
    ];
  });
  const heads = ["bin", ...(baseline === null ? [] : ["baseline"]), ...variants.map(({ name, n }) => `${name} (n ${n})`)];
  const rows = bins.map((bin, k) => [
    bin,
    ...(baseline === null ? [] : [percent(baseline[k] ?? 0)]),
    ...variants.map(({ shares }) => percent(shares[k] ?? 0)),
  ]);
  return `<figure class="bars"><figcaption>${escapeHtml(caption)}</figcaption>
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(caption)}"><line class="grid" x1="0" x2="${width}" y1="${floor}" y2="${floor}"/>${parts.join("")}</svg>
<details class="figures"><summary>The figures of this chart</summary><table><thead><tr>${heads.map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join("")}</tr></thead><tbody>${rows
    .map((row) => `<tr>${row.map((cell) => `<td>${escapeHtml(cell)}</td>`).join("")}</tr>`)
    .join("")}</tbody></table></details></figure>`;
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const short = (text: string, slot: number) =>
  text.length <= slot / 7 ? text : `${text.slice(0, Math.max(1, Math.floor(slot / 7) - 1))}…`;
const r = (value: number) => Math.round(value * 10) / 10;
