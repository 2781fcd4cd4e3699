import { expect, test } from "@jest/globals";
import { parseAssay } from "../../../../shared/config/load.ts";
import { compareLive } from "../../../../shared/monitoring/liveComparison.ts";
import type { KnownSignals } from "../../../../shared/monitoring/monitorState.ts";
import { comparisonKey, signalsKey } from "../../../../shared/monitoring/resultKeys.ts";
import { page } from "../../../../shared/reporting/page/page.ts";
import type { Table, Timeline } from "../../../../shared/reporting/report.ts";
import { readSpan } from "../../../../shared/reporting/span/read.ts";
import { spanReport } from "../../../../shared/reporting/span/report.ts";
import { findingOf, firstMs, remediationOf, resultsOf, sourceOf } from "../facts.ts";

const hostile = `</script><script>alert(1)</script><img src=x onerror="alert(2)"> ' style=x \u202e\u0007 &amp;`;
const assay = parseAssay(
  "captures: s3://captures\nendpoints: { chat: { variants: [stable, candidate], quality: { target: 0.85, tolerance: 0.02 } } }\n",
  "assay.yml",
);
const hours = 6;
const span = { endpoint: "chat", fromMs: firstMs, untilMs: firstMs + hours * 3_600_000 };

async function reported(text: string, { fromFolder = false, found = true, shadows = [] as string[] } = {}) {
  const variants = ["stable", "candidate"];
  const budget = { sk: "2026-03-02", spentMicroUsd: 412_345, budgetMicroUsd: 5_000_000 };
  const items = (pk: string, sk: string) => {
    if (pk.startsWith("budget#")) return [budget];
    if (sk === "finding#") return found ? [{ ...findingOf("chat", "candidate", text) }] : [];
    return sk === "remediation#" && found ? [{ record: remediationOf("chat", "candidate", text) }] : [];
  };
  const objects = resultsOf("chat", variants, hours, text);
  if (found) objects["remediations/f1.json"] = remediationOf("chat", "candidate", text);
  const figures = variants.map((variant) => ({
    ...{ variant, shadow: shadows.includes(variant), answers: 288, modelErrors: 0 },
    ...{ quality: null, latencyMs: null, tokens: null, servingMicroUsd: null },
  }));
  const about = { endpoint: "chat", date: "2026-03-02", asOf: "2026-03-02T06:00:00Z", tolerance: 0.02 };
  if (shadows.length > 0) objects[comparisonKey("chat", about.date)] = compareLive(about, figures, {});
  const facts = await readSpan(sourceOf(objects, fromFolder ? null : items, text), { ...span, assay });
  return spanReport({ ...facts, title: text, origin: [text], events: [{ at: facts.from, text }] });
}

test("the verdict comes first: what was found, where quality stands, what was done, and what it cost", async () => {
  const { verdict, tone } = await reported("harmless");
  expect(verdict).toMatch(
    /^The quality of candidate fell by 0\.30 \(found at 03:30 after 60 judged answers\); over the whole span quality was 0\.74 \(.*\) of candidate and 0\.89 \(.*\) of stable, where 0\.85 is aimed at; nothing was done, and the page says why; 576 of 576 captured records could be read; judging cost \$0\.41 of a budget of \$5\.00\.$/,
  );
  expect(tone).toBe("bad");
});

test("a shadow that is bad is no reason for attention, is called one, and gets no share of the traffic", async () => {
  const report = await reported("harmless", { found: false, shadows: ["candidate"] });
  expect(report.verdict).toMatch(/over the whole span quality was 0\.89 \([^)]*\) of stable, where/);
  expect(report.tone).toBe("good");
  const blocks = report.sections.flatMap((section) => section.blocks);
  const tiles = blocks.flatMap((block) => (block.kind === "tiles" ? block.tiles : []));
  expect(tiles).toContainEqual(expect.objectContaining({ name: "candidate (shadow)", tone: "unsure" }));
  const timeline = blocks.find((block): block is Timeline => block.kind === "timeline")!;
  expect(timeline.panels[3]!.lines.map(({ values }) => values[0]!.y)).toEqual([1, 0]);
});

test("a change shows in the curve where it was, with what it rests on", async () => {
  const { sections } = await reported("harmless");
  const timeline = sections.flatMap(({ blocks }) => blocks).find((block): block is Timeline => block.kind === "timeline")!;
  const [quality, evidence, latency, traffic] = timeline.panels;
  const candidate = quality!.lines[1]!.values;
  expect(candidate[0]).toBeNull(); // 12 judged answers are too few
  expect(candidate[3]!.n).toBeGreaterThanOrEqual(30);
  expect(candidate[3]!.y).toBeGreaterThan(0.85);
  expect(candidate.at(-1)!.y).toBeLessThan(0.65);
  expect(candidate.at(-1)!.high!).toBeLessThan(quality!.lines[0]!.values.at(-1)!.low!);
  expect(evidence!.lines[0]!.values[10]!.y).toBe(1);
  expect(latency!.lines[0]!.values[10]!.y).toBeCloseTo(1e-6, 9);
  expect(traffic!.lines[1]!.values[0]).toMatchObject({ y: 0.5 });
  expect(timeline.marks.map(({ kind }) => kind)).toEqual(["alarm", "finding"]);
});

const sectionsWith = (report: Awaited<ReturnType<typeof reported>>) =>
  new Map(report.sections.map(({ title, blocks }) => [title, blocks]));
