import { dayCost } from "../costs.ts";
import type { Change } from "../decision.ts";
import { isWanted } from "../inspection.ts";
import { type Added, type AlarmState, isSpare } from "../situation.ts";
import { type Action, type Need, objection } from "./action.ts";

/** Load comes and goes with the day: after one without a slow answer the hour of the trouble has come again, and found enough. */
const idleMs = 24 * 3_600_000;
/** An hour of traffic on what is left: three alarms' worth of periods at least. */
const calmMinutes = 60;

/** Whether the reason for added capacity is gone: its variant's latency alarm has been OK for a day since. */
export function reasonIsGone({ variant, atMs }: Added, alarms: readonly AlarmState[], nowMs: number): boolean {
  const latency = alarms.find((alarm) => alarm.variant === variant && alarm.kind === "latency");
  return latency?.state === "OK" && nowMs - Math.max(latency.sinceMs, atMs) >= idleMs;
}

/**
 * Takes back what Assay itself added, and nothing that a person or a scaling policy did. Verified by the latency alarm, which stays OK for
 * an hour; undone by adding it again.
 */
export const scaleBack: Action = (need) => {
  const { trouble, situation, nowMs } = need;
  if (!isSpare(trouble)) return objection("nothing that Assay added is to be taken back");
  const { added, variant } = trouble;
  if (!isAsAdded(added.change, need))
    return objection(`somebody changed the capacity of ${variant} after Assay did: it is theirs to take back`);
  if (!reasonIsGone(added, situation.alarms, nowMs)) return objection(`${variant} was slow less than a day ago`);
  if (situation.worse.has(variant))
    return objection(`${variant} is worse, as its evidence says: this is no time to take anything away`);
  const fewer = amountOf(added.change) - amountOf(added.before);
  return {
    kind: "scale_back",
    variant,
    relieves: added.id,
    change: added.before,
    before: added.change,
    undo: added.change,
    deeper: [],
    verify: { by: "calm", variant, alarms: ["latency"], forMinutes: calmMinutes },
    because: `${variant} has not been slow for a day since ${fewer === 1 ? "one was" : `${fewer} were`} added`,
    expected: {
      effect: `${variant} answers as quickly with ${fewer} fewer`,
      microUsdPerDay: dayCost(situation.costs, variant, -fewer),
    },
  };
};

/** Whether capacity is still as it was made. */
function isAsAdded(change: Change, { endpoint, situation }: Need): boolean {
  if (change.kind === "floor") return situation.scaling.get(change.variant)?.min === change.instances;
  if (change.kind === "copies_floor") return situation.componentScaling.get(change.component)?.min === change.copies;
  return isWanted(endpoint, change);
}

function amountOf(change: Change): number {
  return "instances" in change ? change.instances : "copies" in change ? change.copies : 0;
}
