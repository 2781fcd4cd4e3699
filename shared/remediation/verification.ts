import type { AlarmKind } from "../monitoring/alarmNames.ts";
import type { WindowRecord } from "../monitoring/windowRecord.ts";
import { beginVerification, lnVerification, type Verification, verify } from "../statistics/verification.ts";
import type { Act, VerificationPlan } from "./decision.ts";
import { isWanted } from "./inspection.ts";
import type { Effect } from "./record.ts";
import { type AlarmState, type EndpointState, isOn } from "./situation.ts";

/** The judged answers of a window of the variant that is verified, and its plan; see windowRecord.ts. */
export type FreshWindow = Pick<WindowRecord, "rows" | "piRef">;

/** What is known of an acted remediation now. */
export type Evidence = {
  /** As SageMaker describes it; `null` if it is gone. */
  endpoint: EndpointState | null;
  alarms: readonly AlarmState[];
  /** Variants that an open finding of the monitor says are worse. */
  worse: ReadonlySet<string>;
  /** The windows of the variant that is verified, from the one in which the endpoint was in service again, in order of time. */
  windows: readonly FreshWindow[];
};

/** When the changed endpoint was in service, until when its verification may take, and now; epoch milliseconds. */
export type Times = { inServiceAtMs: number; verifyMs: number; nowMs: number };

/** `wait`: look again. `deepen`: take the next step of the same. `hold`: what was done stays, and a person decides. */
type Verdict = "kept" | "deepen" | "undo" | "hold" | "wait";
export type Look = { verdict: Verdict; says: Effect; because: string; figures: Record<string, number> };

/**
 * Whether an action helped, by what is served now and by what its plan looks at. In doubt the safer state stays: traffic taken from a
 * variant that is known to be worse, an instance that was added. A step of a shift that is proven is followed by the next, and so is
 * one of capacity that was not enough.
 * @throws RangeError for grades out of range
 * Source: docs/statistics.md, "Did it help"
 */
export function look(act: Act, evidence: Evidence, times: Times): Look {
  const { endpoint } = evidence;
  if (endpoint === null) return held("not_enough_yet", "the endpoint does not exist any more", {});
  if (!isWanted(endpoint, act.change))
    return held("not_enough_yet", "somebody changed what the action had set: what they set stays, and nothing is taken back", {});
  if (act.kind !== "swap_model" && endpoint.configuration !== act.decidedOn)
    return held(
      "not_enough_yet",
      `${endpoint.configuration} was deployed meanwhile, so fresh answers tell nothing of the action: it stays, and nothing is taken back`,
      {},
    );
  if (act.kind === "swap_model" || act.kind === "component_model") {
    const harm = failingSince(act, evidence, times.inServiceAtMs);
    if (harm !== null) return { verdict: "undo", says: "worse", because: harm, figures: {} };
  }
  if (act.kind === "shift_traffic") {
    const trouble = troubleOf(act.to, evidence);
    if (trouble !== null) return secondThoughts(act, trouble, evidence);
  }
  if (act.kind === "scale_back" && isOn(evidence.alarms, act.variant, "latency"))
    return { verdict: "undo", says: "worse", because: `${act.variant} is slow again with less`, figures: {} };
  const seen = lookAt(act.verify, evidence, times);
  const isLast = act.deeper.length === 0;
  switch (seen.verdict) {
    case "not_recovered": {
      const says = "did_not_help";
      return act.undo === null
        ? held(says, `${seen.because}. What was added stays`, seen.figures)
        : { ...seen, verdict: "undo", says };
    }
    case "recovered":
      return { ...seen, verdict: act.kind === "shift_traffic" && !isLast ? "deepen" : "kept", says: "helped" };
    case "undecided": {
      const says = "not_enough_yet";
      if (times.nowMs - times.inServiceAtMs < deadlineMs(act.verify, times)) return { ...seen, verdict: "wait", says };
      if (act.verify.by === "return" && !isLast) return { ...seen, verdict: "deepen", says };
      return held(says, `${seen.because} by the deadline; the safer state stays`, seen.figures);
    }
  }
}

/** What began to fail with another model. Slowness is left to SageMaker, which goes back by it while it deploys; `null`: nothing. */
function failingSince(act: Act, { endpoint, alarms }: Evidence, inServiceAtMs: number): string | null {
  const changed = act.kind === "swap_model" ? (endpoint?.variants ?? []).map(({ name }) => name) : [act.verify.variant];
  const on = alarms.filter(
    ({ variant, kind, state, sinceMs }) =>
      changed.includes(variant) &&
      (kind === "hard-failures" || kind === "errors") &&
      state === "ALARM" &&
      sinceMs > inServiceAtMs,
  );
  return on.length === 0
    ? null
    : `${on.map(({ variant, kind }) => `${variant} has its ${kind} alarm on`).join(", ")}, which was not so before the change`;
}

