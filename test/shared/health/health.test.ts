import { expect, test } from "@jest/globals";
import { type EndpointFacts, healthOf, type StackFacts } from "../../../shared/health/health.ts";

const nowMs = Date.parse("2026-11-24T09:00:00Z");
const minutesAgo = (minutes: number) => nowMs - minutes * 60_000;
const to = "s3://acme-captures/prod";
const endpoint: EndpointFacts = {
  name: "chat",
  serves: { status: "InService", variants: ["blue", "green"], capture: { on: true, percentage: 100, to } },
  listed: ["blue", "green"],
  lastHour: { requests: 400, captured: 398 },
  budget: { budgetMicroUsd: 5_000_000, committedMicroUsd: 1_000_000 },
  monitor: { hasBaseline: true, lastWindowMs: minutesAgo(45) },
};
const well: StackFacts = {
  captureUri: to,
  captureBucketSendsEvents: true,
  eventSources: [{ function: "assay-prod-sample", state: "Enabled" }],
  functions: [{ name: "assay-prod-sample", state: "Active", role: "SampleRole-1", wanted: "SampleRole-1" }],
  rules: [{ name: "assay-prod-captures", state: "ENABLED", targets: 1, changedAtMs: minutesAgo(600) }],
  roles: [{ name: "SampleRole-1", missing: [] }],
  queues: [{ name: "assay-prod-captures", oldestSeconds: 3 }],
  deadLetters: [{ name: "assay-prod-captures-dead-letters", messages: 0 }],
  drift: { startedAtMs: minutesAgo(5), status: "SUCCEEDED" },
  endpoints: [endpoint],
};
const problems = (facts: StackFacts) => healthOf(facts, nowMs).filter(({ state }) => state === "problem");

test("a stack that is well has every check, and no problem", () => {
  expect(problems(well)).toEqual([]);
  expect([...new Set(healthOf(well, nowMs).map(({ check }) => check))]).toEqual([
    "capture",
    "events",
    "roles",
    "queues",
    "dead letters",
    "schedule",
    "last window",
    "budget",
  ]);
});

const serving = (more: object) => ({ endpoints: [{ ...endpoint, serves: { ...endpoint.serves!, ...more } }] });
const ofEndpoint = (more: Partial<EndpointFacts>) => ({ endpoints: [{ ...endpoint, ...more }] });

