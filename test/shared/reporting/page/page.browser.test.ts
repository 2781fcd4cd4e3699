import { existsSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Browser, chromium } from "playwright-core";
import { emptySummary } from "../../../../shared/monitoring/summary.ts";
import { runPage } from "../../../../shared/reporting/page/runPage.ts";

const executablePath = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
// Debian's `chromium`. Without a browser these are reported as skipped; the other tests read the page as text.
const inBrowser = existsSync(executablePath) ? test : test.skip;

const hour = (h: number) => new Date(Date.UTC(2026, 2, 2, h)).toISOString();
const hostile = `<script>document.title="broken into"</script>`;
const series = (value: number) => Array.from({ length: 24 }, (_, h) => ({ at: hour(h), value: h === 7 ? null : value }));
const page = runPage({
  title: "support-chat: day",
  origin: "Made up.",
  from: hour(0),
  until: hour(24),
  total: emptySummary(),
  variants: new Map(["stable", hostile].map((variant) => [`support-chat/${variant}`, emptySummary()])),
  remediations: [],
  findings: [{ cause: "model", variant: hostile, at: hour(14), size: -0.45, judged: 38 }],
  actions: [],
  spend: { evaluationMicroUsd: 1, budgetMicroUsd: 2 },
  curves: {
    from: hour(0),
    until: hour(24),
    variants: ["stable", hostile].map((variant) => ({
      variant,
      quality: series(0.9).map(({ at, value }) => ({ at, estimate: value, lower: value, upper: value })),
      evidence: series(0.1),
      latencyP90Ms: series(1_400),
      trafficShare: series(0.5),
    })),
    baseline: null,
    latencyLimitMs: 4_000,
    marks: [{ at: hour(14), kind: "finding", text: hostile }],
  },
  events: [],
});

let browser: Browser | undefined;
beforeAll(async () => {
  if (existsSync(executablePath)) browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
});
afterAll(() => browser?.close());

inBrowser.each([
  { it: "a telephone by day", width: 375, colorScheme: "light" as const, paper: "rgb(255, 255, 255)", line: "rgb(0, 114, 178)" },
  { it: "a screen by night", width: 1_000, colorScheme: "dark" as const, paper: "rgb(22, 24, 26)", line: "rgb(86, 180, 233)" },
])(
  "on $it the style applies, nothing is wider than the screen, and nothing else runs",
  async ({ width, colorScheme, paper, line }) => {
    const tab = await browser!.newPage({ viewport: { width, height: 800 }, colorScheme });
    const complaints: string[] = [];
    tab.on("console", (message) => complaints.push(message.text()));
    await tab.setContent(page);
    const seen = await tab.evaluate(`({
    title: document.title,
    overflow: document.documentElement.scrollWidth - innerWidth,
    paper: getComputedStyle(document.body).backgroundColor,
    line: getComputedStyle(document.querySelector("figure .line.s0")).stroke,
  })`);
    expect(seen).toEqual({ title: "support-chat: day", overflow: 0, paper, line });
    expect(complaints).toEqual([]);
    await tab.close();
  },
);
