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

const answers = (variant: string) =>
  [
    ...[
      "answer-length",
      "answer-tokens",
      "score-empty",
      "score-truncated",
      "score-refusal",
      "score-repetition",
      "score-relevance",
    ],
    ...["score-language", "score-json", "score-pii", "score-secrets", "score-toxicity", "score-prompt_echo", "score-similarity"],
  ].map((signal) => `${signal}/${variant}`);

test("an endpoint has rules for what comes in, for its judge, and of each variant for its grades, its answers and its captures", () => {
  const chat = rulesOf(monitorSettings(assay, "chat")!);
  expect(chat.map(ruleId)).toEqual([
    ...["input-mix", "input-languages", "input-clusters", "input-tokens", "input-injection", "failed-judgements"],
    ...["judge/quality", "judge/tone"],
    ...["judged/a/quality", "judged/a/tone", ...answers("a")],
    ...["judged/b/quality", "judged/b/tone", ...answers("b")],
    ...["capture/a", "capture/b"],
  ]);
  const search = rulesOf(monitorSettings(assay, "search")!).map(signalOf);
  expect(search).toEqual(expect.arrayContaining(["judge", "judge-tone", "quality", "tone", "capture"]));
  expect(search).not.toContain("input-mix"); // its requests name no segments
  expect(new Set(chat.map(ruleId)).size).toBe(chat.length);
});

test.each(["unjudged", "unknown", "constructor"])("nothing is watched of %s", (endpoint) => {
  expect(monitorSettings(assay, endpoint)).toBeNull();
});

test("of the fleet's budget judged rules share one half and all others the other; anchors have a fold a day", () => {
  expect(fleetRules(assay)).toEqual({ judged: 4 + 2, others: 8 + 2 * 15 + (7 + 15) + 2 }); // of what is not judged, the captures alone
  const settings = monitorSettings(assay, "search")!;
  expect(settings).toMatchObject({ tolerance: 0.05, falseAlarms: { count: 2, days: 90 } });
  const { judged, judge, shares, capture } = thresholds(settings);
  expect(Math.exp(judged.lnA)).toBeCloseTo((2 * 8640 * 6) / 1, 6);
  expect(Math.exp(judge.lnA)).toBeCloseTo((2 * 90 * 62) / 1, 6);
  expect(Math.exp(shares.lnA)).toBeCloseTo((2 * 8640 * 62) / 1, 6);
  expect(Math.exp(capture.lnA)).toBeCloseTo((2 * 90 * 24 * 62) / 1, 6);
  expect(judged.alpha0).toBeCloseTo(0.05, 12);
});