const tableIn = (report: Awaited<ReturnType<typeof reported>>, section: string, caption: string) =>
  sectionsWith(report)
    .get(section)!
    .find((block): block is Table => block.kind === "table" && block.caption.includes(caption))!;

test.each([
  {
    section: "Coverage: nothing lost",
    caption: "every captured record",
    row: ["all", "576", "576", "0", "0", "0", "0", "0", "576"],
  },
  { section: "Budgets", caption: "By day", row: ["2026-03-02", "$0.412", "8 % of $5.00", "—", "—"] },
  { section: "Health of the judge", caption: "chosen answers", row: ["graded", "576", "100.0 %"] },
  {
    section: "What was found, and what was done",
    caption: "Decisions",
    row: ["2026-03-02 03:31", "hold", "candidate", "held", "harmless"],
  },
])("$section has $row", async ({ section, caption, row }) =>
  expect(tableIn(await reported("harmless"), section, caption).rows).toContainEqual(row),
);

test("segments come with the lowest first, and every mean with its interval and n", async () => {
  const { rows } = tableIn(await reported("harmless"), "Segments", "lowest");
  expect(rows[0]!.slice(0, 3)).toEqual([expect.stringMatching(/billing|harmless/), "candidate", "quality"]);
  expect(rows[0]![3]).toMatchObject({ text: expect.stringMatching(/^0\.\d{3} \(0\.\d{3} to 0\.\d{3}\), n 144$/) });
});

test("the worst answers are shown without personal data", async () => {
  const [block] = sectionsWith(await reported("harmless")).get("Worst answers")!;
  if (block?.kind !== "examples") throw new Error("no examples");
  expect(block.examples).toHaveLength(8);
  expect(block.examples[0]).toMatchObject({
    about: expect.stringContaining("Grade 0.50 · candidate"),
    text: { answer: "harmless ask [e-mail]" },
  });
});

test("a folder says less, and never a 0 for what it does not know", async () => {
  const report = await reported("harmless", { fromFolder: true });
  expect(report.verdict).not.toContain("cost");
  expect(sectionsWith(report).get("Budgets")).toEqual([]);
  expect(tableIn(report, "What was found, and what was done", "Findings").rows).toHaveLength(1);
  expect(page(report).match(/not measured/g)).toHaveLength(2); // evidence and latency
});

test.each([
  { from: "a folder", items: null },
  { from: "a stack", items: () => [] },
])("what a signal needs before it can be compared is said from $from", async ({ items }) => {
  const judge =
    "{ provider: bedrock, model: m, rubric: { quality: right }, usdPerMillionInputTokens: 1, usdPerMillionOutputTokens: 1 }";
  const judged = parseAssay(
    `endpoints: { chat: { variants: [stable], judge: ${judge}, evaluationBudget: { usdPerDay: 5 } } }`,
    "assay.yml",
  );
  const line = { window: "2026-03-02T05:30:00Z", endpoint: "chat", variant: "stable", n: 0, judged: 0 };
  const unknown = { estimate: null, lower: null, upper: null, evidence: 0 };
  const known: KnownSignals = {
    ...{ endpoint: "chat", asOf: "2026-03-02T06:01:00Z", window: line.window },
    signals: [
      { ...line, ...unknown, signal: "quality", state: "needs_data", needs: { n: 12, of: "judged answers" } },
      { ...line, ...unknown, signal: "score-refusal", estimate: 0.02, lower: 0.01, upper: 0.04, n: 120, state: "quiet" },
      { ...line, ...unknown, signal: "score-gone", state: "quiet" },
    ],
  };
  const objects = { ...resultsOf("chat", ["stable"], hours, "x"), [signalsKey("chat")]: known };
  const facts = await readSpan(sourceOf(objects, items, "x"), { ...span, assay: judged });
  const report = spanReport({ ...facts, title: "t", origin: [], events: [] });
  const blocks = sectionsWith(report).get("Evidence of each signal")!;
  expect(blocks[0]).toMatchObject({ text: expect.stringMatching(/^1 of 2 signals have not enough data/) });
  const { rows } = tableIn(report, "Evidence of each signal", "2026-03-02 06:01");
  expect(rows.map(([signal, , state]) => [signal, state])).toEqual([
    ["quality", { text: "needs 12 more judged answers", tone: "unsure" }],
    ["score-refusal", { text: "quiet", tone: "good" }],
  ]);
});

test("a quiet span above its target is good", async () => {
  const facts = await readSpan(
    sourceOf(resultsOf("chat", ["stable"], hours, "x"), () => [], "x"),
    { ...span, assay },
  );
  const { tone, verdict } = spanReport({ ...facts, title: "t", origin: [], events: [] });
  expect({ tone, verdict }).toEqual({
    tone: "good",
    verdict: expect.stringMatching(/^Nothing was found; .*; nothing was done; /),
  });
});

test("whatever names, reasons and answers say stays text: they add no element and no attribute, and nothing unseen", async () => {
  const tags = (html: string) => html.replaceAll(/>[^<]*/g, ">").replaceAll(/="[^"]*"/g, "=");
  const [evil, harmless] = [page(await reported(hostile)), page(await reported("harmless"))];
  expect(tags(evil)).toBe(tags(harmless));
  for (const unseen of [0x202e, 7]) expect(evil).not.toContain(String.fromCharCode(unseen));
  expect(evil).toContain("[U+202E]");
});
