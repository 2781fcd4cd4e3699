import type { Remediation } from "../config/assay.ts";
import type { Cause } from "../monitoring/finding.ts";
import { qualityPlan } from "./actions/qualityPlan.ts";
import { actions } from "./actions/registry.ts";
import { type Decision, type Hold, hold, inWords } from "./decision.ts";
import {
  type ActionKind,
  type AlarmState,
  type EndpointState,
  type EndpointStatus,
  isMonitored,
  onSince,
  type Situation,
  type Trouble,
} from "./situation.ts";

/**
 * What to do about one finding. Pure: the same arguments give the same decision, on AWS and in a replay.
 * @param trouble   an alarm's finding or the monitor's; `size` in score points (-0.05 = five points of 100 lower)
 * @param situation the endpoint, its alarms, open findings, and what was done to it before
 * @param limits    `remediation` of assay.yml
 * @param nowMs     epoch milliseconds
 * @returns one decision with the sentence an operator reads at 3 a.m.; never throws: in doubt it holds. The sentence names no
 *   span that ends now, so the same reasons give the same decision at the next tick
 * Source: docs/operating.md, "What Assay does by itself"
 */
export function decide(trouble: Trouble, situation: Situation, limits: Remediation, nowMs: number): Decision {
  const decision = decideFreely(trouble, situation, limits, nowMs);
  if (limits.mode !== "observe") return decision;
  // Nothing waits for an observer, so nothing passes either.
  return hold("nothing", `mode is observe; otherwise Assay would ${inWords(decision)}: ${decision.because}`);
}

function decideFreely(trouble: Trouble, situation: Situation, limits: Remediation, nowMs: number): Decision {
  const { endpoint } = situation;
  const name = trouble.endpoint;
  if (endpoint === null)
    return hold("person", `endpoint ${name} does not exist: remove it from assay.yml, or create it and deploy again`);
  // Before all that passes by itself: there is no point in waiting for it with nothing to do afterwards.
  const called = actionFor(trouble, trouble.cause, situation, nowMs);
  if (typeof called !== "string") return called;
  const guard = guardOf(name, endpoint, situation, limits, nowMs);
  if (!isMonitored(trouble) && hasRecovered(situation.alarms, trouble.variant, trouble.kind))
    return hold("nothing", `the alarms of ${trouble.variant} are back to OK: there is nothing to cure`);
  if (guard) return guard;
  const variant = endpoint.variants.find((candidate) => candidate.name === trouble.variant);
  if (!variant) return hold("person", `${name} has no variant ${trouble.variant} any more: bring assay.yml up to date`);
  // Its alarms keep the state that its last answers gave them.
  if (variant.desiredWeight === 0) return hold("nothing", `${variant.name} gets no traffic already`);
  const decision = actions[called]({ trouble, variant, endpoint, situation });
  return decision.kind === "objection" ? hold("person", decision.because) : decision;
}

