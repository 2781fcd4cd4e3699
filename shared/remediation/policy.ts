import { modeOf, type Remediation } from "../config/assay.ts";
import type { Cause } from "../monitoring/finding.ts";
import { type ActionKind, actionKinds } from "./actionKinds.ts";
import type { Action, Need, Proposed } from "./actions/action.ts";
import { actions } from "./actions/registry.ts";
import { qualityPlan } from "./actions/verifications.ts";
import { type Act, type Decision, type Hold, hold, inWords, type Rejected } from "./decision.ts";
import { mayNotActNow, withinLimits } from "./guardRails.ts";
import { type AlarmState, type EndpointState, isMonitored, isSpare, onSince, type Situation, type Trouble } from "./situation.ts";

/**
 * What to do about one finding. Pure: the same arguments give the same decision, on AWS and in a replay.
 * @param trouble   an alarm's finding or the monitor's; `size` in score points (-0.05 = five points of 100 lower)
 * @param situation the endpoint, its alarms, open findings, what it served before, what it costs, and what was done to it
 * @param limits    `remediation` of assay.yml
 * @param nowMs     epoch milliseconds
 * @returns one decision with the sentence an operator reads at 3 a.m., and what speaks against the others; never throws: in doubt it
 *   holds. The sentence names no span that ends now, so the same reasons give the same decision at the next tick
 * Source: docs/operating.md, "What Assay does by itself"
 */
export function decide(trouble: Trouble, situation: Situation, limits: Remediation, nowMs: number): Decision {
  const decision = decideFreely(trouble, situation, limits, nowMs);
  if (!isObserved(decision, limits)) return decision;
  // Nothing waits for an observer, so nothing passes either.
  const would = `mode is observe; otherwise Assay would ${inWords(decision)}: ${decision.because}`;
  return hold("nothing", would, decision.rejected);
}

/** Of a hold nobody knows what it would have come to: it is observed where every action is. */
function isObserved(decision: Decision, limits: Remediation): boolean {
  const of = decision.kind === "hold" ? actionKinds : [decision.kind];
  return of.every((kind) => modeOf(limits, kind) === "observe");
}

function decideFreely(trouble: Trouble, situation: Situation, limits: Remediation, nowMs: number): Decision {
  const { endpoint } = situation;
  const name = trouble.endpoint;
  if (endpoint === null)
    return hold("person", `endpoint ${name} does not exist: remove it from assay.yml, or create it and deploy again`);
  // Before all that passes by itself: there is no point in waiting for it with nothing to do afterwards.
  const called = actionsFor(trouble, trouble.cause, situation, nowMs);
  if (!Array.isArray(called)) return called;
  if (trouble.variant !== null && endpoint.shadows.includes(trouble.variant))
    return hold("nothing", `${trouble.variant} is a shadow: its answers reach nobody. Do not give it traffic as it is`);
  if (!isMonitored(trouble) && !isSpare(trouble) && hasRecovered(situation.alarms, trouble.variant, trouble.kind))
    return hold("nothing", `the alarms of ${trouble.variant} are back to OK: there is nothing to cure`);
  const guard = mayNotActNow(name, endpoint, situation, limits, nowMs);
  if (guard) return guard;
  const variant = variantIn(endpoint, trouble.variant);
  if (!variant) return hold("person", `${name} has no variant ${trouble.variant} any more: bring assay.yml up to date`);
  // Its alarms keep the state that its last answers gave them.
  if (variant.desiredWeight === 0 && !isSpare(trouble)) return hold("nothing", `${variant.name} gets no traffic already`);
  return firstThatMay(called, { trouble, variant, endpoint, situation, limits, nowMs });
}

/** The first action that can be taken and keeps to the limits. The others are rejected: for a reason of their own, or by it. */
function firstThatMay(called: readonly ActionKind[], need: Need): Decision {
  const rejected: Rejected[] = [];
  let first: Proposed<Act> | null = null;
  for (const kind of called) {
    const proposed: ReturnType<Action> | null = first === null ? actions[kind](need) : null;
    const checked: ReturnType<Action> | string | null =
      proposed === null || proposed.kind === "objection" ? proposed : withinLimits(proposed, need);
    if (checked === null) rejected.push({ kind, because: `${first!.kind} comes first: it changes less` });
    else if (typeof checked === "string") rejected.push({ kind, because: checked });
    else if (checked.kind === "objection") rejected.push({ kind, because: checked.because });
    else first = checked;
  }
  if (first !== null) {
    const otherwise: Rejected = { kind: "hold", because: "the trouble goes on until somebody acts" };
    const decidedOn = need.endpoint.configuration;
    return { ...first, decidedOn, rejected: [...rejected, otherwise] } as Act; // of the same kind, and now complete
  }
  const { trouble } = need;
  const becauses = rejected.map(({ because }) => because).join("; ");
  if (isSpare(trouble)) return hold("later", becauses, rejected);
  return hold("person", trouble.cause === "model_everywhere" ? `every variant is worse; ${becauses}` : becauses, rejected);
}

