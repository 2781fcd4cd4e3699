import { expect, test } from "@jest/globals";
import { curvesHtml } from "../../../../shared/reporting/page/curves.ts";
import type { Curves, Mark, Point } from "../../../../shared/reporting/page/dayReport.ts";

const hour = (h: number) => new Date(Date.UTC(2026, 2, 2) + h * 3_600_000).toISOString();
const points = (values: readonly (number | null)[]): Point[] => values.map((value, h) => ({ at: hour(h), value }));

function page(given: {
  quality?: (number | null)[];
  evidence?: (number | null)[];
  baseline?: Curves["baseline"];
  marks?: Mark[];
}): string {
  const quality = points(given.quality ?? []).map(({ at, value }) => ({
    at,
    estimate: value,
    lower: value === null ? null : value - 0.1,
    upper: value === null ? null : value + 0.05,
  }));
  const variant = { variant: "v", quality, evidence: points(given.evidence ?? []), latencyP90Ms: [], trafficShare: [] };
  return curvesHtml({
    from: hour(0),
    until: hour(4),
    variants: [variant],
    baseline: given.baseline ?? null,
    latencyLimitMs: 4_000,
    marks: given.marks ?? [],
  });
}
/** The curve in each figure: quality, evidence, latency, traffic. */
const drawn = (html: string, kind: "line" | "interval" = "line") =>
  html
    .split("<figure>")
    .slice(1)
    .map((figure) => new RegExp(`class="${kind} s0" d="([^"]*)"`).exec(figure)?.[1] ?? null);
const heights = (path: string) => [...path.matchAll(/[ML]([\d.]+) ([\d.]+)/g)].map(([, , y]) => Number(y));

test.each([
  { it: "one stretch", values: [0.1, 0.2, 0.3], stretches: 1, dots: 0, corners: 3 },
  { it: "a gap breaks the line", values: [0.1, 0.2, null, 0.3, 0.4], stretches: 2, dots: 0, corners: 4 },
  { it: "a gap at either end is no corner", values: [null, 0.2, 0.3, null], stretches: 1, dots: 0, corners: 2 },
  { it: "a point alone is a dot", values: [null, 0.2, null, 0.3, 0.3], stretches: 2, dots: 1, corners: 3 },
])("$it", ({ values, stretches, dots, corners }) => {
  const path = drawn(page({ evidence: values }))[1]!;
  expect(path.match(/M/g)).toHaveLength(stretches);
  expect(path.match(/h0/g)?.length ?? 0).toBe(dots);
  expect(heights(path)).toHaveLength(corners);
});

test.each([
  { it: "gaps only", values: [null, null] },
  { it: "no points", values: [] },
])("nothing is drawn of $it: no line at 0", ({ values }) => {
  const html = page({ evidence: values, quality: values });
  expect(drawn(html)).toEqual([null, null, null, null]);
  expect(html.match(/not measured/g)).toHaveLength(4);
});

test("more is higher, and what is beyond the axis is drawn at its edge", () => {
  const [low, high, edge, beyond] = heights(drawn(page({ evidence: [0, 1, 2, 40] }))[1]!);
  expect(high!).toBeLessThan(low!);
  expect(edge!).toBeLessThan(high!);
  expect(beyond).toBe(edge);
});

test("the interval lies around the line, and is broken where the line is", () => {
  const html = page({ quality: [0.8, 0.8, null, 0.6, 0.6] });
  const [line, interval] = [heights(drawn(html)[0]!), heights(drawn(html, "interval")[0]!)];
  expect(drawn(html, "interval")[0]!.match(/z/g)).toHaveLength(2);
  expect(Math.min(...interval)).toBeLessThan(Math.min(...line));
  expect(Math.max(...interval)).toBeGreaterThan(Math.max(...line));
});

test.each([
  { it: "a baseline", baseline: { mean: 0.92, low: 0.9, high: 0.94 }, says: 1 },
  { it: "none", baseline: null, says: 0 },
])("with $it, what counts as unchanged is shaded", ({ baseline, says }) => {
  const html = page({ baseline, quality: [0.9, 0.9] });
  expect(html.match(/class="tolerated"/g)?.length ?? 0).toBe(says);
  expect(html.match(/baseline 0\.92/g)?.length ?? 0).toBe(says);
});

test("marks have a number on the first chart and in the list, a line on every chart, and do not cover each other", () => {
  const html = page({
    marks: [
      { at: hour(1), kind: "alarm", text: "first" },
      { at: hour(1), kind: "finding", text: "second" },
      { at: hour(3), kind: "action", text: "third" },
    ],
  });
  const places = [...html.matchAll(/class="middle number" x="([\d.]+)" y="([\d.]+)">(\d)</g)].map(([, x, y, k]) => ({ x, y, k }));
  expect(places.map(({ k }) => k)).toEqual(["1", "2", "3", "1", "2", "3"]);
  expect(new Set(places.slice(0, 3).map(({ x, y }) => `${x} ${y}`)).size).toBe(3);
  expect(html.match(/class="mark"/g)).toHaveLength(3 * 4);
  for (const text of ["Alarm</b> first", "Finding</b> second", "Action</b> third"]) expect(html).toContain(text);
});
