import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Remediation } from "../../../shared/config/assay.ts";
import { type Change, type Decision, deepened } from "../../../shared/remediation/decision.ts";
import { isWanted } from "../../../shared/remediation/inspection.ts";
import { decide } from "../../../shared/remediation/policy.ts";
import type { Done, EndpointState, Situation, Trouble } from "../../../shared/remediation/situation.ts";
import { deployedBefore } from "./configurations.ts";
import { auto, calm, candidate, failing, fine, nowMs, on, slow, stable, withVariants, worse } from "./situations.ts";

const slowOnly = [...fine("stable"), ...on("candidate", "latency")];
const priced = (budgetUsd: number, projectedUsd: number) => ({
  budgetMicroUsd: budgetUsd * 1_000_000,
  projectedMicroUsd: projectedUsd * 1_000_000,
  served: ["stable", "candidate"].map((variant) => ({
    variant,
    instances: 1,
    instanceType: "ml.g5.xlarge",
    microUsdPerHour: 1_000_000,
  })),
});

test.each<Partial<Situation> & { it: string; trouble?: Trouble; limits?: Partial<Remediation>; because: string }>([
  { it: "the kill switch is on", paused: "a game is on tonight", because: "remediation is paused: a game is on tonight" },
  {
    it: "a day would cost more than the serving budget",
    trouble: slow,
    alarms: slowOnly,
    costs: priced(71, 48),
    because: "$72.00 a day with one instance more of candidate is over the serving budget of $71.00",
  },
  {
    it: "today would, though every day would not",
    trouble: slow,
    alarms: slowOnly,
    costs: priced(73, 60),
    because: "$74.00 a day",
  },
  {
    it: "nobody knows what an instance costs",
    trouble: slow,
    alarms: slowOnly,
    costs: { ...priced(1000, 48), served: [] },
    because: "servingBudget has no price for candidate",
  },
  {
    it: "there are as many instances as it may ask for",
    trouble: slow,
    alarms: slowOnly,
    limits: { maxInstances: 1 },
    because: "2 instances of candidate are more than maxInstances, 1",
  },
  {
    it: "too few sound variants would be left",
    limits: { minHealthyVariants: 2 },
    because: "1 sound variants would be left to take traffic, and minHealthyVariants is 2",
  },
  {
    it: "a second fleet would cost more than the serving budget",
    trouble: { ...worse, cause: "model_everywhere", variant: null },
    configurations: deployedBefore,
    costs: priced(48, 48),
    because: "a second fleet",
  },
])("holds when $it", ({ it: _, trouble = failing, limits = {}, because, ...situation }) => {
  const decision = decide(trouble, { ...calm, ...situation }, { ...auto, ...limits }, nowMs);
  expect(decision).toMatchObject({ kind: "hold", because: expect.stringContaining(because) });
});

test("a budget that one instance keeps and two do not allows one step", () => {
  const scaled = decide(slow, { ...calm, alarms: slowOnly, costs: priced(80, 48) }, auto, nowMs);
  expect(scaled).toMatchObject({ kind: "scale_out", instances: 2, deeper: [], expected: { microUsdPerDay: 24_000_000 } });
});

test("traffic moves in steps of the share that one may move, and the last leaves nothing", () => {
  const endpoint = withVariants({ ...stable, weight: 0, desiredWeight: 0 }, { ...candidate, weight: 1, desiredWeight: 1 });
  let act = decide(failing, { ...calm, endpoint }, { ...auto, maxShareOfTraffic: 0.4 }, nowMs) as Decision | null;
  const left: number[] = [];
  while (act !== null && act.kind === "shift_traffic") {
    if (act.change.kind === "weights") left.push(act.change.weights[0]!.weight);
    expect(act.undo).toMatchObject({ weights: [{ weight: 1 }, { weight: 0 }] });
    act = deepened(act);
  }
  expect(left.map((weight) => weight.toFixed(2))).toEqual(["0.60", "0.20", "0.00"]);
});

test.each<{ it: string; modes: Remediation["modes"]; trouble: Trouble; kind: string }>([
  { it: "one that is observed is not taken", modes: { shift_traffic: "observe" }, trouble: failing, kind: "hold" },
  { it: "another one is", modes: { scale_out: "observe" }, trouble: failing, kind: "shift_traffic" },
  { it: "one that is not is taken", modes: { shift_traffic: "auto" }, trouble: failing, kind: "shift_traffic" },
])("every action has its mode: $it", ({ modes, trouble, kind }) => {
  const mode = kind === "hold" || modes.scale_out ? "auto" : "observe";
  expect(decide(trouble, calm, { ...auto, mode, modes }, nowMs).kind).toBe(kind);
});

