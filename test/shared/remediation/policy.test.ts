import { expect, test } from "@jest/globals";
import type { Remediation } from "../../../shared/config/assay.ts";
import { decide } from "../../../shared/remediation/policy.ts";
import { type Done, isMonitored, type Situation, type Trouble } from "../../../shared/remediation/situation.ts";
import { auto, calm, candidate, failing, fine, nowMs, on, slow, stable, withVariants, worse } from "./situations.ts";

const minutesAgo = (minutes: number) => nowMs - minutes * 60_000;
const done = (minutes: number, kind: Done["kind"] = "shift_traffic"): Done => ({
  id: `done-${minutes}`,
  kind,
  variant: "candidate",
  atMs: minutesAgo(minutes),
});
const history = (...actions: Done[]) => ({ actions, lockedBy: null });
/** The candidate's grades are low, and no alarm is on. */
const quiet = [...fine("stable"), ...fine("candidate")];
const fused: Trouble = { ...failing, kind: "slow-and-failing" };
const errors: Trouble = { ...slow, kind: "errors" };

type Case = Partial<Situation> & { it: string; trouble?: Trouble; limits?: Remediation };
function decisionIn({ it: _, trouble = failing, limits = auto, ...situation }: Case) {
  return decide(trouble, { ...calm, ...(isMonitored(trouble) ? { alarms: quiet } : {}), ...situation }, limits, nowMs);
}

test.each<Case & { to: string; weight: number; back?: number; by?: string; because?: string }>([
  { it: "to the other variant, with all of its traffic", to: "stable", weight: 1 },
  { it: "when slow and failing too", trouble: fused, to: "stable", weight: 1, because: "and is slow" },
  {
    it: "to a standby without traffic, at once where one step may move everything",
    limits: { ...auto, maxShareOfTraffic: 1 },
    endpoint: withVariants({ ...stable, weight: 0, desiredWeight: 0 }, candidate),
    to: "stable",
    weight: 0.5,
    back: 0,
  },
  {
    it: "to the largest of several",
    endpoint: withVariants(stable, { ...stable, name: "big", weight: 0.8, desiredWeight: 0.8 }, candidate),
    alarms: [...calm.alarms, ...fine("big")],
    to: "big",
    weight: 1.3,
    back: 0.8,
  },
  {
    it: "to the first by name among equals",
    endpoint: withVariants(stable, { ...stable, name: "a-stable" }, candidate),
    alarms: [...calm.alarms, ...fine("a-stable")],
    to: "a-stable",
    weight: 1,
  },
  {
    it: "past one whose alarm is on",
    endpoint: withVariants(stable, { ...stable, name: "big", weight: 5, desiredWeight: 5 }, candidate),
    alarms: [...calm.alarms, ...on("big", "errors")],
    to: "stable",
    weight: 1,
  },
  {
    it: "past one that the monitor found worse, too",
    endpoint: withVariants(stable, { ...stable, name: "big", weight: 5, desiredWeight: 5 }, candidate),
    alarms: [...calm.alarms, ...fine("big")],
    worse: new Set(["big"]),
    to: "stable",
    weight: 1,
  },
  { it: "once the cool-down is over", history: history(done(30)), to: "stable", weight: 1 },
  { it: "though older actions filled another day", history: history(done(1440), done(1500)), to: "stable", weight: 1 },
  {
    it: "where it may only propose: the mode is the caller's business",
    limits: { ...auto, mode: "approve" },
    to: "stable",
    weight: 1,
  },
  {
    it: "where too little data says nothing of recovery",
    alarms: [...fine("stable"), { variant: "candidate", kind: "hard-failures", state: "INSUFFICIENT_DATA", sinceMs: 0 }],
    to: "stable",
    weight: 1,
  },
  {
    it: "on grades alone, and lets grades verify it",
    trouble: worse,
    worse: new Set(["candidate"]),
    to: "stable",
    weight: 1,
    by: "quality",
    because: "0.45 under its baseline since 2026-03-02T08:00:00Z",
  },
  {
    it: "when it was slow only in the past",
    trouble: worse,
    wasSlow: true,
    to: "stable",
    weight: 1,
    by: "quality",
    because: "it was slow meanwhile and no longer is",
  },
  {
    it: "when it is slow and worse, but perhaps only for a spike",
    trouble: worse,
    alarms: [...fine("stable"), { ...on("candidate", "latency")[0]!, sinceMs: nowMs - 59 * 60_000 }],
    to: "stable",
    weight: 1,
    by: "quality",
  },
  {
    it: "when it is slow and worse, and another instance was no cure",
    trouble: worse,
    alarms: [...fine("stable"), ...on("candidate", "latency")],
    history: history(done(45, "scale_out")),
    to: "stable",
    weight: 1,
    by: "quality",
    because: "which another instance did not cure",
  },
])("shifts traffic $it", ({ to, weight, back = 0.5, by = "calm", because = "candidate", ...situation }) => {
  expect(decisionIn(situation)).toMatchObject({
    kind: "shift_traffic",
    from: "candidate",
    to,
    change: {
      kind: "weights",
      weights: [
        { variant: "candidate", weight: 0 },
        { variant: to, weight },
      ],
    },
    undo: {
      kind: "weights",
      weights: [
        { variant: "candidate", weight: 0.5 },
        { variant: to, weight: back },
      ],
    },
    verify: expect.objectContaining({ by, variant: to }),
    because: expect.stringContaining(because),
  });
});

