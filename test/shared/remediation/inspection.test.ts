import { expect, test } from "@jest/globals";
import type { Change } from "../../../shared/remediation/decision.ts";
import { inspect, isWanted } from "../../../shared/remediation/inspection.ts";
import type { EndpointState } from "../../../shared/remediation/situation.ts";
import { candidate, stable, withVariants } from "./situations.ts";

const weights: Change = {
  kind: "weights",
  weights: [
    { variant: "candidate", weight: 0 },
    { variant: "stable", weight: 1.1 },
  ],
};
const two: Change = { kind: "instances", variant: "candidate", instances: 2 };
const floor: Change = { ...two, kind: "floor" };
const shifted = withVariants({ ...stable, weight: 1.1, desiredWeight: 1.1 }, { ...candidate, weight: 0, desiredWeight: 0 });
const grown = (instances: number, desiredInstances = instances) =>
  withVariants(stable, { ...candidate, instances, desiredInstances });

test.each<{ it: string; endpoint: EndpointState | null; change: Change; minutes?: number; state: string }>([
  { it: "weights are as wanted", endpoint: shifted, change: weights, state: "in_service" },
  {
    it: "SageMaker keeps a weight in single precision",
    endpoint: withVariants({ ...stable, weight: Math.fround(1.1) }, { ...candidate, weight: 0 }),
    change: weights,
    state: "in_service",
  },
  { it: "it is still updating", endpoint: { ...shifted, status: "Updating" }, change: weights, state: "changing" },
  {
    it: "in service, but the change has not begun",
    endpoint: withVariants(stable, candidate),
    change: weights,
    state: "changing",
  },
  { it: "an instance is wanted, not there", endpoint: grown(1, 2), change: two, state: "changing" },
  { it: "an instance is there", endpoint: grown(2), change: two, state: "in_service" },
  { it: "scaling added more than its floor", endpoint: grown(3), change: floor, state: "in_service" },
  { it: "scaling has not acted on its floor yet", endpoint: grown(1), change: floor, state: "changing" },
  { it: "an hour has passed", endpoint: grown(1, 2), change: two, minutes: 61, state: "failed" },
  { it: "it failed", endpoint: { ...shifted, status: "Failed" }, change: weights, state: "failed" },
  { it: "it rolls back", endpoint: { ...shifted, status: "RollingBack" }, change: weights, state: "changing" },
  { it: "it is gone", endpoint: null, change: weights, state: "failed" },
])("$it: $state", ({ endpoint, change, minutes = 1, state }) => {
  expect(inspect("chat", endpoint, change, 0, minutes * 60_000).state).toBe(state);
});

test("what is wanted already need not be asked for again", () => {
  expect([isWanted(grown(1, 2), two), isWanted(grown(1), two), isWanted(shifted, weights)]).toEqual([true, false, true]);
});
