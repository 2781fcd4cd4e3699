import { createHash } from "node:crypto";
import { expect, test } from "@jest/globals";
import { escapeHtml } from "../../../../shared/reporting/escapeHtml.ts";
import { page } from "../../../../shared/reporting/page/page.ts";
import type { Report, Timeline } from "../../../../shared/reporting/report.ts";

const hour = 3_600_000;
const timeline = (values: (number | null)[], marks: Timeline["marks"] = []): Timeline => ({
  ...{ kind: "timeline", fromMs: 0, untilMs: 4 * hour, times: values.map((_, k) => k * hour), marks },
  panels: [
    {
      ...{
        title: "Quality",
        explains: "of v",
        unit: "number",
        yMin: 0,
        yMax: 2,
        ticks: [],
        levels: [],
        band: { low: 0.9, high: 0.94 },
      },
      lines: [{ name: "v", values: values.map((y) => (y === null ? null : { y, low: y - 0.1, high: y + 0.05, n: 42 })) }],
    },
  ],
});
const reportOf = (block: Timeline): Report => ({
  ...{ title: "t", verdict: "v", tone: "good", about: [] },
  sections: [
    { title: "s", blocks: [block] },
    { title: "empty", blocks: [] },
  ],
});
const drawn = (html: string, kind: "line" | "interval" = "line") =>
  new RegExp(`class="${kind} s0" d="([^"]*)"`).exec(html.slice(html.indexOf("<figure")))?.[1] ?? null;
const heights = (path: string) => [...path.matchAll(/[ML]([\d.]+) ([\d.]+)/g)].map(([, , y]) => Number(y));

test("the page's policy allows its one style and its one script by their hashes, and the page needs nothing else", () => {
  const html = page(reportOf(timeline([0.9])));
  const hashOf = (tag: string) => {
    const found = [...html.matchAll(new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`, "g"))].map(([, text]) => text!);
    expect(found).toHaveLength(1);
    return createHash("sha256").update(found[0]!).digest("base64");
  };
  const [, policy] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)!;
  expect(policy).toBe(
    `default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'sha256-${hashOf("style")}'; script-src 'sha256-${hashOf("script")}'`,
  );
  expect(html).not.toMatch(/<link|<img|<iframe|\sstyle=|\son\w+=|url\(|https?:/);
});

test("a section without anything to say is not there", () => expect(page(reportOf(timeline([0.9])))).not.toContain("empty"));

test.each([
  { it: "one stretch", values: [0.1, 0.2, 0.3], stretches: 1, dots: 0, corners: 3 },
  { it: "a gap breaks the line", values: [0.1, 0.2, null, 0.3, 0.4], stretches: 2, dots: 0, corners: 4 },
  { it: "a point alone is a dot", values: [null, 0.2, null, 0.3, 0.3], stretches: 2, dots: 1, corners: 3 },
])("$it, and each point has its row with interval and n", ({ values, stretches, dots, corners }) => {
  const html = page(reportOf(timeline(values)));
  const path = drawn(html)!;
  expect(path.match(/M/g)).toHaveLength(stretches);
  expect(path.match(/h0/g)?.length ?? 0).toBe(dots);
  expect(heights(path)).toHaveLength(corners);
  expect(drawn(html, "interval")!.match(/z/g)).toHaveLength(stretches);
  expect(html.match(/<td>0\.\d0 \(-?0\.\d0 to 0\.\d5\), n 42<\/td>/g)).toHaveLength(corners);
});

test("nothing is drawn of gaps only: no line at 0, and no row", () => {
  const html = page(reportOf(timeline([null, null])));
  expect(drawn(html)).toBeNull();
  expect(html).toContain("not measured");
  expect(html).not.toContain("The figures of this chart");
});

test("more is higher, and what is beyond the axis is drawn at its edge", () => {
  const [low, high, edge, beyond] = heights(drawn(page(reportOf(timeline([0, 1, 2, 40]))))!);
  expect(high!).toBeLessThan(low!);
  expect(edge!).toBeLessThan(high!);
  expect(beyond).toBe(edge);
});

test("marks have a number on the chart and in the list, and do not cover each other", () => {
  const html = page(
    reportOf(
      timeline(
        [0.9, 0.9],
        [
          { atMs: hour, kind: "alarm", text: "first" },
          { atMs: hour, kind: "finding", text: "second" },
          { atMs: 3 * hour, kind: "action", text: "third" },
        ],
      ),
    ),
  );
  const places = [...html.matchAll(/class="middle number" x="([\d.]+)" y="([\d.]+)">(\d)</g)].map(([, x, y, k]) => ({ x, y, k }));
  expect(places.map(({ k }) => k)).toEqual(["1", "2", "3", "1", "2", "3"]);
  expect(new Set(places.slice(0, 3).map(({ x, y }) => `${x} ${y}`)).size).toBe(3);
  for (const text of ["Alarm</b> first", "Finding</b> second", "Action</b> third"]) expect(html).toContain(text);
});

test.each([
  { it: "what ends a script", text: "</script>", is: "&lt;/script&gt;" },
  { it: "what ends an attribute", text: `"'`, is: "&quot;&#39;" },
  { it: "an entity", text: "&lt;", is: "&amp;lt;" },
  { it: "what turns the direction", text: "a\u202eb\u2066", is: "a[U+202E]b[U+2066]" },
  {
    it: "control characters, but tabs and line ends",
    text: String.fromCharCode(0, 0x1b, 9, 10, 0x85),
    is: "[U+0000][U+001B]\t\n[U+0085]",
  },
  { it: "half a character", text: "\ud800", is: "\ufffd" },
  { it: "an emoji of many parts, which stays", text: "👩‍🔬", is: "👩‍🔬" },
])("$it is escaped", ({ text, is }) => expect(escapeHtml(text)).toBe(is));
