import { expect, test } from "@jest/globals";
import { decide } from "../../../../shared/remediation/policy.ts";
import type { ComponentState, Situation, Spare, Trouble } from "../../../../shared/remediation/situation.ts";
import { deployedBefore } from "../configurations.ts";
import { auto, calm, candidate, fine, nowMs, on, slow, stable, withVariants, worse } from "../situations.ts";

const dayMs = 24 * 3_600_000;
const everywhere: Trouble = { ...worse, cause: "model_everywhere", variant: null };
const spare: Spare = {
  id: "s1",
  endpoint: "chat",
  variant: "candidate",
  cause: "capacity",
  kind: "spare",
  since: "2026-03-01T08:00:00Z",
  added: {
    id: "f2",
    variant: "candidate",
    atMs: nowMs - 26 * 3_600_000,
    before: { kind: "instances", variant: "candidate", instances: 1 },
    change: { kind: "instances", variant: "candidate", instances: 2 },
  },
};
const two = withVariants(stable, { ...candidate, instances: 2, desiredInstances: 2 });
const latency = (sinceMs: number) => [{ variant: "candidate", kind: "latency", state: "OK", sinceMs } as const];
const component = (name: string, model: string | null): ComponentState => ({
  name,
  variant: "candidate",
  isInService: true,
  copies: 1,
  desiredCopies: 1,
  model,
});
const hosting = (...components: ComponentState[]) => ({ ...withVariants(candidate), components });
const former = { ...deployedBefore, lastGood: { ...deployedBefore.lastGood!, components: { chat: "m1" } } };
const slowOnly = on("candidate", "latency");

test.each<Partial<Situation> & { it: string; trouble: Trouble; does: object }>([
  {
    it: "takes back what it added, a day after the last slow answer",
    trouble: spare,
    endpoint: two,
    alarms: latency(nowMs - dayMs),
    does: {
      kind: "scale_back",
      change: spare.added.before,
      before: spare.added.change,
      undo: spare.added.change,
      relieves: "f2",
    },
  },
  {
    it: "not sooner",
    trouble: spare,
    endpoint: two,
    alarms: latency(nowMs - dayMs + 1),
    does: { kind: "hold", because: "candidate was slow less than a day ago" },
  },
  {
    it: "not what somebody else made of it",
    trouble: spare,
    endpoint: withVariants(stable, { ...candidate, instances: 3, desiredInstances: 3 }),
    alarms: latency(0),
    does: { kind: "hold", because: expect.stringContaining("somebody changed the capacity of candidate") },
  },
  {
    it: "goes back to the last good configuration",
    trouble: everywhere,
    configurations: deployedBefore,
    rollbackAlarms: ["slow"],
    does: {
      kind: "swap_model",
      change: { kind: "configuration", configuration: "config-1", copyOf: null, stepPercent: 50, rollbackAlarms: ["slow"] },
      undo: { configuration: "config-2" },
      verify: { by: "quality", variant: "candidate" },
    },
  },
  {
    it: "to a copy of it that captures, where it does not",
    trouble: everywhere,
    configurations: { ...deployedBefore, lastGood: { ...deployedBefore.lastGood!, capturesAlike: false } },
    does: { kind: "swap_model", change: { configuration: expect.stringMatching(/^assay-captured-/), copyOf: "config-1" } },
  },
  {
    it: "not where it was as bad before",
    trouble: everywhere,
    configurations: { ...deployedBefore, sinceMs: nowMs },
    does: { kind: "hold", because: expect.stringContaining("it was as bad before") },
  },
  {
    it: "not where the present one has served well",
    trouble: everywhere,
    configurations: { ...deployedBefore, provenAtMs: nowMs - dayMs },
    does: { kind: "hold", because: expect.stringContaining("have served well") },
  },
  {
    it: "not to the same models",
    trouble: everywhere,
    configurations: { ...deployedBefore, variants: deployedBefore.lastGood!.variants },
    does: { kind: "hold", because: expect.stringContaining("has the same models") },
  },
  {
    it: "not to other variants",
    trouble: everywhere,
    endpoint: withVariants(stable, candidate, { ...stable, name: "third" }),
    configurations: deployedBefore,
    does: { kind: "hold", because: expect.stringContaining("has other variants") },
  },
  {
    it: "gives a component another copy",
    trouble: slow,
    endpoint: hosting(component("chat", "m2")),
    alarms: slowOnly,
    does: { kind: "copies", change: { kind: "copies", component: "chat", copies: 2 }, deeper: [{ copies: 3 }] },
  },
  {
    it: "by the floor of its scaling",
    trouble: slow,
    endpoint: hosting(component("chat", "m2")),
    alarms: slowOnly,
    componentScaling: new Map([["chat", { min: 1, max: 2 }]]),
    does: { kind: "copies", change: { kind: "copies_floor", copies: 2 }, deeper: [] },
  },
  {
    it: "gives a component its model back",
    trouble: worse,
    endpoint: hosting(component("chat", "m2")),
    alarms: fine("candidate"),
    configurations: former,
    does: { kind: "component_model", change: { model: "m1" }, undo: { model: "m2" } },
  },
  {
    it: "that of the component which the response's model names",
    trouble: { ...worse, segments: [{ segment: "m2", size: -0.4 }] },
    endpoint: hosting(component("chat", "m2"), component("mail", "m3")),
    alarms: fine("candidate"),
    configurations: former,
    does: { kind: "component_model", component: "chat" },
  },
  {
    it: "holds where nothing tells which component answered",
    trouble: worse,
    endpoint: hosting(component("chat", "m2"), component("mail", "m3")),
    alarms: fine("candidate"),
    configurations: former,
    does: { kind: "hold", because: expect.stringContaining("nothing says which of them it is") },
  },
])("$it", ({ it: _, trouble, does, ...situation }) => {
  expect(decide(trouble, { ...calm, ...situation }, auto, nowMs)).toMatchObject(does);
});