/** The receiving variant is in trouble of its own: back, unless that is no better. */
function secondThoughts({ from, to }: Extract<Act, { kind: "shift_traffic" }>, trouble: string, { alarms }: Evidence): Look {
  if (isOn(alarms, from, ...hardKinds))
    return held("worse", `${to} ${trouble}, but so does ${from}: neither is a safe place`, {});
  return { verdict: "undo", says: "worse", because: `${to} ${trouble}`, figures: {} };
}

type Seen = { verdict: "recovered" | "not_recovered" | "undecided"; because: string; figures: Record<string, number> };

function lookAt(plan: VerificationPlan, { alarms, windows }: Evidence, { inServiceAtMs, nowMs }: Times): Seen {
  const minutes = Math.floor((nowMs - inServiceAtMs) / 60_000);
  switch (plan.by) {
    case "quality":
      return lookAtQuality(plan, windows, inServiceAtMs);
    case "calm": {
      const isCalm = plan.alarms.every((kind) => isOk(alarms, plan.variant, kind));
      const names = plan.alarms.join(" and ");
      if (isCalm && minutes >= plan.forMinutes)
        return seen("recovered", `${names} of ${plan.variant} is OK ${plan.forMinutes} min after the change; no grade was asked`);
      return seen("undecided", `${names} of ${plan.variant} has not been OK for ${plan.forMinutes} min`);
    }
    case "return": {
      const names = plan.alarms.join(" and ");
      return plan.alarms.every((kind) => isOk(alarms, plan.variant, kind))
        ? seen("recovered", `${names} of ${plan.variant} is back to OK`)
        : seen("undecided", `${names} of ${plan.variant} is not back to OK`);
    }
  }
}

const seen = (verdict: Seen["verdict"], because: string): Seen => ({ verdict, because, figures: {} });
const held = (says: Effect, because: string, figures: Record<string, number>): Look => ({
  verdict: "hold",
  says,
  because,
  figures,
});

/** The evidence is computed anew at every look: grades that came late are in it, in the window that they belong to. */
function lookAtQuality(
  { variant, criterion, thetaAtAlarm, refLow }: Extract<VerificationPlan, { by: "quality" }>,
  windows: readonly FreshWindow[],
  inServiceAtMs: number,
): Seen {
  const begun = beginVerification(thetaAtAlarm, refLow);
  if (begun === null)
    return seen("undecided", `${criterion} was not below its reference, so it cannot tell whether acting helped`);
  const { verdict, judged, mid, ...bets }: Verification = windows.reduce((sofar, { rows, piRef }) => {
    const fresh = rows.flatMap(({ time, y, pi, conversation }) => {
      // An answer of the second in which the endpoint came back may be one of before.
      if (Date.parse(time) <= inServiceAtMs || !Object.hasOwn(y, criterion)) return [];
      return [{ y: y[criterion]!, pi, ...(conversation === undefined ? {} : { conversation }) }];
    });
    return piRef === null || sofar.verdict !== null ? sofar : verify(sofar, piRef, fresh);
  }, begun);
  const { recovered, notRecovered } = lnVerification({ verdict, judged, mid, ...bets });
  const figures = { judged, mid, lnRecovered: recovered, lnNotRecovered: notRecovered };
  const answers = `${judged} fresh judged answers of ${variant}`;
  switch (verdict) {
    case "recovered":
      return { verdict, because: `${answers} say that ${criterion} recovered`, figures };
    case "not_recovered":
      return { verdict, because: `${answers} say that ${criterion} did not recover`, figures };
    case null:
      return { verdict: "undecided", because: `${answers} do not yet tell whether ${criterion} recovered`, figures };
  }
}

const hardKinds = ["hard-failures", "errors", "latency"] as const satisfies AlarmKind[];

function troubleOf(variant: string, { alarms, worse }: Evidence): string | null {
  if (worse.has(variant)) return "is worse itself, as its own evidence says";
  const on = hardKinds.filter((kind) => isOn(alarms, variant, kind));
  return on.length === 0 ? null : `has its ${on.join(" and ")} alarm on`;
}

function deadlineMs(plan: VerificationPlan, { verifyMs }: Times): number {
  return plan.by === "return" ? plan.withinMinutes * 60_000 : verifyMs;
}

const isOk = (alarms: readonly AlarmState[], name: string, kind: AlarmKind) =>
  alarms.some((alarm) => alarm.variant === name && alarm.kind === kind && alarm.state === "OK");
