import type { AlarmKind } from "../monitoring/alarmNames.ts";
import type { ActionKind } from "./actionKinds.ts";

type Weight = { variant: string; weight: number };

/** A change to an endpoint, or one of its settings as it was, so that making it twice is making it once. */
export type Change =
  /** Variants left out keep their weights. */
  | { kind: "weights"; weights: Weight[] }
  | { kind: "instances"; variant: string; instances: number }
  /** The least that Application Auto Scaling may scale in to. */
  | { kind: "floor"; variant: string; instances: number }
  /**
   * The endpoint's configuration. `copyOf`: one that does not capture as the endpoint does now; `configuration` is the name of its copy
   * that does. Traffic moves by `stepPercent` (10 to 50) at a time, and SageMaker goes back by itself when one of `rollbackAlarms` turns on
   * meanwhile.
   */
  | { kind: "configuration"; configuration: string; copyOf: string | null; stepPercent: number; rollbackAlarms: string[] }
  /** Of an inference component, as the next two. */
  | { kind: "copies"; component: string; copies: number }
  | { kind: "copies_floor"; component: string; copies: number }
  | { kind: "component_model"; component: string; model: string };

/** How fresh evidence tells whether an action helped. */
export type VerificationPlan =
  /** By new grades of what the affected users get now. */
  | { by: "quality"; variant: string; criterion: string; thetaAtAlarm: number; refLow: number }
  /** These alarms of the variant are OK, and stay so for a while. There is no judged evidence to go by. */
  | { by: "calm"; variant: string; alarms: AlarmKind[]; forMinutes: number }
  /** These alarms of the variant come back to OK in time. */
  | { by: "return"; variant: string; alarms: AlarmKind[]; withinMinutes: number };

/** What an action should do, and what it costs. */
type Expected = {
  effect: string;
  /** Of a whole day, negative where it saves; `null`: assay.yml has no price for it. */
  microUsdPerDay: number | null;
};

/** What was thought of too, and why it is not done. */
export type Rejected = { kind: ActionKind | "hold"; because: string };

/** What to do, how one knows that it helped, and what brings back what was. */
type Plan = {
  change: Change;
  /** The same settings as they were when this was decided. If they are neither these nor as changed, somebody else is at work. */
  before: Change;
  /** The endpoint configuration that was served then: after another deployment nobody knows what the same change would do. */
  decidedOn: string;
  /** `null`: it stays, and a person decides. */
  undo: Change | null;
  /** Further steps, one at a time, within the same limits: of a shift once the last one is proven, of capacity where the last was not enough. */
  deeper: Change[];
  verify: VerificationPlan;
  because: string;
  expected: Expected;
  rejected: Rejected[];
};

export type ShiftTraffic = Plan & { kind: "shift_traffic"; from: string; to: string };
export type ScaleOut = Plan & { kind: "scale_out"; variant: string; instances: number };
/** `relieves`: the execution that added what is taken back. */
export type ScaleBack = Plan & { kind: "scale_back"; variant: string; relieves: string };
/** Of every variant of the endpoint. `variant`: whose answers are bad. */
type SwapModel = Plan & { kind: "swap_model"; variant: string; configuration: string };
type Copies = Plan & { kind: "copies"; variant: string; component: string; copies: number };
type ComponentModel = Plan & { kind: "component_model"; variant: string; component: string; model: string };
export type Act = ShiftTraffic | ScaleOut | ScaleBack | SwapModel | Copies | ComponentModel;

export type Hold = {
  kind: "hold";
  because: string;
  /**
   * What it waits for: `minutes` (the endpoint is busy: ask again soon), `later` (it passes by itself: ask again at the next
   * tick), `person` (somebody must look), `nothing` (there is nothing to do).
   */
  until: "minutes" | "later" | "person" | "nothing";
  /** Actions that would have been taken, but for what each says; none where none would help. */
  rejected?: Rejected[];
};

export type Decision = Act | Hold;

export const hold = (until: Hold["until"], because: string, rejected: readonly Rejected[] = []): Hold => ({
  kind: "hold",
  because,
  until,
  ...(rejected.length === 0 ? {} : { rejected: [...rejected] }),
});

/** The variant that an action takes traffic from, or works on. */
export const variantOf = (act: Act): string => (act.kind === "shift_traffic" ? act.from : act.variant);

/**
 * The action that goes on where another ended: one step more from where that is now, with the way back to where all began.
 * @returns `null` where it goes no further
 */
export function deepened<A extends Act>(act: A): A | null {
  const [change, ...deeper] = act.deeper;
  return change === undefined ? null : { ...act, before: act.change, change, deeper, ...amountOf(change) };
}

function amountOf(change: Change): { instances?: number; copies?: number } {
  if (change.kind === "instances" || change.kind === "floor") return { instances: change.instances };
  return change.kind === "copies" || change.kind === "copies_floor" ? { copies: change.copies } : {};
}

/** What a decision does, in words that follow "would" or stand alone. */
export function inWords(decision: Decision): string {
  switch (decision.kind) {
    case "shift_traffic":
      return `shift traffic from ${decision.from} to ${decision.to}`;
    case "scale_out":
      return `scale ${decision.variant} out to ${decision.instances} instances`;
    case "scale_back":
      return `scale ${decision.variant} back to ${amountInWords(decision.change)}`;
    case "swap_model":
      return `go back to endpoint configuration ${decision.configuration}`;
    case "copies":
      return `give inference component ${decision.component} ${decision.copies} copies`;
    case "component_model":
      return `give inference component ${decision.component} its model ${decision.model} back`;
    case "hold":
      return "hold";
  }
}

function amountInWords(change: Change): string {
  const { instances, copies } = amountOf(change);
  const amount = instances ?? copies ?? 0;
  return `${amount} ${instances === undefined ? (amount === 1 ? "copy" : "copies") : amount === 1 ? "instance" : "instances"}`;
}
