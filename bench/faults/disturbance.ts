import type { EventFaults, Fault } from "../../local/faults.ts";
import { chanceFrom } from "../chance.ts";

/** What a day has to bear. */
export type Disturbance = { faults: Fault[]; events: EventFaults };

export const none: Disturbance = { faults: [], events: { duplicateShare: 0, lateShare: 0, lateSeconds: 0 } };

/**
 * Functions that may die, with the share of their invocations that do, and among how many of their first calls one is drawn after
 * which they die. The state machines try three times, and a message of the judge comes again after nine minutes.
 */
const mortal: Record<string, { share: number; calls: number }> = {
  judge: { share: 0.25, calls: 60 },
  driftPlan: { share: 0.3, calls: 4 },
  driftFold: { share: 0.3, calls: 60 },
  driftAnchors: { share: 0.5, calls: 500 },
  driftConclude: { share: 0.3, calls: 5 },
  driftPublish: { share: 0.3, calls: 6 },
  remediate: { share: 0.3, calls: 10 },
  remediationAct: { share: 0.5, calls: 8 },
  remediationInspect: { share: 0.3, calls: 5 },
  remediationVerify: { share: 0.5, calls: 8 },
  remediationFinish: { share: 0.5, calls: 8 },
};
const invocations = 1_000;

/** Every message twice, half of them late and so in another order, and functions that die between two calls, never twice in a row. */
export function disturbance(seed: number): Disturbance {
  const chance = chanceFrom(seed);
  const faults = Object.entries(mortal).flatMap(([name, { share, calls }]) => {
    const crashes: Fault[] = [];
    for (let invocation = 1; invocation <= invocations; invocation++) {
      if (chance() >= share) continue;
      const at = { invocation, call: 1 + Math.floor(chance() * calls) };
      crashes.push({ function: `assay-local-${name}`, kind: "crash", at });
      invocation++; // the repeat lives
    }
    return crashes;
  });
  return { faults, events: { duplicateShare: 1, lateShare: 0.5, lateSeconds: 30 } };
}
