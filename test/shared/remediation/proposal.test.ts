import { expect, test } from "@jest/globals";
import { type Act, type Decision, hold } from "../../../shared/remediation/decision.ts";
import { standingOf } from "../../../shared/remediation/proposal.ts";
import { type Answer, executionOf, type RemediationRecord } from "../../../shared/remediation/record.ts";
import { outlineOf, storyOf } from "../../../shared/remediation/story.ts";

const act: Act = {
  kind: "scale_out",
  variant: "candidate",
  instances: 2,
  change: { kind: "instances", variant: "candidate", instances: 2 },
  before: { kind: "instances", variant: "candidate", instances: 1 },
  undo: { kind: "instances", variant: "candidate", instances: 1 },
  decidedOn: "config-2",
  deeper: [],
  verify: { by: "return", variant: "candidate", alarms: ["latency"], withinMinutes: 30 },
  because: "candidate is slow: too few instances",
  expected: { effect: "candidate answers in time again", microUsdPerDay: 36_000_000 },
  rejected: [{ kind: "shift_traffic", because: "stable is slow, too" }],
};
const proposed: RemediationRecord = {
  endpoint: "chat",
  alarm: "assay-prod-chat-candidate-latency",
  openedAt: "2026-03-02T09:00:00Z",
  id: "f1",
  variant: "candidate",
  cause: "capacity",
  signal: null,
  since: "2026-03-02T09:00:00Z",
  status: "proposed",
  decision: act,
  decidedAt: "2026-03-02T10:00:00Z",
  attempt: 1,
  actedAt: null,
  inServiceAt: null,
  undoneAt: null,
  failure: null,
  steps: [{ at: "2026-03-02T10:00:00Z", what: "proposed", because: act.because }],
};
const answer: Answer = { says: "approve", who: "the operator on call", why: "", at: "2026-03-02T10:05:00Z" };
const approved: RemediationRecord = { ...proposed, answer };
const minutes = (n: number) => Date.parse("2026-03-02T10:00:00Z") + n * 60_000;
const other: Act = { ...act, instances: 3, change: { kind: "instances", variant: "candidate", instances: 3 } };

test.each<{ it: string; record?: RemediationRecord; decision: Decision; after?: number; standing: string }>([
  { it: "the same waits, whatever its reason says by now", decision: { ...act, because: "still slow" }, standing: "waits" },
  { it: "the same, approved, may be done", record: approved, decision: act, standing: "approved" },
  { it: "something else is a proposal of its own", record: approved, decision: other, standing: "anew" },
  { it: "after four hours it is, too, approved or not", record: approved, decision: act, after: 240, standing: "anew" },
  { it: "just before them it is not", record: approved, decision: act, after: 239, standing: "approved" },
  { it: "what passes leaves it waiting", record: approved, decision: hold("later", "cool-down"), standing: "waits" },
  { it: "what passes after it expired does not", decision: hold("minutes", "busy"), after: 240, standing: "withdrawn" },
  { it: "what is over is withdrawn", record: approved, decision: hold("nothing", "back to OK"), standing: "withdrawn" },
  { it: "what only a person cures is withdrawn", decision: hold("person", "repair it"), standing: "withdrawn" },
])("of a proposal, $it", ({ record = proposed, decision, after = 10, standing }) =>
  expect(standingOf(record, decision, 4, minutes(after))).toBe(standing),
);

test("what had ended is taken back by an execution of its own, and what runs by the one that runs", () => {
  const undo: Answer = { ...answer, says: "undo", why: "it costs too much" };
  const acted: RemediationRecord = { ...proposed, status: "acted", attempt: 2, answer: undo };
  expect(executionOf(acted)).toEqual({ name: "f1-2", input: { record: expect.objectContaining({ id: "f1", attempt: 2 }) } });
  expect(executionOf({ ...acted, isReopened: true })).toMatchObject({
    name: "f1-2-undo",
    input: { look: { verdict: "undo", because: "the operator on call wants it back: it costs too much" } },
  });
});

test("its story is told in plain words with figures", () => {
  const looked = { what: "looked", because: "latency is back to OK", says: "helped", figures: { judged: 20 } } as const;
  const record = { ...proposed, status: "kept" as const, steps: [...proposed.steps, { at: "2026-03-02T10:31:09Z", ...looked }] };
  expect(storyOf(record).split("\n")).toEqual([
    "Remediation f1: candidate of chat, kept.",
    "Cause: capacity, since 2026-03-02T09:00Z.",
    "Decided: scale candidate out to 2 instances, because candidate is slow: too few instances.",
    "Expected: candidate answers in time again (36.00 USD a day). It can be taken back: assay remediation undo.",
    "Not shift_traffic: stable is slow, too.",
    "",
    "2026-03-02T10:00Z  proposed       candidate is slow: too few instances",
    "2026-03-02T10:31Z  looked         helped: latency is back to OK (judged 20)",
  ]);
  expect(outlineOf(record)).toBe("f1  2026-03-02T10:00Z  kept      chat/candidate  scale candidate out to 2 instances");
});
