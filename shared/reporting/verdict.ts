import { isShareSignal } from "../monitoring/signals/registry.ts";
import type { Counts } from "../monitoring/summary.ts";
import type { ActionOutcome, ReportedAction, ReportedFinding, Spend } from "./outcome.ts";

export type Verdict = {
  counts: Counts;
  findings: readonly ReportedFinding[];
  actions: readonly ReportedAction[];
  /** `null`: no day with a budget was counted. */
  spend: Spend | null;
  /** How quality stands, in a clause; `null`: not known. */
  standing: string | null;
};

/** What a reader wants to know first, in one sentence: what was found, what was done, whether it helped, and what it cost. */
export function verdict({ counts, findings, actions, spend, standing }: Verdict): string {
  const found = findings.length === 0 ? "nothing was found" : findings.map(findingText).join(", and ");
  const read = `${counts.captured - counts.quarantined} of ${counts.captured} captured records could be read`;
  const cost = spend && `judging cost ${dollars(spend.evaluationMicroUsd)} of a budget of ${dollars(spend.budgetMicroUsd)}`;
  return `${sentence([found, standing, actionsText(actions), read, cost].filter((clause) => clause !== null).join("; "))}.`;
}

/** A hold is told where nothing else was done: beside an action it says only that one is enough. */
function actionsText(actions: readonly ReportedAction[]): string {
  const moving = actions.filter(({ kind }) => kind !== "hold");
  if (moving.length > 0) return moving.map(actionText).join(", and ");
  return actions.length === 0 ? "nothing was done" : "nothing was done, and the page says why";
}

function findingText(finding: ReportedFinding): string {
  const { at, judged, cause } = finding;
  const after = judged === 0 ? "" : ` after ${judged} judged ${cause === "judge" ? "anchors" : "answers"}`;
  return `${whatMoved(finding)} (found at ${at.slice(11, 16)}${after})`;
}

function whatMoved({ cause, variant, size, signal }: ReportedFinding): string {
  const whose = variant ?? "all variants";
  const moved = size === null ? "changed" : `${size < 0 ? "fell" : "rose"} by ${Math.abs(size).toFixed(2)}`;
  switch (cause) {
    case "model":
      return size === null ? `${whose} gave bad answers` : whatOf(signal, whose, moved);
    case "model_everywhere":
      return whatOf(signal, "every variant", moved);
    case "traffic":
      return "the questions changed, not the answers";
    case "judge":
      return signal !== null && isShareSignal(signal)
        ? `the judge grades another share of what it is asked: ${signal} changed`
        : `the judge moved, not the model: its grades of known answers ${moved}`;
    case "capacity":
      return size === null
        ? `${whose} was too slow or failed`
        : `${whatOf(signal, whose, moved)} while it was too slow or failed`;
    case "capture":
      return `too little of ${whose} was captured to tell`;
    case "baseline":
      return "the baseline is to be revised";
    case "undecided":
      return `the grades of ${whose} ${moved}, and judge and model cannot be told apart`;
  }
}

/** Of grades quality rose or fell; what all answers show has no good direction as a rule, and its size is a share's. */
function whatOf(signal: string | null, whose: string, moved: string): string {
  return signal !== null && isShareSignal(signal)
    ? `the answers of ${whose} changed (${signal})`
    : `the quality of ${whose} ${moved}`;
}

function actionText({ kind, variant, to, outcome }: ReportedAction): string {
  switch (kind) {
    case "shift_traffic":
      return `shifting traffic from ${variant ?? "the worst"} to ${to ?? "the others"} ${became(outcome)}`;
    case "scale_out":
      return `adding an instance to ${variant ?? "every variant"} ${became(outcome)}`;
    case "scale_back":
      return `taking instances back from ${variant ?? "every variant"} ${became(outcome)}`;
    case "swap_model":
      return `going back to the model before ${became(outcome)}`;
    case "copies":
      return `giving ${variant ?? "every variant"} another copy of its model ${became(outcome)}`;
    case "component_model":
      return `giving ${variant ?? "every variant"} its model back ${became(outcome)}`;
    case "hold":
      return "doing nothing";
  }
}

function became(outcome: ActionOutcome): string {
  switch (outcome) {
    case "proposed":
      return "is proposed to a person";
    case "rejected":
      return "was rejected by a person";
    case "acted":
      return "is done, and not verified yet";
    case "kept":
      return "helped, as fresh evidence shows";
    case "undone":
      return "did not help and was undone";
    case "held":
      return "is done, nobody knows yet whether it helped, and a person was called";
    case "failed":
      return "failed";
  }
}

/** To the cent, or finer where a cent is too coarse. */
export function dollars(microUsd: number): string {
  return `$${(microUsd / 1_000_000).toFixed(microUsd > 0 && microUsd < 100_000 ? 4 : 2)}`;
}

const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
