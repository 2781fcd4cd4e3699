import { expect, test } from "@jest/globals";
import { emptySummary } from "../../../shared/monitoring/summary.ts";
import type { JudgedRow, WindowRecord } from "../../../shared/monitoring/windowRecord.ts";
import type { Act, ScaleBack, ScaleOut, ShiftTraffic, VerificationPlan } from "../../../shared/remediation/decision.ts";
import { type Evidence, look } from "../../../shared/remediation/verification.ts";
import { candidate, fine, on, stable, withVariants } from "./situations.ts";

const inServiceAtMs = Date.parse("2026-03-02T10:05:00Z");
const quality: VerificationPlan = { by: "quality", variant: "stable", criterion: "quality", thetaAtAlarm: 0.47, refLow: 0.88 };
const weights = { kind: "weights", weights: [] } as const;
const plan = { deeper: [], rejected: [], decidedOn: "config-2", expected: { effect: "", microUsdPerDay: null } };
const shift: ShiftTraffic = {
  ...plan,
  before: { ...weights, weights: [] },
  kind: "shift_traffic",
  from: "candidate",
  to: "stable",
  change: { ...weights, weights: [] },
  undo: { ...weights, weights: [] },
  verify: quality,
  because: "candidate is worse",
};
const byAlarms: ShiftTraffic = {
  ...shift,
  verify: { by: "calm", variant: "stable", alarms: ["hard-failures"], forMinutes: 30 },
};
const scaled: ScaleOut = {
  ...plan,
  before: { kind: "instances", variant: "candidate", instances: 1 },
  kind: "scale_out",
  variant: "candidate",
  instances: 2,
  change: { kind: "instances", variant: "candidate", instances: 2 },
  undo: null,
  verify: { by: "return", variant: "candidate", alarms: ["latency"], withinMinutes: 30 },
  because: "candidate is slow",
};
const scaledForQuality: ScaleOut = { ...scaled, verify: { ...quality, variant: "candidate" } };

const swapped: Act = {
  ...plan,
  kind: "swap_model",
  variant: "candidate",
  configuration: "config-2",
  change: { kind: "configuration", configuration: "config-2", copyOf: null, stepPercent: 50, rollbackAlarms: [] },
  before: { kind: "configuration", configuration: "config-3", copyOf: null, stepPercent: 50, rollbackAlarms: [] },
  undo: { kind: "configuration", configuration: "config-3", copyOf: null, stepPercent: 50, rollbackAlarms: [] },
  decidedOn: "config-3",
  verify: quality,
  because: "every variant is worse",
};

let n = 0;
const graded = (time: string, y: number, pi = 0.2): JudgedRow => ({
  eventId: `e${++n}`,
  time: `2026-03-02T${time}Z`,
  segment: "all",
  y: { quality: y, tone: 1 - y },
  f: {},
  scores: {},
  pi,
});
const windowOf = (window: string, rows: JudgedRow[], piRef: number | null = 0.2): WindowRecord => ({
  window: `2026-03-02T${window}Z`,
  endpoint: "chat",
  variant: "stable",
  summary: emptySummary(),
  rows,
  failed: [],
  pending: [],
  piRef,
});
const many = (count: number, y: number, pi?: number) => Array.from({ length: count }, () => graded("10:20:00", y, pi));
const asMade = withVariants(stable, { ...candidate, desiredInstances: 2 });
const calm: Evidence = {
  endpoint: asMade,
  alarms: [...fine("stable"), ...on("candidate", "hard-failures")],
  worse: new Set(["candidate"]),
  windows: [],
};
const silent = [{ variant: "stable", kind: "hard-failures", state: "INSUFFICIENT_DATA", sinceMs: 0 }] as const;
const ok = (variant: string, ...kinds: ("hard-failures" | "latency")[]) =>
  kinds.map((kind) => ({ variant, kind, state: "OK" as const, sinceMs: 0 }));

const lately = inServiceAtMs + 60_000;

