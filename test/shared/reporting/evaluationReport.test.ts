import { expect, test } from "@jest/globals";
import { judgeGates, parseGate } from "../../../shared/evaluation/gates.ts";
import { evaluationReport, worstAnswers } from "../../../shared/reporting/evaluationReport.ts";
import { page } from "../../../shared/reporting/page/page.ts";
import { remediationReport } from "../../../shared/reporting/remediationReport.ts";
import { answeredWith, resultOf } from "../evaluation/results.ts";
import { remediationOf } from "./facts.ts";

const worse = resultOf(200, (i) => [answeredWith(0.8), answeredWith(i % 2 ? 0.3 : 0.82)]);
const alike = resultOf(500, () => [answeredWith(0.8), answeredWith(0.8)]);
const gates = (result: typeof worse) => judgeGates(result, ["quality >= baseline - 0.02"].map(parseGate));

test.each([
  {
    it: "a worse candidate",
    result: worse,
    tone: "bad",
    says: /^Quality: b is worse than a: -0\.\d+ .*; its gate does not pass\.$/,
  },
  {
    it: "one that is alike",
    result: alike,
    tone: "good",
    says: /^Quality: a and b differ by less than 0\.02: .*; its gate passes\.$/,
  },
  {
    it: "one that was cut off",
    result: { ...alike, unfinished: 7, failure: "States.Timeout" },
    tone: "unsure",
    says: /7 of 500 items are unfinished; it ended early/,
  },
])("of $it the verdict says so first", ({ result, tone, says }) => {
  const report = evaluationReport(result, gates(result), []);
  expect({ tone: report.tone, verdict: report.verdict }).toEqual({ tone, verdict: expect.stringMatching(says) });
});

test("every comparison is drawn with its interval, and says how many items it rests on", () => {
  const html = page(evaluationReport(worse, gates(worse), []));
  expect(html).toMatch(/class="whisker"/);
  expect(html).toMatch(/-0\.\d{3} \(-0\.\d{3} to -0\.\d{3}\)<\/span><\/td><td class="number">200</);
});

test("the worst answers are those with the lowest grades, and what was not graded is none of them", () => {
  const graded = (quality: number) => answeredWith(quality);
  const items = [0.9, 0.1, 0.5].map((quality, i) => ({ id: `i${i}`, tags: [], variants: { a: graded(quality) } }));
  expect(worstAnswers(items).map(({ item, grade }) => [item, grade])).toEqual([
    ["i1", 0.1],
    ["i2", 0.5],
    ["i0", 0.9],
  ]);
});

test.each([
  { it: "what was held", change: {}, tone: "bad", says: "A finding (model of v) led to no action: why." },
  {
    it: "what helped",
    change: {
      status: "kept" as const,
      decision: {
        ...{ kind: "scale_back" as const, variant: "v", instances: 1, relieves: "r", because: "why" },
        ...{
          change: { kind: "instances" as const, variant: "v", instances: 1 },
          before: { kind: "instances" as const, variant: "v", instances: 2 },
        },
        ...{
          undo: null,
          decidedOn: "c",
          deeper: [],
          verify: { by: "return" as const, variant: "v", alarms: [], withinMinutes: 5 },
        },
        ...{
          expected: { effect: "costs less", microUsdPerDay: -24e6 },
          rejected: [{ kind: "hold" as const, because: "nothing needs it" }],
        },
      },
    },
    tone: "good",
    says: "A finding (model of v) led to the decision to scale v back to 1 instance; it helped, and stays: why.",
  },
])("of $it a remediation's report tells the end first", ({ change, tone, says }) => {
  const report = remediationReport({ ...remediationOf("chat", "v", "why"), ...change }, null);
  expect({ tone: report.tone, verdict: report.verdict }).toEqual({ tone, verdict: says });
  expect(page(report)).toContain("Step by step");
});
