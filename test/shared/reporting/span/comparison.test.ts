import { expect, test } from "@jest/globals";
import { compareLive, type LiveFigures } from "../../../../shared/monitoring/liveComparison.ts";
import { type ShadowDifference, shadowDifference } from "../../../../shared/monitoring/shadow.ts";
import { comparisonBlocks } from "../../../../shared/reporting/span/sections/comparison.ts";

const about = { endpoint: "chat", date: "2026-03-02", asOf: "2026-03-02T12:00:00Z", tolerance: 0.02 };
const figures = (variant: string, more: Partial<LiveFigures> = {}): LiveFigures => ({
  ...{ variant, shadow: false, answers: variant === "stable" ? 200 : 100, modelErrors: 0, servingMicroUsd: null },
  quality: { mean: 0.8, lower: 0.75, upper: 0.85, standardError: 0.025, nEff: 250 },
  ...{ latencyMs: { p50: 800, p95: 2_000 }, tokens: { prompt: 100, completion: 50 } },
  ...more,
});
const said = (next: LiveFigures, paired: Record<string, ShadowDifference | null> = {}) => {
  const [table, ...rest] = comparisonBlocks(compareLive(about, [figures("stable"), next], paired));
  return { table, text: rest.map((block) => (block.kind === "text" ? block.text : block.kind)) };
};

test("a shadow is called one, and is told of by the requests that it shares, with what is left out", () => {
  const pairs = Array.from({ length: 40 }, (_, i) => ({ a: 0.5, b: i % 4 === 0 ? 0.4 : 0.9, pi: 0.5, tokensA: 1, tokensB: 1 }));
  const paired = { next: shadowDifference({ pairs, ungraded: 3 }, about.tolerance, 0.05) };
  const { table, text } = said(figures("next", { shadow: true }), paired);
  expect(JSON.stringify(table)).toContain("next (shadow)");
  expect(text).toEqual([
    expect.stringMatching(
      /^next beside stable on the same 40 requests: quality is better, .*; graded higher 30 times, alike 0, lower 10\. 3 pairs are left out without a grade\.$/,
    ),
    "next beside stable: 1.00 times the p50 latency, 1.00 times the p95, 1.00 times the tokens of an answer.",
  ]);
});

test.each([
  {
    it: "a variant of its own requests by the difference of the means",
    next: figures("next", { tokens: null, latencyMs: { p50: 1_600, p95: 3_000 } }),
    says: [
      /^next beside stable: quality is undecided, /,
      /^next beside stable: 2\.00 times the p50 latency, 1\.50 times the p95\.$/,
    ],
  },
  {
    it: "nothing that is not known",
    next: figures("next", { quality: null, latencyMs: null, tokens: null }),
    says: [],
  },
])("tells of $it", ({ next, says }) => {
  const { table, text } = said(next);
  expect(text).toEqual(says.map((pattern) => expect.stringMatching(pattern)));
  expect(JSON.stringify(table)).not.toContain("(shadow)");
});