test("waits with another instance until a spike would be over", () => {
  const alarms = [...fine("stable"), { ...on("candidate", "latency")[0]!, sinceMs: nowMs - 59 * 60_000 }];
  expect(decisionIn({ it: "", trouble: slow, alarms })).toEqual({
    kind: "hold",
    until: "later",
    because: expect.stringContaining("a spike"),
  });
});

const slowOnly = [...fine("stable"), ...on("candidate", "latency")];
const three = withVariants(stable, { ...candidate, instances: 3, desiredInstances: 3 });
test.each<Case & { instances: number; change: string; by: string }>([
  { it: "one instance more when it is slow", trouble: slow, alarms: slowOnly, instances: 2, change: "instances", by: "return" },
  {
    it: "by what is wanted, though not yet there",
    trouble: slow,
    alarms: slowOnly,
    endpoint: withVariants(stable, { ...candidate, instances: 2, desiredInstances: 3 }),
    instances: 4,
    change: "instances",
    by: "return",
  },
  {
    it: "through the floor of its scaling, where that would scale in again",
    trouble: slow,
    alarms: slowOnly,
    endpoint: three,
    scaling: new Map([["candidate", { min: 1, max: 4 }]]),
    instances: 4,
    change: "floor",
    by: "return",
  },
  {
    it: "when slow and answering with errors",
    trouble: errors,
    alarms: [...slowOnly, ...on("candidate", "errors")],
    instances: 2,
    change: "instances",
    by: "return",
  },
  {
    it: "first, when slow and worse together",
    trouble: worse,
    alarms: slowOnly,
    instances: 2,
    change: "instances",
    by: "quality",
  },
])("scales out $it", ({ instances, change, by, ...situation }) => {
  expect(decisionIn(situation)).toMatchObject({
    kind: "scale_out",
    variant: "candidate",
    instances,
    change: { kind: change, variant: "candidate", instances },
    verify: { by, variant: "candidate" },
    because: expect.stringContaining("too few instances"),
  });
});

