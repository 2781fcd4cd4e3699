import { expect, test } from "@jest/globals";
import type { Remediation } from "../../../shared/config/assay.ts";
import type { Finding } from "../../../shared/monitoring/finding.ts";
import {
  type AlarmState,
  decide,
  type EndpointState,
  type History,
  type VariantState,
} from "../../../shared/remediation/policy.ts";

const nowMs = Date.parse("2026-03-02T10:00:00Z");
const minutesAgo = (minutes: number) => nowMs - minutes * 60_000;

const finding: Finding = {
  id: "f1",
  endpoint: "chat",
  variant: "candidate",
  cause: "model",
  alarm: "assay-prod-chat-candidate-hard-failures",
  kind: "hard-failures",
  since: "2026-03-02T09:59:10Z",
};
const slow: Finding = { ...finding, cause: "capacity", kind: "latency" };
const fused: Finding = { ...finding, kind: "slow-and-failing" };

const stable: VariantState = { name: "stable", weight: 0.5, desiredWeight: 0.5, instances: 1 };
const candidate: VariantState = { name: "candidate", weight: 0.5, desiredWeight: 0.5, instances: 1 };
const endpoint: EndpointState = { status: "InService", variants: [stable, candidate] };
const withVariants = (...variants: VariantState[]): EndpointState => ({ ...endpoint, variants });

const fine = (variant: string): AlarmState[] => [
  { variant, kind: "hard-failures", state: "OK" },
  { variant, kind: "latency", state: "INSUFFICIENT_DATA" },
];
const failing = (variant: string): AlarmState[] => [
  { variant, kind: "hard-failures", state: "ALARM" },
  { variant, kind: "latency", state: "ALARM" },
];
const alarms = [...fine("stable"), ...failing("candidate")];

const quiet: History = { actionsAtMs: [], lockedBy: null };
const auto: Remediation = { mode: "auto", cooldownMinutes: 30, maxActionsPerDay: 2, verifyHours: 24 };

type Situation = {
  it: string;
  finding?: Finding;
  alarms?: AlarmState[];
  endpoint?: EndpointState | null;
  history?: History;
  limits?: Remediation;
};
const decisionIn = (s: Situation) =>
  decide(
    s.finding ?? finding,
    s.alarms ?? alarms,
    s.endpoint === undefined ? endpoint : s.endpoint,
    s.history ?? quiet,
    s.limits ?? auto,
    nowMs,
  );

test.each<Situation & { to: string; weight: number }>([
  { it: "to the other variant, with all of its traffic", to: "stable", weight: 1 },
  { it: "when slow and failing too", finding: fused, to: "stable", weight: 1 },
  {
    it: "to a standby without traffic",
    endpoint: withVariants({ ...stable, weight: 0, desiredWeight: 0 }, candidate),
    to: "stable",
    weight: 0.5,
  },
  {
    it: "to the largest of several",
    endpoint: withVariants(stable, { ...stable, name: "big", weight: 0.8, desiredWeight: 0.8 }, candidate),
    alarms: [...alarms, ...fine("big")],
    to: "big",
    weight: 1.3,
  },
  {
    it: "to the first by name among equals",
    endpoint: withVariants(stable, { ...stable, name: "a-stable" }, candidate),
    alarms: [...alarms, ...fine("a-stable")],
    to: "a-stable",
    weight: 1,
  },
  {
    it: "past one that is failing itself",
    endpoint: withVariants(stable, { ...stable, name: "big", weight: 5, desiredWeight: 5 }, candidate),
    alarms: [...alarms, ...failing("big")],
    to: "stable",
    weight: 1,
  },
  { it: "once the cool-down is over", history: { ...quiet, actionsAtMs: [minutesAgo(30)] }, to: "stable", weight: 1 },
  {
    it: "though older actions filled another day",
    history: { ...quiet, actionsAtMs: [minutesAgo(1440), minutesAgo(1500)] },
    to: "stable",
    weight: 1,
  },
  {
    it: "where it may only propose: the mode is the caller's business",
    limits: { ...auto, mode: "approve" },
    to: "stable",
    weight: 1,
  },
  {
    it: "where too little data says nothing of recovery",
    alarms: [...fine("stable"), { variant: "candidate", kind: "hard-failures", state: "INSUFFICIENT_DATA" }],
    to: "stable",
    weight: 1,
  },
])("shifts traffic $it", ({ to, weight, ...situation }) => {
  expect(decisionIn(situation)).toEqual({
    kind: "shift_traffic",
    from: "candidate",
    to,
    weights: [
      { variant: "candidate", weight: 0 },
      { variant: to, weight },
    ],
    because: expect.stringContaining("candidate fails"),
  });
});