type Case = Partial<Evidence> & { it: string; act?: Act; minutes?: number; verdict: string; because: string; judged?: number };
test.each<Case>([
  {
    it: "another deployment meanwhile makes fresh answers tell nothing of the shift",
    endpoint: { ...asMade, configuration: "config-3" },
    windows: [windowOf("10:15:00", many(20, 0))],
    verdict: "hold",
    because: "config-3 was deployed meanwhile",
  },
  {
    it: "models that answer with errors are taken back at once",
    act: swapped,
    alarms: on("stable", "errors").map((alarm) => ({ ...alarm, sinceMs: lately })),
    verdict: "undo",
    because: "stable has its errors alarm on, which was not so before",
  },
  {
    it: "an alarm of before is not of the models that came back, and slowness was SageMaker's to see",
    act: swapped,
    alarms: [...on("stable", "errors"), ...on("candidate", "latency").map((alarm) => ({ ...alarm, sinceMs: lately }))],
    windows: [windowOf("10:15:00", many(20, 1))],
    verdict: "kept",
    because: "quality recovered",
    judged: 20,
  },
  {
    it: "good grades prove it",
    windows: [windowOf("10:15:00", many(20, 1))],
    verdict: "kept",
    because: "20 fresh judged answers of stable say that quality recovered",
    judged: 20,
  },
  {
    it: "bad grades disprove it",
    windows: [windowOf("10:15:00", many(20, 0))],
    verdict: "undo",
    because: "say that quality did not recover",
    judged: 20,
  },
  {
    it: "few grades prove nothing",
    windows: [windowOf("10:15:00", many(2, 1))],
    verdict: "wait",
    because: "2 fresh judged answers",
    judged: 2,
  },
  {
    it: "no answer, no proof",
    windows: [windowOf("10:15:00", [], null)],
    verdict: "wait",
    because: "0 fresh judged answers",
    judged: 0,
  },
  {
    it: "answers of before the endpoint was in service say nothing, nor those of its second",
    windows: [
      windowOf("10:00:00", [
        ...Array.from({ length: 30 }, () => graded("10:04:59", 1)),
        graded("10:05:00", 1),
        graded("10:05:01", 1),
      ]),
    ],
    verdict: "wait",
    because: "1 fresh",
    judged: 1,
  },
  {
    it: "the first verdict stands, whatever comes after",
    windows: [windowOf("10:15:00", many(20, 1)), windowOf("10:30:00", many(200, 0))],
    verdict: "kept",
    because: "20 fresh",
    judged: 20,
  },
  {
    it: "an answer that was chosen surely weighs as little as it stands for",
    windows: [windowOf("10:15:00", many(20, 1, 1), 0.01)],
    verdict: "wait",
    because: "20 fresh",
    judged: 20,
  },
  {
    it: "undecided at the deadline, the shift stays and a person is called",
    minutes: 24 * 60,
    windows: [windowOf("10:15:00", many(2, 1))],
    verdict: "hold",
    because: "the safer state stays",
    judged: 2,
  },
  { it: "undecided just before it, it waits", minutes: 24 * 60 - 1, verdict: "wait", because: "0 fresh" },
  {
    it: "the receiver's own evidence takes it back",
    worse: new Set(["candidate", "stable"]),
    alarms: fine("candidate"),
    verdict: "undo",
    because: "stable is worse itself",
  },
  {
    it: "the receiver's own alarm takes it back, whatever its grades say",
    alarms: on("stable", "hard-failures"),
    windows: [windowOf("10:15:00", many(20, 1))],
    verdict: "undo",
    because: "stable has its hard-failures alarm on",
  },
  {
    it: "with both in trouble it stays, and a person is called",
    alarms: [...on("stable", "errors"), ...on("candidate", "hard-failures")],
    verdict: "hold",
    because: "neither is a safe place",
  },
  {
    it: "by alarms: calm for half an hour",
    act: byAlarms,
    alarms: ok("stable", "hard-failures"),
    minutes: 30,
    verdict: "kept",
    because: "no grade was asked",
  },
  {
    it: "by alarms: not calm for long enough",
    act: byAlarms,
    alarms: ok("stable", "hard-failures"),
    minutes: 29,
    verdict: "wait",
    because: "30 min",
  },
  {
    it: "by alarms: too little data is not calm",
    act: byAlarms,
    alarms: silent,
    minutes: 60,
    verdict: "wait",
    because: "hard-failures of stable has not been OK",
  },
  {
    it: "by alarms: no data until the deadline",
    act: byAlarms,
    alarms: silent,
    minutes: 24 * 60,
    verdict: "hold",
    because: "by the deadline",
  },
  {
    it: "by alarms: the receiver fails",
    act: byAlarms,
    alarms: on("stable", "hard-failures"),
    minutes: 15,
    verdict: "undo",
    because: "alarm on",
  },
  {
    it: "a step that is proven is followed by the next",
    act: { ...shift, deeper: [weights as never] },
    windows: [windowOf("10:15:00", many(20, 1))],
    verdict: "deepen",
    because: "say that quality recovered",
    judged: 20,
  },
  {
    it: "an instance that was not enough is followed by another, where there may be one",
    act: { ...scaled, deeper: [{ kind: "instances", variant: "candidate", instances: 3 }] },
    alarms: on("candidate", "latency"),
    minutes: 30,
    verdict: "deepen",
    because: "not back to OK",
  },
  {
    it: "what a person set meanwhile stays",
    act: scaled,
    endpoint: withVariants(stable, { ...candidate, desiredInstances: 5 }),
    alarms: ok("candidate", "latency"),
    verdict: "hold",
    because: "somebody changed what the action had set",
  },
  { it: "an endpoint that is gone is for a person", endpoint: null, verdict: "hold", because: "does not exist any more" },
  {
    it: "an instance: the alarm is back to OK",
    act: scaled,
    alarms: ok("candidate", "latency"),
    minutes: 15,
    verdict: "kept",
    because: "back to OK",
  },
  {
    it: "an instance: not yet",
    act: scaled,
    alarms: on("candidate", "latency"),
    minutes: 29,
    verdict: "wait",
    because: "not back to OK",
  },
  {
    it: "an instance: never; it stays, and a person is called",
    act: scaled,
    alarms: on("candidate", "latency"),
    minutes: 30,
    verdict: "hold",
    because: "by the deadline",
  },
  {
    it: "an instance for quality: good grades prove it",
    act: scaledForQuality,
    windows: [windowOf("10:15:00", many(20, 1))],
    verdict: "kept",
    because: "of candidate say",
    judged: 20,
  },
  {
    it: "an instance for quality: bad grades do not take it away",
    act: scaledForQuality,
    windows: [windowOf("10:15:00", many(20, 0))],
    verdict: "hold",
    because: "What was added stays",
    judged: 20,
  },
])("$it", ({ it: _, act = shift, minutes = 60, verdict, because, judged, ...evidence }) => {
  const seen = look(
    act,
    { ...calm, ...evidence },
    { inServiceAtMs, verifyMs: 24 * 3_600_000, nowMs: inServiceAtMs + minutes * 60_000 },
  );
  expect(seen).toMatchObject({ verdict, because: expect.stringContaining(because) });
  if (judged !== undefined) expect(seen.figures.judged).toBe(judged);
});

