import { existsSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import axe from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { parseAssay } from "../../../../shared/config/load.ts";
import { page } from "../../../../shared/reporting/page/page.ts";
import { readSpan } from "../../../../shared/reporting/span/read.ts";
import { spanReport } from "../../../../shared/reporting/span/report.ts";
import { findingOf, firstMs, remediationOf, resultsOf, sourceOf } from "../facts.ts";

const executablePath = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
// Debian's `chromium`. Without a browser these are reported as skipped; the other tests read the page as text.
const inBrowser = existsSync(executablePath) ? test : test.skip;

/** Says in its title that it got out, if it does. */
const hostile = `</script></pre><script>document.title="out"</script><img src=x onerror="document.title='out'"><svg onload="document.title='out'">" autofocus onfocus="document.title='out'`;

let browser: Browser | undefined;
let file: string;
beforeAll(async () => {
  if (!existsSync(executablePath)) return;
  const assay = parseAssay("captures: s3://captures\nendpoints: { chat: { variants: [stable, candidate] } }\n", "assay.yml");
  const items = (pk: string, sk: string) => {
    if (pk.startsWith("budget#")) return [{ sk: "2026-03-02", spentMicroUsd: 412_345, budgetMicroUsd: 5_000_000 }];
    if (sk === "finding#") return [{ ...findingOf("chat", "candidate", hostile) }];
    return sk === "remediation#" ? [{ record: remediationOf("chat", "candidate", hostile) }] : [];
  };
  const objects = resultsOf("chat", ["stable", "candidate"], 6, hostile);
  const span = { endpoint: "chat", fromMs: firstMs, untilMs: firstMs + 6 * 3_600_000, assay };
  const facts = await readSpan(sourceOf(objects, items, hostile), span);
  const html = page(spanReport({ ...facts, title: "chat", origin: [hostile], events: [{ at: facts.from, text: hostile }] }));
  file = join(await mkdtemp(join(tmpdir(), "assay-report-")), "report.html");
  await writeFile(file, html);
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
});
afterAll(() => browser?.close());

const output = (tab: Page) => tab.evaluate(`document.querySelector("output").textContent`);

inBrowser.each([
  { it: "a telephone by day", width: 375, colorScheme: "light" as const, paper: "rgb(246, 247, 248)" },
  { it: "a screen by night", width: 1_000, colorScheme: "dark" as const, paper: "rgb(16, 18, 20)" },
])("on $it all can be read and reached, nothing is wider than the screen, and nothing gets out", async (given) => {
  const { width, colorScheme, paper } = given;
  const tab = await browser!.newPage({ viewport: { width, height: 800 }, colorScheme });
  const complaints: string[] = [];
  tab.on("console", (message) => complaints.push(message.text()));
  tab.on("pageerror", (error) => complaints.push(error.message));
  await tab.goto(pathToFileURL(file).href);
  await tab.screenshot({ path: join(file, "..", `${colorScheme}.png`), fullPage: true });

  // What is folded is part of the page, and must be as wide and as readable as the rest.
  await tab.evaluate(`dispatchEvent(new Event("beforeprint")); document.querySelector("details.figures").open = true`);
  const seen = await tab.evaluate(`({
    title: document.title,
    overflow: document.documentElement.scrollWidth - innerWidth,
    paper: getComputedStyle(document.body).backgroundColor,
    dashes: getComputedStyle(document.querySelector("figure .line.s1")).strokeDasharray,
  })`);
  expect(seen).toEqual({ title: "chat", overflow: 0, paper, dashes: expect.stringContaining("8") });

  await tab
    .locator(".drawing")
    .first()
    .hover({ position: { x: 200, y: 100 } });
  expect(await output(tab)).toMatch(/^03-02 \d\d:\d\d {3}stable 0\.\d\d \(0\.\d\d to 0\.\d\d\), n \d+ {3}candidate /);
  const drawing = tab.locator(".drawing").first();
  await drawing.press("End");
  const last = await output(tab);
  await drawing.press("ArrowLeft");
  expect(last).toMatch(/^03-02 05:45/);
  expect(await output(tab)).toMatch(/^03-02 05:30/);
  expect(await drawing.getAttribute("aria-valuetext")).toBe(await output(tab));
  expect(complaints).toEqual([]);

  // From outside: the page's own policy lets nobody in.
  await tab.evaluate(axe.source);
  const { violations } = (await tab.evaluate("axe.run()")) as { violations: { id: string; nodes: { html: string }[] }[] };
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
  await tab.close();
});
