import { expect, test } from "@jest/globals";
import type { Cause } from "../../../shared/monitoring/finding.ts";
import { decide } from "../../../shared/remediation/policy.ts";
import type { AlarmState, ComponentState, Situation, Trouble } from "../../../shared/remediation/situation.ts";
import { deployedBefore } from "./configurations.ts";
import { auto, calm, candidate, failing, fine, nowMs, on, slow as slowAlarm, stable, withVariants, worse } from "./situations.ts";

/** The monitor's finding of each cause, and each alarm that is decided about. */
const causes: Cause[] = ["model", "model_everywhere", "capacity", "judge", "traffic", "capture", "baseline", "undecided"];
const troubles: Record<string, Trouble> = {
  ...Object.fromEntries(
    causes.map((cause) => [cause, { ...worse, cause, variant: cause === "model" || cause === "capacity" ? "candidate" : null }]),
  ),
  "alarm of hard failures": failing,
  "alarm of hard failures and latency": { ...failing, kind: "slow-and-failing" },
  "alarm of latency": slowAlarm,
  "alarm of errors": { ...slowAlarm, kind: "errors" },
};

const flags = [true, false];
const slowFor = ["no time", "minutes", "hours"] as const;
/** What there is to act with. `former`: a configuration that served well before; `proven`: the present one has served well, too. */
const means = slowFor.flatMap((slow) =>
  flags.flatMap((other) =>
    flags.flatMap((former) => flags.flatMap((proven) => flags.map((hosts) => ({ slow, other, former, proven, hosts })))),
  ),
);
type Means = (typeof means)[number];

const more = ({ hosts }: Means) => (hosts ? "copies" : "scale_out");
const bringBack = ({ former, proven, hosts }: Means) =>
  !former || proven ? "hold, person" : hosts ? "component_model" : "swap_model";
const cure = (given: Means) => (given.other && !given.hosts ? "shift_traffic" : bringBack(given));

/** The table: what each trouble comes to. */
const table: Record<string, (given: Means) => string> = {
  judge: () => "hold, person",
  traffic: () => "hold, person",
  capture: () => "hold, person",
  baseline: () => "hold, person",
  undecided: () => "hold, later",
  model: (given) => (given.slow === "hours" ? more(given) : cure(given)),
  model_everywhere: bringBack,
  // It was slow, and its answers are worse still.
  capacity: (given) => (given.slow === "hours" ? more(given) : given.slow === "minutes" ? "hold, later" : cure(given)),
  "alarm of hard failures": cure,
  "alarm of hard failures and latency": (given) => (given.slow === "no time" ? "hold, nothing" : cure(given)),
  "alarm of latency": (given) =>
    given.slow === "hours" ? more(given) : given.slow === "minutes" ? "hold, later" : "hold, nothing",
  "alarm of errors": (given) =>
    given.slow === "hours" ? more(given) : given.slow === "minutes" ? "hold, later" : "hold, person",
};

const component: ComponentState = {
  name: "chat",
  variant: "candidate",
  isInService: true,
  copies: 1,
  desiredCopies: 1,
  model: "m2",
};

function decided(trouble: Trouble, { slow, other, former, proven, hosts }: Means): string {
  const latency: AlarmState[] =
    slow === "no time"
      ? [{ variant: "candidate", kind: "latency", state: "OK", sinceMs: 0 }]
      : on("candidate", "latency").map((alarm) => (slow === "hours" ? alarm : { ...alarm, sinceMs: nowMs - 60_000 }));
  const good = { ...deployedBefore.lastGood!, components: { chat: "m1" } };
  const situation: Situation = {
    ...calm,
    endpoint: { ...withVariants(stable, candidate), components: hosts ? [component] : [] },
    alarms: [...(other ? fine("stable") : on("stable", "errors")), ...on("candidate", "hard-failures", "errors"), ...latency],
    worse: new Set(["candidate"]),
    configurations: { ...deployedBefore, provenAtMs: proven ? nowMs : null, lastGood: former ? good : null },
  };
  const decision = decide(trouble, situation, auto, nowMs);
  return decision.kind === "hold" ? `hold, ${decision.until}` : decision.kind;
}

test.each(Object.keys(troubles))("%s, whatever there is to act with", (name) => {
  for (const given of means)
    expect({ ...given, decides: decided(troubles[name]!, given) }).toEqual({ ...given, decides: table[name]!(given) });
});