/** Alarms and findings as they may come, minutes apart, in a world that does what is decided at once. */
const arrival = fc.record({
  afterMinutes: fc.nat(90),
  trouble: fc.constantFrom<Trouble>(
    failing,
    slow,
    worse,
    { ...failing, kind: "slow-and-failing" },
    { ...slow, kind: "errors" },
    { ...worse, id: "m2", variant: "stable" },
    { ...worse, id: "m3", cause: "model_everywhere", variant: null },
  ),
  alarms: fc.constantFrom(calm.alarms, slowOnly, [...on("stable", "errors"), ...on("candidate", "hard-failures", "latency")]),
  status: fc.constantFrom<EndpointState["status"]>("InService", "InService", "InService", "Updating"),
  paused: fc.constantFrom(null, null, null, "a person says so"),
  verifiedMinutes: fc.nat(120),
  goesDeeper: fc.boolean(),
});
const limitsOf = fc.record({
  cooldownMinutes: fc.integer({ min: 1, max: 180 }),
  maxActionsPerDay: fc.integer({ min: 1, max: 4 }),
  maxShareOfTraffic: fc.double({ min: 0.1, max: 1, noNaN: true }),
  maxInstances: fc.integer({ min: 1, max: 4 }),
  minHealthyVariants: fc.integer({ min: 1, max: 2 }),
  budgetUsd: fc.integer({ min: 40, max: 200 }),
});

test("no sequence of alarms breaks a guard rail", () => {
  fc.assert(
    fc.property(fc.array(arrival, { maxLength: 40 }), limitsOf, (arrivals, { budgetUsd, ...some }) => {
      const limits: Remediation = { ...auto, ...some };
      const done: Done[] = [];
      let endpoint: EndpointState = withVariants(stable, candidate);
      let [atMs, lockedUntilMs] = [nowMs, 0];
      for (const { afterMinutes, trouble, alarms, status, paused, verifiedMinutes, goesDeeper } of arrivals) {
        atMs += afterMinutes * 60_000;
        const isLocked = lockedUntilMs > atMs;
        const costs = costsOf(endpoint, budgetUsd);
        const history = { actions: done, lockedBy: isLocked ? "another" : null };
        const configurations = { ...deployedBefore, sinceMs: Date.parse(trouble.since) };
        const situation = { ...calm, endpoint: { ...endpoint, status }, alarms, paused, costs, history, configurations };
        const decision = decide(trouble, situation, limits, atMs);
        if (decision.kind === "hold") continue;
        expect({ isLocked, status, paused }).toEqual({ isLocked: false, status: "InService", paused: null });
        const steps = [decision.change, ...(goesDeeper ? decision.deeper : [])];
        for (const change of steps) {
          const next = changed(endpoint, change);
          expect(movedShare(endpoint, next)).toBeLessThanOrEqual(limits.maxShareOfTraffic + 1e-6);
          endpoint = next;
        }
        expect(Math.max(...endpoint.variants.map(({ instances }) => instances ?? 0))).toBeLessThanOrEqual(limits.maxInstances);
        if (decision.kind === "scale_out") expect(costOf(endpoint)).toBeLessThanOrEqual(budgetUsd);
        if (decision.kind === "shift_traffic") expect(limits.minHealthyVariants).toBe(1); // of two, one is what is left
        expect(isWanted(changed(endpoint, decision.before), decision.before)).toBe(true);
        done.push({ id: String(done.length), kind: decision.kind, variant: "candidate", atMs });
        lockedUntilMs = atMs + verifiedMinutes * 60_000;
      }
      done.forEach((act, i) => {
        if (i > 0) expect(act.atMs - done[i - 1]!.atMs).toBeGreaterThanOrEqual(limits.cooldownMinutes * 60_000);
        const day = done.filter((other) => other.atMs <= act.atMs && other.atMs > act.atMs - 24 * 3_600_000);
        expect(day.length).toBeLessThanOrEqual(limits.maxActionsPerDay);
      });
    }),
    { numRuns: 60 },
  );
});

/** A dollar an hour and instance, counted from midnight to midnight. */
const costOf = ({ variants }: EndpointState) => variants.reduce((sum, { instances }) => sum + 24 * (instances ?? 0), 0);
const costsOf = (endpoint: EndpointState, budgetUsd: number) => ({
  ...priced(budgetUsd, costOf(endpoint)),
  served: endpoint.variants.map(({ name: variant, instances }) => ({
    variant,
    instances: instances ?? 0,
    instanceType: null,
    microUsdPerHour: 1_000_000,
  })),
});

function changed(endpoint: EndpointState, change: Change): EndpointState {
  if (change.kind === "configuration") return { ...endpoint, configuration: change.configuration };
  const variants = endpoint.variants.map((variant) => {
    if (change.kind === "weights") {
      const weight = change.weights.find((own) => own.variant === variant.name)?.weight ?? variant.weight;
      return { ...variant, weight, desiredWeight: weight };
    }
    const instances = "instances" in change && change.variant === variant.name ? change.instances : variant.instances;
    return { ...variant, instances, desiredInstances: instances };
  });
  return { ...endpoint, variants };
}

function movedShare(before: EndpointState, after: EndpointState): number {
  const total = before.variants.reduce((sum, { desiredWeight }) => sum + desiredWeight, 0);
  const lost = before.variants.map(({ desiredWeight }, i) => desiredWeight - after.variants[i]!.desiredWeight);
  return Math.max(0, ...lost) / total;
}