/** The actions that a finding calls for, the best first, or why none would help. */
function actionsFor(trouble: Trouble, cause: Cause, situation: Situation, nowMs: number): ActionKind[] | Hold {
  const { variant } = trouble;
  if (isSpare(trouble)) return ["scale_back"];
  const slowSinceMs = variant === null ? null : onSince(situation.alarms, variant, "latency");
  const isSlowForLong = slowSinceMs !== null && nowMs - slowSinceMs >= spikeMs;
  if (isMonitored(trouble)) {
    if (trouble.status === "closed") return hold("nothing", `the finding is closed: ${trouble.because}`);
    // Of what is to come: nothing is slow yet, so nothing could tell whether acting helped.
    if (trouble.signal === "capacity") return hold("person", trouble.because);
    // What a cheap signal says of the answers could be good news, and no verification could tell whether acting helped.
    if (trouble.thetaAtAlarm === null && actsOnCause.has(cause))
      return hold("person", `${trouble.because}. Only judged quality is acted upon: look at some of the answers`);
    // Only of the answers is more better: a share of the questions or the judge's grades have no good direction.
    if (trouble.size > 0 && (cause === "model" || cause === "model_everywhere"))
      return hold("nothing", `${trouble.signal} rose: good news needs no action, but look whether the judge is right`);
  }
  const hosts = situation.endpoint?.components.some((component) => variant === null || component.variant === variant);
  // Worse answers of a slow variant: too few instances, if it stays slow. When it no longer is, they would not cure it.
  const isOfAnswers = isMonitored(trouble) && cause === "capacity" && (slowSinceMs === null || isSlowForLong);
  switch (isOfAnswers ? "model" : cause) {
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
      return whatVerifies(trouble) ?? [hosts ? "component_model" : "swap_model"];
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
      return [hosts ? "copies" : "scale_out"];
    case "model": {
      const cures: ActionKind[] = hosts ? ["component_model"] : ["shift_traffic", "swap_model"];
      if (!isMonitored(trouble)) return cures;
      if (variant === null) return hold("person", "the finding names no variant to act on");
      const unverifiable = whatVerifies(trouble);
      if (unverifiable !== null) return unverifiable;
      // Slow and worse together, and for long: capacity first, once. If that was no cure, it is the model after all.
      const more = hosts ? "copies" : "scale_out";
      const wasScaled = situation.history.actions.some((done) => done.kind === more && done.variant === variant);
      return isSlowForLong && !wasScaled ? [more, ...cures] : cures;
    }
  }
}

/** Why nothing could tell whether acting helped; `null`: grades can, or alarms. */
function whatVerifies(trouble: Trouble): Hold | null {
  if (!isMonitored(trouble) || qualityPlan(trouble, trouble.variant ?? "") !== null) return null;
  return hold("person", `${trouble.signal} is not below its reference, so nothing could tell whether acting helped`);
}

/** The variant that a trouble is with, or, of a trouble with all of them, the one that most users meet. */
function variantIn({ variants }: EndpointState, name: string | null) {
  if (name !== null) return variants.find((candidate) => candidate.name === name);
  return variants.toSorted((a, b) => b.desiredWeight - a.desiredWeight || (a.name < b.name ? -1 : 1))[0];
}

const actsOnCause: ReadonlySet<Cause> = new Set(["model", "model_everywhere", "capacity"]);
/** A new instance takes minutes to serve and is paid for until somebody takes it away: longer than most spikes last. */
const spikeMs = 3_600_000;
const minute = (atMs: number) => `${new Date(atMs).toISOString().slice(0, 16)}Z`;

/** A late or repeated delivery may tell of what is over. Too little data is no recovery. */
function hasRecovered(alarms: readonly AlarmState[], name: string, kind: AlarmState["kind"]): boolean {
  const behind: AlarmState["kind"][] = kind === "slow-and-failing" ? ["latency", "hard-failures"] : [kind];
  return alarms.some((alarm) => alarm.variant === name && behind.includes(alarm.kind) && alarm.state === "OK");
}
