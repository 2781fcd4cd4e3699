import { expect, test } from "@jest/globals";
import { emptySummary } from "../../../shared/monitoring/summary.ts";
import type { ReportedAction, ReportedFinding } from "../../../shared/reporting/outcome.ts";
import { dollars, verdict } from "../../../shared/reporting/verdict.ts";

const found: ReportedFinding = {
  ...{ cause: "model", variant: "candidate", signal: "quality", at: "2026-03-02T14:15:00Z", size: -0.45, judged: 38 },
};
const byAlarm = { variant: "candidate", signal: null, at: "2026-03-02T10:40:00Z", size: null, judged: 0 };
const shift: ReportedAction = { kind: "shift_traffic", variant: "candidate", to: "stable", outcome: "kept" };
const hold: ReportedAction = { kind: "hold", variant: null, to: null, outcome: "held" };

const cases: { it: string; findings: ReportedFinding[]; actions: ReportedAction[]; says: string }[] = [
  { it: "a quiet day", findings: [], actions: [], says: "Nothing was found; nothing was done; " },
  {
    it: "a model that went bad, and was replaced",
    findings: [found],
    actions: [shift],
    says: "The quality of candidate fell by 0.45 (found at 14:15 after 38 judged answers); shifting traffic from candidate to stable helped, as fresh evidence shows; ",
  },
  {
    it: "an action that did not help",
    findings: [{ ...found, variant: null, cause: "model_everywhere" }],
    actions: [{ ...shift, outcome: "undone" }],
    says: "The quality of every variant fell by 0.45 (found at 14:15 after 38 judged answers); shifting traffic from candidate to stable did not help and was undone; ",
  },
  {
    it: "a judge that moved",
    findings: [{ cause: "judge", variant: null, signal: "judge", at: "2026-03-02T14:15:00Z", size: -0.12, judged: 100 }],
    actions: [hold],
    says: "The judge moved, not the model: its grades of known answers fell by 0.12 (found at 14:15 after 100 judged anchors); nothing was done, and the page says why; ",
  },
  {
    it: "a rise",
    findings: [{ ...found, size: 0.04 }],
    actions: [],
    says: "The quality of candidate rose by 0.04 (found at 14:15 after 38 judged answers); nothing was done; ",
  },
  {
    it: "a cheap signal of all answers, which says nothing of quality",
    findings: [{ ...found, signal: "answer-length", size: 0.3, judged: 0 }],
    actions: [],
    says: "The answers of candidate changed (answer-length) (found at 14:15); nothing was done; ",
  },
  {
    it: "a cheap signal of every variant",
    findings: [{ ...found, cause: "model_everywhere", variant: null, signal: "score-refusal", size: -0.1, judged: 0 }],
    actions: [],
    says: "The answers of every variant changed (score-refusal) (found at 14:15); nothing was done; ",
  },
  {
    it: "a judge that grades less of what it is asked",
    findings: [{ ...found, cause: "judge", variant: null, signal: "failed-judgements", size: -0.4, judged: 0 }],
    actions: [],
    says: "The judge grades another share of what it is asked: failed-judgements changed (found at 14:15); nothing was done; ",
  },
  {
    it: "an alarm, which is about no grades",
    findings: [{ ...byAlarm, cause: "model" }],
    actions: [hold, { ...shift, outcome: "acted" }],
    says: "Candidate gave bad answers (found at 10:40); shifting traffic from candidate to stable is done, and not verified yet; ",
  },
  {
    it: "slow answers",
    findings: [{ ...byAlarm, cause: "capacity" }],
    actions: [{ kind: "scale_out", variant: "candidate", to: null, outcome: "kept" }],
    says: "Candidate was too slow or failed (found at 10:40); adding an instance to candidate helped, as fresh evidence shows; ",
  },
  {
    it: "slow answers that are worse, too",
    findings: [{ ...byAlarm, cause: "capacity", size: -0.4 }],
    actions: [],
    says: "The quality of candidate fell by 0.40 while it was too slow or failed (found at 10:40); nothing was done; ",
  },
];

test.each(cases)("$it", ({ findings, actions, says }) => {
  const counts = { ...emptySummary().counts, captured: 10, answered: 9, quarantined: 1 };
  const spend = { evaluationMicroUsd: 412_345, budgetMicroUsd: 5_000_000 };
  expect(verdict({ counts, findings, actions, spend, standing: null })).toBe(
    `${says}9 of 10 captured records could be read; judging cost $0.41 of a budget of $5.00.`,
  );
});

test.each([
  { microUsd: 0, text: "$0.00" },
  { microUsd: 1_234, text: "$0.0012" },
  { microUsd: 412_345, text: "$0.41" },
  { microUsd: 5_000_000, text: "$5.00" },
])("$microUsd micro-dollars are $text", ({ microUsd, text }) => expect(dollars(microUsd)).toBe(text));
