import { expect, test } from "@jest/globals";
import { parseAssay } from "../../../shared/config/load.ts";
import { fleetRules, monitorSettings, ruleId, rulesOf, signalOf, thresholds } from "../../../shared/monitoring/rules.ts";

const judge = `
    judge:
      endpoint: judge
      model: m-1
      rubric: { quality: 1 is good and 0 is bad. , tone: 1 is kind and 0 is rude. }
      usdPerMillionInputTokens: 1
      usdPerMillionOutputTokens: 1
    evaluationBudget: { usdPerDay: 5 }`;
const assay = parseAssay(
  `falseAlarms: 2 per 90 days
endpoints:
  chat:
    variants: [a, b]
    segment: attributes.segment${judge}
  search:
    variants: [a]
    quality: { target: 0.8, tolerance: 0.05 }${judge}
  unjudged:
    variants: [a, b]
`,
  "assay.yml",
);

test("an endpoint has one rule per variant and criterion, one per judged criterion for the judge, and one for the mix of its segments", () => {
  expect(rulesOf(monitorSettings(assay, "chat")!).map(ruleId)).toEqual([
    "input-mix",
    "judge/quality",
    "judge/tone",
    "judged/a/quality",
    "judged/a/tone",
    "judged/b/quality",
    "judged/b/tone",
  ]);
  expect(rulesOf(monitorSettings(assay, "search")!).map(signalOf)).toEqual(["judge", "judge-tone", "quality", "tone"]);
});

test.each(["unjudged", "unknown", "constructor"])("nothing is watched of %s", (endpoint) => {
  expect(monitorSettings(assay, endpoint)).toBeNull();
});

test("the budget is shared by the rules of the whole fleet, and anchors have a fold a day", () => {
  expect(fleetRules(assay)).toBe(7 + 4 + 5); // 5: the captures of each variant
  const settings = monitorSettings(assay, "search")!;
  expect(settings).toMatchObject({ tolerance: 0.05, fleetRules: 16, falseAlarms: { count: 2, days: 90 } });
  const { judged, judge, inputMix } = thresholds(settings);
  expect(Math.exp(judged.lnA)).toBeCloseTo((2 * 8640 * 16) / 2, 6);
  expect(Math.exp(judge.lnA)).toBeCloseTo((2 * 90 * 16) / 2, 6);
  expect(inputMix).toEqual(judged);
  expect(judged.alpha0).toBeCloseTo(0.05, 12);
});
