import { createHash } from "node:crypto";
import type { AlarmKind, WatchedAlarm } from "./alarmNames.ts";
import { iso } from "./windows.ts";

/** What an alarm says is wrong: too little serving capacity, or the answers of one variant's model. */
export type Cause = "capacity" | "model";

/** What was concluded from an alarm. Its id is also the id of its remediation. */
export type Finding = {
  id: string;
  endpoint: string;
  variant: string;
  cause: Cause;
  alarm: string;
  kind: AlarmKind;
  /** When the alarm changed its state, ISO. */
  since: string;
};

/** Slow *and* failing points at the model: too few instances make answers late, not empty. */
const causeOf: Record<AlarmKind, Cause> = {
  latency: "capacity",
  errors: "capacity",
  "hard-failures": "model",
  "slow-and-failing": "model",
};

/** The same change of state of the same alarm gives the same finding, however often it is delivered. */
export function findingFrom({ name, endpoint, variant, kind }: WatchedAlarm, changedAtMs: number): Finding {
  const cause = causeOf[kind];
  const since = iso(changedAtMs);
  return { id: findingId([endpoint, variant, cause, since]), endpoint, variant, cause, alarm: name, kind, since };
}

export function findingId(identity: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(identity)).digest("hex").slice(0, 32);
}