/** The action that a finding calls for, or why none would help. */
function actionFor(trouble: Trouble, cause: Cause, situation: Situation, nowMs: number): ActionKind | Hold {
  const { variant } = trouble;
  const slowSinceMs = variant === null ? null : onSince(situation.alarms, variant, "latency");
  const isSlowForLong = slowSinceMs !== null && nowMs - slowSinceMs >= spikeMs;
  if (isMonitored(trouble)) {
    if (trouble.status === "closed") return hold("nothing", `the finding is closed: ${trouble.because}`);
    // What a cheap signal says of the answers could be good news, and no verification could tell whether acting helped.
    if (trouble.thetaAtAlarm === null && actsOnCause.has(cause))
      return hold("person", `${trouble.because}. Only judged quality is acted upon: look at some of the answers`);
    // Only of the answers is more better: a share of the questions or the judge's grades have no good direction.
    if (trouble.size > 0 && (cause === "model" || cause === "model_everywhere"))
      return hold("nothing", `${trouble.signal} rose: good news needs no action, but look whether the judge is right`);
  }
  switch (cause) {
    case "judge":
      return hold("person", "the judge moved, not the model: recalibrate it first");
    case "traffic":
      return hold("person", "the questions changed, not the answers: review the baseline");
    case "baseline":
      return hold("person", "nothing is wrong with the answers: create a baseline anew, look at it, and approve it");
    case "capture":
      return hold("person", "too little was captured to tell: check the endpoint's data capture");
    case "undecided":
      return hold("later", "judge and model cannot be told apart yet: the anchors are being judged again");
    case "model_everywhere":
      return hold("person", "every variant is worse: bringing back the last good model needs a person");
    case "capacity":
      if (slowSinceMs === null && !isMonitored(trouble) && trouble.kind === "errors")
        return hold(
          "person",
          `${variant} answers with errors but is not slow, so instances would not cure it: read its container's log`,
        );
      if (slowSinceMs !== null && !isSlowForLong)
        return hold(
          "later",
          `${variant} is slow since ${minute(slowSinceMs)}: a spike that is over within ${spikeMs / 60_000} minutes needs no instance`,
        );
      return "scale_out";
    case "model": {
      if (!isMonitored(trouble)) return "shift_traffic";
      if (variant === null) return hold("person", "the finding names no variant to act on");
      if (qualityPlan(trouble, variant) === null)
        return hold("person", `${trouble.signal} is not below its reference, so nothing could tell whether acting helped`);
      // Slow and worse together, and for long: capacity first, once. If that was no cure, it is the model after all.
      const wasScaled = situation.history.actions.some((done) => done.kind === "scale_out" && done.variant === variant);
      return isSlowForLong && !wasScaled ? "scale_out" : "shift_traffic";
    }
  }
}

/** What keeps from acting now, whatever the action. */
function guardOf(
  name: string,
  { status }: EndpointState,
  { history: { actions: done, lockedBy } }: Situation,
  { cooldownMinutes, maxActionsPerDay }: Remediation,
  nowMs: number,
): Hold | null {
  if (status !== "InService") {
    const because = `endpoint ${name} is ${status}, not InService`;
    return passingStatuses.has(status)
      ? hold("minutes", because)
      : hold("person", `${because}: it takes no change before a person repairs it`);
  }
  if (lockedBy !== null) return hold("later", `remediation ${lockedBy} is acting on ${name}, or being verified`);
  const lastMs = Math.max(...done.map(({ atMs }) => atMs), Number.NEGATIVE_INFINITY);
  if (lastMs + cooldownMinutes * 60_000 > nowMs) {
    const [from, until] = [lastMs, lastMs + cooldownMinutes * 60_000].map(minute);
    return hold("later", `the action of ${from} has until ${until} to show its effect`);
  }
  if (done.filter(({ atMs }) => atMs > nowMs - dayMs).length >= maxActionsPerDay)
    return hold("later", `all ${maxActionsPerDay} actions of the last 24 hours are used`);
  return null;
}

const actsOnCause: ReadonlySet<Cause> = new Set(["model", "model_everywhere", "capacity"]);
const dayMs = 24 * 3_600_000;
/** A new instance takes minutes to serve and is paid for until somebody takes it away: longer than most spikes last. */
const spikeMs = 3_600_000;
const passingStatuses: ReadonlySet<EndpointStatus> = new Set(["Creating", "Updating", "SystemUpdating", "RollingBack"]);
const minute = (atMs: number) => `${new Date(atMs).toISOString().slice(0, 16)}Z`;

/** A late or repeated delivery may tell of what is over. Too little data is no recovery. */
function hasRecovered(alarms: readonly AlarmState[], name: string, kind: AlarmState["kind"]): boolean {
  const behind: AlarmState["kind"][] = kind === "slow-and-failing" ? ["latency", "hard-failures"] : [kind];
  return alarms.some((alarm) => alarm.variant === name && behind.includes(alarm.kind) && alarm.state === "OK");
}
