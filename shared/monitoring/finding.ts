import { createHash } from "node:crypto";
import type { Source } from "../capture/inference.ts";
import type { DecidingAlarmKind, WatchedAlarm } from "./alarmNames.ts";
import type { Strain } from "./strain.ts";
import { iso } from "./windows.ts";

/**
 * What is wrong: the answers of one variant (`model`) or of all (`model_everywhere`), the questions (`traffic`), the grades
 * (`judge`), too few instances (`capacity`), too little captured (`capture`), what all is compared with (`baseline`), or judge and model cannot be told apart (`undecided`).
 */
export type Cause = "model" | "model_everywhere" | "traffic" | "judge" | "capacity" | "capture" | "baseline" | "undecided";

/** What was concluded from an alarm of CloudWatch. Its id is also the id of its remediation. */
export type Finding = {
  id: string;
  endpoint: string;
  variant: string;
  cause: Extract<Cause, "capacity" | "model">;
  alarm: string;
  kind: DecidingAlarmKind;
  /** When the alarm changed its state, ISO. */
  since: string;
};

/** What the monitor concluded from the evidence of its rules. Its id is also the id of its remediation. */
export type MonitorFinding = {
  id: string;
  endpoint: string;
  /** `null` where it concerns all of them. */
  variant: string | null;
  /** May change from `undecided` to what it turns out to be, and from `capacity` to the model; the id stays. */
  cause: Cause;
  /** The judged criterion, `judge`, or what else is watched, see `signalOf` in rules.ts; `capture` or `baseline`. */
  signal: string;
  /** The rules that alarmed. They stay so until the finding is closed. */
  rules: string[];
  /** Start of the window in which the change began, ISO. */
  since: string;
  /**
   * The change in score points (-0.05 = five points of 100 lower; over 0 a rise, which never acts), with its 95 % interval. Of shares,
   * such as the input mix, the move of the share that moved most; of something bad minus that: fewer answers without it. Of captures the
   * share of the expected ones that is missing. Of a baseline to be revised 0.
   */
  size: number;
  lower: number;
  upper: number;
  /** How far the rule had gone when this was concluded; 1 = alarm. */
  evidence: number;
  /** Judged answers (of the judge: anchors; of the input mix and captures: 0) that `size` rests on. */
  judged: number;
  /** Quality since `since`, and the lowest that counts as unchanged: what a verification lies between. `null` for all others. */
  thetaAtAlarm: number | null;
  refLow: number | null;
  /**
   * Segments whose own mean moved clearly, with their moves. Of a signal of shares the segments, languages, clusters or lengths whose
   * share moved. Absent where none stands out.
   */
  segments?: { segment: string; size: number }[];
  /**
   * The answers with the lowest grades since the change, or the lowest score of a cheap signal; where a share grew, of those that it is made
   * of. Absent where none was judged.
   */
  examples?: Example[];
  /** How the variant was served since; absent where nobody has looked, or where that explains nothing. */
  serving?: Strain;
  status: "open" | "closed";
  openedAt: string;
  closedAt?: string;
  /** The sentence an operator reads; when closed, why. */
  because: string;
  /** The finding that it turned out to belong to while it was `undecided`: one cause is one finding. */
  partOf?: string;
};

/** An answer that shows a change: its text stands where SageMaker captured it. `source` `null`: of a recorded stream. */
export type Example = { eventId: string; grade: number; source: Source | null };

/** Slow *and* failing points at the model: too few instances make answers late, not empty. */
const causeOf: Record<DecidingAlarmKind, Finding["cause"]> = {
  latency: "capacity",
  errors: "capacity",
  "hard-failures": "model",
  "slow-and-failing": "model",
};

type DecidingAlarm = WatchedAlarm & { kind: DecidingAlarmKind };

/** The same change of state of the same alarm gives the same finding, however often it is delivered. */
export function findingFrom({ name, endpoint, variant, kind }: DecidingAlarm, changedAtMs: number): Finding {
  const cause = causeOf[kind];
  const since = iso(changedAtMs);
  return { id: findingId([endpoint, variant, cause, since]), endpoint, variant, cause, alarm: name, kind, since };
}

export function findingId(identity: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(identity)).digest("hex").slice(0, 32);
}
