import { expect, test } from "@jest/globals";
import { judgeGates, parseGate } from "../../../shared/evaluation/gates.ts";
import { besideSentences } from "../../../shared/reporting/evaluationFacts.ts";
import { evaluationMarkdown } from "../../../shared/reporting/evaluationMarkdown.ts";
import { evaluationJunit } from "../../../shared/reporting/junit.ts";
import { answeredWith, resultOf } from "../evaluation/results.ts";

const tokens = { by: "tokens", usdPerMillionInputTokens: 1, usdPerMillionOutputTokens: 2 } as const;
const hostile = "</td>|[x](javascript:1)\n\u0000&\"'";
const result = resultOf(200, (i) => [answeredWith(0.8), answeredWith(i % 2 ? 0.3 : 0.82)], {
  prices: { a: tokens, b: tokens },
  tags: (i) => (i % 2 ? [hostile] : ["even"]),
});
const gates = judgeGates(result, ["quality >= baseline - 0.02", "latency.p95 <= 2000", "humour >= 1"].map(parseGate));

test("what is said names the target, the difference, the tag that stands out, and the cost", () => {
  const said = besideSentences(result);
  expect(said[0]).toMatch(
    /^quality: b is worse than a: -0\.2400 \(95 %: -0\.\d+ to -0\.\d+\) on 200 items, 100 better, 0 alike, 100 worse\.$/,
  );
  expect(said.filter((line) => line.includes("tag "))).toEqual([expect.stringContaining("b is worse: -0.5000 on 100 items")]);
  // A good answer costs 200 micro-dollars of tokens over a mean quality of 0.8, and of 0.56.
  expect(said.at(-1)).toContain("costs 1.43 (");
  expect(result.byVariant.a!.costPerThousandGood).toMatchObject({ usd: expect.closeTo(0.25, 9) });
});

test("an undecided comparison says about how many more items would tell", () => {
  const [said] = besideSentences(resultOf(60, (i) => [answeredWith(0.8), answeredWith(i % 2 ? 0.98 : 0.64)]));
  expect(said).toMatch(/undecided, about \d+ more items would tell/);
});

test("JUnit counts failures and errors apart, and no text of a tag becomes markup", () => {
  const xml = evaluationJunit(result, gates);
  expect(xml).toContain('<testsuite name="evaluation e-1" tests="3" failures="1" errors="1"');
  expect(xml).toMatch(/name="quality &gt;= baseline - 0.02" time="0"><failure message="quality of b is -0\.24/);
  expect(xml).toMatch(/name="humour &gt;= 1" time="0"><error message="humour of b was not measured"/);
  expect(xml).not.toContain("</td>");
  expect(xml).not.toContain("\u0000");
});

test("Markdown has the gates first, then what is said, then the figures, and no tag breaks a cell", () => {
  const page = evaluationMarkdown(result, gates);
  expect(page).toContain("| quality >= baseline - 0.02 | ❌ failed | quality of b is -0.24");
  expect(page).toContain("| ⚠️ not shown |");
  expect(page).toMatch(/\| p95 latency \| 1000 ms \| 1000 ms \|/);
  expect(page).not.toContain("[x](");
  expect(page).not.toContain("</td>");
});