test.each<{ it: string; facts: Partial<StackFacts>; check: string; says: string; remedy: string }>([
  {
    it: "an endpoint that is not there",
    facts: ofEndpoint({ serves: null }),
    check: "capture",
    says: "no such endpoint",
    remedy: "Create it",
  },
  {
    it: "capture that was never on",
    facts: serving({ capture: null }),
    check: "capture",
    says: "capture is off",
    remedy: `writes to ${to}`,
  },
  {
    it: "capture that was stopped",
    facts: serving({ capture: { on: false, percentage: 100, to } }),
    check: "capture",
    says: "capture is off",
    remedy: "UpdateEndpoint",
  },
  {
    it: "captures that go elsewhere",
    facts: serving({ capture: { on: true, percentage: 100, to: "s3://other/x" } }),
    check: "capture",
    says: "go to s3://other/x",
    remedy: `written to ${to}`,
  },
  {
    it: "a variant that nobody listed",
    facts: serving({ variants: ["blue", "green", "red"] }),
    check: "capture",
    says: "red serves",
    remedy: "List it",
  },
  {
    it: "a variant that is gone",
    facts: serving({ variants: ["blue"] }),
    check: "capture",
    says: "green is in assay.yml",
    remedy: "Take it out",
  },
  {
    it: "a bucket that sends no events",
    facts: { captureBucketSendsEvents: false },
    check: "events",
    says: "sends no events",
    remedy: "turn EventBridge on",
  },
  {
    it: "a trigger that is switched off",
    facts: { eventSources: [{ function: "assay-prod-judge", state: "Disabled" }] },
    check: "events",
    says: "is Disabled",
    remedy: "Enable",
  },
  {
    it: "traffic of which nothing arrives",
    facts: ofEndpoint({ lastHour: { requests: 400, captured: 0 } }),
    check: "events",
    says: "400 requests in the last hour, and no captured record",
    remedy: "assay doctor",
  },
  {
    it: "a function with another role",
    facts: { functions: [{ name: "f", state: "Active", role: "Admin", wanted: "SampleRole-1" }] },
    check: "roles",
    says: "runs as Admin",
    remedy: "its own role, SampleRole-1",
  },
  {
    it: "a rule that is switched off",
    facts: { rules: [{ ...well.rules[0]!, state: "DISABLED" }] },
    check: "events",
    says: "is DISABLED",
    remedy: "aws events enable-rule --name assay-prod-captures",
  },
  {
    it: "a rule that nobody hears",
    facts: { rules: [{ ...well.rules[0]!, targets: 0 }] },
    check: "events",
    says: "no target",
    remedy: "Give it back",
  },
  {
    it: "a rule that was deleted",
    facts: { rules: [{ ...well.rules[0]!, state: "gone", targets: 0 }] },
    check: "events",
    says: "is gone",
    remedy: "make it again",
  },
  {
    it: "a role whose policy somebody shortened",
    facts: { roles: [{ name: "SampleRole-1", missing: ["s3:PutObject"] }] },
    check: "roles",
    says: "may no longer s3:PutObject",
    remedy: "Give its policy back",
  },
  {
    it: "a role that was deleted",
    facts: { roles: [{ name: "SampleRole-1", missing: null }] },
    check: "roles",
    says: "is gone",
    remedy: "Make it again",
  },
  {
    it: "a queue that nobody empties",
    facts: { queues: [{ name: "q", oldestSeconds: 7_300 }] },
    check: "queues",
    says: "2.0 h",
    remedy: "log of the function",
  },
  {
    it: "dead letters",
    facts: { deadLetters: [{ name: "d", messages: 2 }] },
    check: "dead letters",
    says: "2 messages",
    remedy: "docs/operating.md",
  },
  { it: "a schedule that never ran", facts: { drift: null }, check: "schedule", says: "never run", remedy: "Within 15 minutes" },
  {
    it: "a schedule that is late",
    facts: { drift: { startedAtMs: minutesAgo(40), status: "SUCCEEDED" } },
    check: "schedule",
    says: "40 min ago",
    remedy: "Enable the rule",
  },
  {
    it: "a schedule that fails",
    facts: { drift: { startedAtMs: minutesAgo(5), status: "FAILED" } },
    check: "schedule",
    says: "ended as FAILED",
    remedy: "Step Functions",
  },
  {
    it: "a monitor without a baseline",
    facts: ofEndpoint({ monitor: { hasBaseline: false, lastWindowMs: null } }),
    check: "last window",
    says: "no approved baseline",
    remedy: "assay baseline create",
  },
  {
    it: "windows that are late",
    facts: ofEndpoint({ monitor: { hasBaseline: true, lastWindowMs: minutesAgo(300) } }),
    check: "last window",
    says: "ended 4.8 h ago",
    remedy: "driftFold",
  },
  {
    it: "a budget that is spent",
    facts: ofEndpoint({ budget: { budgetMicroUsd: 5_000_000, committedMicroUsd: 4_900_000 } }),
    check: "budget",
    says: "$4.90 of today's $5.00",
    remedy: "Raise usdPerDay",
  },
])("finds $it, and says what to do", ({ facts, check, says, remedy }) => {
  expect(problems({ ...well, ...facts })).toEqual([
    expect.objectContaining({ check, says: expect.stringContaining(says), remedy: expect.stringContaining(remedy) }),
  ]);
});

test("a stack that was just deployed has not run yet, which is no problem", () =>
  expect(problems({ ...well, drift: null, rules: [{ ...well.rules[0]!, changedAtMs: minutesAgo(2) }] })).toEqual([]));

test("no traffic is no problem, nor is an endpoint without a judge", () => {
  const quiet = ofEndpoint({ lastHour: { requests: 0, captured: 0 }, budget: null, monitor: null });
  expect(problems({ ...well, ...quiet })).toEqual([]);
});