test.each<Case & { because: string; until: "minutes" | "later" | "person" | "nothing" }>([
  { it: "the endpoint does not exist", endpoint: null, because: "chat does not exist", until: "person" },
  {
    it: "the judge moved",
    trouble: { ...worse, cause: "judge", variant: null },
    because: "the judge moved, not the model",
    until: "person",
  },
  {
    it: "the questions changed",
    trouble: { ...worse, cause: "traffic", variant: null },
    because: "the questions changed",
    until: "person",
  },
  {
    it: "every variant is worse",
    trouble: { ...worse, cause: "model_everywhere", variant: null },
    because: "every variant is worse",
    until: "person",
  },
  {
    it: "the judge may have moved",
    trouble: { ...worse, cause: "undecided" },
    because: "the anchors are being judged again",
    until: "later",
  },
  { it: "quality rose", trouble: { ...worse, size: 0.1 }, because: "good news", until: "nothing" },
  {
    it: "quality of every variant rose",
    trouble: { ...worse, cause: "model_everywhere", variant: null, size: 0.1 },
    because: "good news",
    until: "nothing",
  },
  {
    it: "some questions became more",
    trouble: { ...worse, cause: "traffic", variant: null, signal: "input-mix", size: 0.4 },
    because: "the questions changed",
    until: "person",
  },
  {
    it: "the judge became milder",
    trouble: { ...worse, cause: "judge", variant: null, signal: "judge", size: 0.12 },
    because: "the judge moved",
    until: "person",
  },
  { it: "its finding is closed", trouble: { ...worse, status: "closed" }, because: "the finding is closed", until: "nothing" },
  {
    it: "quality is not below its reference, so it could not verify an action",
    trouble: { ...worse, thetaAtAlarm: 0.9 },
    because: "nothing could tell whether acting helped",
    until: "person",
  },
  {
    it: "it answers with errors but is not slow",
    trouble: errors,
    alarms: on("candidate", "errors"),
    because: "read its container's log",
    until: "person",
  },
  {
    it: "all instances that its scaling allows are there",
    trouble: slow,
    alarms: slowOnly,
    endpoint: three,
    scaling: new Map([["candidate", { min: 1, max: 3 }]]),
    because: "all 3 instances that its scaling allows",
    until: "person",
  },
  {
    it: "a serverless variant is slow",
    trouble: slow,
    alarms: slowOnly,
    endpoint: withVariants(stable, { ...candidate, instances: null, desiredInstances: null }),
    because: "no instances to add to",
    until: "person",
  },
  {
    it: "the judge moved, whatever the endpoint is doing",
    trouble: { ...worse, cause: "judge" },
    endpoint: { ...withVariants(stable, candidate), status: "Updating" },
    because: "the judge moved",
    until: "person",
  },
  {
    it: "the endpoint is being updated",
    endpoint: { ...withVariants(stable, candidate), status: "Updating" },
    because: "chat is Updating",
    until: "minutes",
  },
  {
    it: "SageMaker maintains it",
    endpoint: { ...withVariants(stable, candidate), status: "SystemUpdating" },
    because: "SystemUpdating",
    until: "minutes",
  },
  {
    it: "the endpoint failed",
    endpoint: { ...withVariants(stable, candidate), status: "Failed" },
    because: "a person repairs it",
    until: "person",
  },
  { it: "the alarm is over", alarms: quiet, because: "back to OK", until: "nothing" },
  {
    it: "half of a fused alarm is over",
    trouble: fused,
    alarms: [
      ...fine("stable"),
      { variant: "candidate", kind: "latency", state: "OK", sinceMs: 0 },
      ...on("candidate", "hard-failures"),
    ],
    because: "back to OK",
    until: "nothing",
  },
  {
    it: "the last action is young",
    history: history(done(100), done(10)),
    because: "the action of 2026-03-02T09:50Z has until 2026-03-02T10:20Z",
    until: "later",
  },
  { it: "the last undo is young", history: history(done(10, "undo")), because: "has until", until: "later" },
  {
    it: "the actions of the day are used",
    history: history(done(1439), done(60)),
    because: "all 2 actions of the last 24 hours",
    until: "later",
  },
  { it: "another remediation is acting", history: { actions: [], lockedBy: "f0" }, because: "f0 is acting", until: "later" },
  { it: "the variant is gone", endpoint: withVariants(stable), because: "no variant candidate any more", until: "person" },
  {
    it: "the variant is a shadow",
    endpoint: { ...withVariants(stable), shadows: ["candidate"] },
    because: "candidate is a shadow",
    until: "nothing",
  },
  {
    it: "the variant gets no traffic already",
    endpoint: withVariants(stable, { ...candidate, desiredWeight: 0 }),
    because: "no traffic already",
    until: "nothing",
  },
  { it: "there is no other variant", endpoint: withVariants(candidate), because: "no variant but candidate", until: "person" },
  {
    it: "every variant is failing",
    alarms: [...on("stable", "errors"), ...calm.alarms],
    because: "every variant of chat is in trouble",
    until: "person",
  },
  {
    it: "every variant is worse by a finding of its own",
    trouble: worse,
    worse: new Set(["stable", "candidate"]),
    because: "none is a safer place",
    until: "person",
  },
  {
    it: "the other has no instances",
    endpoint: withVariants({ ...stable, instances: 0 }, candidate),
    because: "no instance in service",
    until: "person",
  },
  {
    it: "the other states no instances",
    endpoint: withVariants({ ...stable, instances: null }, candidate),
    because: "states no instances",
    until: "person",
  },
  { it: "nobody watches the other", alarms: on("candidate", "hard-failures"), because: "has no alarms", until: "person" },
  {
    it: "one other is failing and one has no instances",
    endpoint: withVariants(stable, { ...stable, name: "spare", instances: 0 }, candidate),
    alarms: [...on("stable", "latency"), ...calm.alarms.filter(({ variant }) => variant !== "stable"), ...fine("spare")],
    because: "stable is in trouble itself; spare has no instance in service",
    until: "person",
  },
])("holds when $it", ({ because, until, ...situation }) => {
  expect(decisionIn(situation)).toMatchObject({ kind: "hold", because: expect.stringContaining(because), until });
});

test.each<Case & { because: string }>([
  { it: "it would act", because: "would shift traffic from candidate to stable: candidate fails" },
  { it: "it would add an instance", trouble: slow, alarms: slowOnly, because: "would scale candidate out to 2 instances" },
  {
    it: "it would hold, and what passes by itself is nothing to wait for",
    endpoint: { ...withVariants(stable, candidate), status: "Updating" },
    because: "would hold: endpoint chat is Updating",
  },
])("an observer says that $it", ({ because, ...situation }) => {
  const decision = decisionIn({ ...situation, limits: { ...auto, mode: "observe" } });
  expect(decision).toMatchObject({ kind: "hold", because: expect.stringContaining(because), until: "nothing" });
});