test.each<Situation & { because: string; passing?: true }>([
  { it: "the endpoint does not exist", endpoint: null, because: "chat does not exist" },
  { it: "it is capacity, which this version does not add", finding: slow, because: "a person should look" },
  {
    it: "it is capacity, whatever the endpoint is doing",
    finding: slow,
    endpoint: { ...endpoint, status: "Updating" },
    because: "a person should look",
  },
  {
    it: "the endpoint is being updated",
    endpoint: { ...endpoint, status: "Updating" },
    because: "chat is Updating",
    passing: true,
  },
  { it: "SageMaker maintains it", endpoint: { ...endpoint, status: "SystemUpdating" }, because: "SystemUpdating", passing: true },
  { it: "the endpoint failed", endpoint: { ...endpoint, status: "Failed" }, because: "a person repairs it" },
  { it: "the alarm is over", alarms: [...fine("stable"), ...fine("candidate")], because: "back to OK" },
  {
    it: "half of a fused alarm is over",
    finding: fused,
    alarms: [
      ...fine("stable"),
      { variant: "candidate", kind: "latency", state: "OK" },
      { variant: "candidate", kind: "hard-failures", state: "ALARM" },
    ],
    because: "back to OK",
  },
  {
    it: "the last action is young",
    history: { ...quiet, actionsAtMs: [minutesAgo(100), minutesAgo(10)] },
    because: "still has 20 min",
  },
  {
    it: "the actions of the day are used",
    history: { ...quiet, actionsAtMs: [minutesAgo(1439), minutesAgo(60)] },
    because: "all 2 actions of the last 24 hours",
  },
  { it: "another remediation is acting", history: { ...quiet, lockedBy: "f0" }, because: "f0 is acting", passing: true },
  { it: "the variant is gone", endpoint: withVariants(stable), because: "no variant candidate any more" },
  {
    it: "the variant gets no traffic already",
    endpoint: withVariants(stable, { ...candidate, desiredWeight: 0 }),
    because: "no traffic already",
  },
  { it: "there is no other variant", endpoint: withVariants(candidate), because: "no variant but candidate" },
  {
    it: "every variant is failing",
    alarms: [...failing("stable"), ...failing("candidate")],
    because: "every variant of chat is failing",
  },
  {
    it: "the other has no instances",
    endpoint: withVariants({ ...stable, instances: 0 }, candidate),
    because: "no instance in service",
  },
  {
    it: "the other states no instances",
    endpoint: withVariants({ ...stable, instances: null }, candidate),
    because: "states no instances",
  },
  { it: "nobody watches the other", alarms: failing("candidate"), because: "has no alarms" },
  {
    it: "one other is failing and one has no instances",
    endpoint: withVariants(stable, { ...stable, name: "spare", instances: 0 }, candidate),
    alarms: [...failing("stable"), ...failing("candidate"), ...fine("spare")],
    because: "stable is failing itself; spare has no instance in service",
  },
])("holds when $it", ({ because, passing = false, ...situation }) => {
  expect(decisionIn(situation)).toEqual({ kind: "hold", because: expect.stringContaining(because), passing });
});

test.each<Situation & { because: string }>([
  { it: "it would act", because: "would shift traffic from candidate to stable: candidate fails" },
  {
    it: "it would hold, and what passes by itself is nothing to wait for",
    endpoint: { ...endpoint, status: "Updating" },
    because: "would hold: endpoint chat is Updating",
  },
])("an observer says that $it", ({ because, ...situation }) => {
  const decision = decisionIn({ ...situation, limits: { ...auto, mode: "observe" } });
  expect(decision).toEqual({ kind: "hold", because: expect.stringContaining(because), passing: false });
});
