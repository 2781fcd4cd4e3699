import type { AlarmKind } from "../monitoring/alarmNames.ts";

type Weight = { variant: string; weight: number };

/** A change to an endpoint, so that making it twice is making it once. */
export type Change =
  /** Variants left out keep their weights. */
  | { kind: "weights"; weights: Weight[] }
  | { kind: "instances"; variant: string; instances: number }
  /** The least that Application Auto Scaling may scale in to. */
  | { kind: "floor"; variant: string; instances: number };

/** How fresh evidence tells whether an action helped. */
export type VerificationPlan =
  /** By new grades of what the affected users get now. */
  | { by: "quality"; variant: string; criterion: string; thetaAtAlarm: number; refLow: number }
  /** These alarms of the variant are OK, and stay so for a while. There is no judged evidence to go by. */
  | { by: "calm"; variant: string; alarms: AlarmKind[]; forMinutes: number }
  /** These alarms of the variant come back to OK in time. */
  | { by: "return"; variant: string; alarms: AlarmKind[]; withinMinutes: number };

/** What to do, how one knows that it helped, and what brings back what was. */
type Plan = {
  change: Change;
  /** `null`: it stays, and a person decides. */
  undo: Change | null;
  verify: VerificationPlan;
  because: string;
};

export type ShiftTraffic = Plan & { kind: "shift_traffic"; from: string; to: string };
export type ScaleOut = Plan & { kind: "scale_out"; variant: string; instances: number };
export type Act = ShiftTraffic | ScaleOut;

export type Hold = {
  kind: "hold";
  because: string;
  /**
   * What it waits for: `minutes` (the endpoint is busy: ask again soon), `later` (it passes by itself: ask again at the next
   * tick), `person` (somebody must look), `nothing` (there is nothing to do).
   */
  until: "minutes" | "later" | "person" | "nothing";
};

export type Decision = Act | Hold;

export const hold = (until: Hold["until"], because: string): Hold => ({ kind: "hold", because, until });

/** What a decision does, in words that follow "would" or stand alone. */
export function inWords(decision: Decision): string {
  switch (decision.kind) {
    case "shift_traffic":
      return `shift traffic from ${decision.from} to ${decision.to}`;
    case "scale_out":
      return `scale ${decision.variant} out to ${decision.instances} instances`;
    case "hold":
      return "hold";
  }
}