test("only the criterion that fell is asked", () => {
  const tone = { ...shift, verify: { ...quality, criterion: "tone" } };
  const evidence = { ...calm, windows: [windowOf("10:15:00", many(20, 1))] };
  const times = { inServiceAtMs, verifyMs: 24 * 3_600_000, nowMs: inServiceAtMs + 3_600_000 };
  expect(look(tone, evidence, times).verdict).toBe("undo");
});

test.each([
  { it: "given again where the variant is slow again", alarms: on("candidate", "latency"), verdict: "undo" },
  { it: "kept after an hour in which it was not", alarms: ok("candidate", "latency"), verdict: "kept" },
])("capacity that was taken back is $it", ({ alarms, verdict }) => {
  const { instances: _, ...rest } = scaled;
  const back: ScaleBack = {
    ...rest,
    kind: "scale_back",
    relieves: "f2",
    change: scaled.before,
    before: scaled.change,
    undo: scaled.change,
    verify: { by: "calm", variant: "candidate", alarms: ["latency"], forMinutes: 60 },
  };
  const evidence = { ...calm, endpoint: withVariants(stable, candidate), alarms };
  const times = { inServiceAtMs, verifyMs: 24 * 3_600_000, nowMs: inServiceAtMs + 60 * 60_000 };
  expect(look(back, evidence, times).verdict).toBe(verdict);
});
