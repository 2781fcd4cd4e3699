import { createHash } from "node:crypto";
import { expect, test } from "@jest/globals";
import { emptySummary } from "../../../../shared/monitoring/summary.ts";
import type { Curves } from "../../../../shared/reporting/page/dayReport.ts";
import { type RunReport, runPage } from "../../../../shared/reporting/page/runPage.ts";

const hostile = `"><script>alert(1)</script><img src=x onerror='alert(2)'> & style="x"`;

const curves = (name: string): Curves => ({
  from: "2026-03-02T00:00:00Z",
  until: "2026-03-02T06:00:00Z",
  variants: [
    {
      variant: name,
      quality: [{ at: "2026-03-02T01:00:00Z", estimate: 0.9, lower: 0.85, upper: 0.94 }],
      evidence: [{ at: "2026-03-02T01:00:00Z", value: 0.1 }],
      latencyP90Ms: [{ at: "2026-03-02T01:00:00Z", value: 1_400 }],
      trafficShare: [{ at: "2026-03-02T01:00:00Z", value: 0.5 }],
    },
  ],
  baseline: { mean: 0.92, low: 0.9, high: 0.94 },
  latencyLimitMs: 4_000,
  marks: [{ at: "2026-03-02T01:10:00Z", kind: "finding", text: name }],
});

const reportWith = (text: string, drawn: Curves | null): RunReport => ({
  title: text,
  origin: text,
  from: "2026-03-02T00:00:00Z",
  until: "2026-03-02T06:00:00Z",
  total: emptySummary(),
  variants: new Map([[`e/${text}`, { ...emptySummary(), scores: { [text]: { "97": 2 } } }]]),
  remediations: [],
  findings: [{ cause: "model", variant: text, at: "2026-03-02T01:10:00Z", size: -0.45, judged: 38 }],
  actions: [{ kind: "shift_traffic", variant: text, to: text, outcome: "kept" }],
  spend: { evaluationMicroUsd: 0, budgetMicroUsd: 0 },
  curves: drawn,
  events: [{ at: "2026-03-02T01:10:00Z", text }],
});

test("whatever names and reasons say stays text: they add no element and no attribute", () => {
  const tags = (page: string) => page.replaceAll(/>[^<]*/g, ">").replaceAll(/="[^"]*"/g, "=");
  expect(tags(runPage(reportWith(hostile, curves(hostile))))).toBe(tags(runPage(reportWith("harmless", curves("harmless")))));
});

test("the page's policy allows its one style and nothing else, and the page needs nothing else", () => {
  const page = runPage(reportWith("v", curves("v")));
  const [, policy] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)!;
  const styles = [...page.matchAll(/<style>([\s\S]*?)<\/style>/g)].map(([, style]) => style!);
  const hash = createHash("sha256").update(styles.join("")).digest("base64");
  expect(styles).toHaveLength(1);
  expect(policy).toBe(`default-src 'none'; style-src 'sha256-${hash}'`);
  expect(page).not.toMatch(/<script|<link|<img|<iframe|\sstyle=|\son\w+=|url\(|https?:/);
});

test.each([
  { it: "a span with curves", drawn: curves("v"), figures: 4 },
  { it: "files of unknown endpoints", drawn: null, figures: 0 },
])("draws what there is of $it", ({ drawn, figures }) => {
  const page = runPage(reportWith("v", drawn));
  expect(page.match(/<figure>/g)?.length ?? 0).toBe(figures);
  expect(page).toContain("The books");
});
