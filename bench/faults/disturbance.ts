import type { EventFaults, Fault } from "../../local/faults.ts";
import { chanceFrom } from "../chance.ts";

/** What a day has to bear. */
export type Disturbance = { faults: Fault[]; events: EventFaults };

export const none: Disturbance = { faults: [], events: { duplicateShare: 0, lateShare: 0, lateSeconds: 0 } };

/**
 * Functions that may die: the share of their invocations that do, the calls at one of which they die, and how many invocations live
 * after it. A task of a state machine is tried three times, one after the other; events and messages come again between others, and
 * one that met a crash at each of its tries would rightly end as a dead letter.
 */
const mortal: Record<string, { share: number; calls: number; live?: number }> = {
  judge: { share: 0.25, calls: 60, live: 5 },
  driftPlan: { share: 0.3, calls: 4 },
  driftFold: { share: 0.3, calls: 60 },
  driftAnchors: { share: 0.5, calls: 500 },
  driftConclude: { share: 0.3, calls: 5 },
  driftPublish: { share: 0.3, calls: 6 },
  remediate: { share: 0.3, calls: 10, live: 5 },
  remediationAct: { share: 0.5, calls: 8 },
  remediationInspect: { share: 0.3, calls: 5 },
  remediationVerify: { share: 0.5, calls: 8 },
  remediationDeepen: { share: 0.5, calls: 6 },
  remediationFinish: { share: 0.5, calls: 8 },
};
const invocations = 1_000;

/** Every message twice, half of them late and so in another order, and functions that die between two calls, never twice in a row. */
export function disturbance(seed: number): Disturbance {
  const chance = chanceFrom(seed);
  const faults = Object.entries(mortal).flatMap(([name, { share, calls, live = 1 }]) => {
    const crashes: Fault[] = [];
    for (let invocation = 1; invocation <= invocations; invocation++) {
      if (chance() >= share) continue;
      const at = { invocation, call: 1 + Math.floor(chance() * calls) };
      crashes.push({ function: `assay-local-${name}`, kind: "crash", at });
      invocation += live;
    }
    return crashes;
  });
  return { faults, events: { duplicateShare: 1, lateShare: 0.5, lateSeconds: 30 } };
}
