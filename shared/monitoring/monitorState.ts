import type { AlarmRule } from "../statistics/alarmRule.ts";
import type { JudgeShift } from "../statistics/anchors.ts";
import type { Evidence } from "../statistics/gradeEvidence.ts";
import type { FoldedExample } from "./examples.ts";
import type { MonitorFinding } from "./finding.ts";
import type { ModelSeen } from "./models.ts";
import type { QualitySums } from "./qualitySums.ts";
import type { SegmentEvidence } from "./segmentEvidence.ts";
import type { LateJudgedRow, WindowRecord } from "./windowRecord.ts";

/** Of what is stored of a monitor: grows when it gets another shape. */
export const monitorFormat = 2;

/** All that the monitor of one endpoint remembers. Plain JSON, and as large after a year as after a day. */
export type MonitorState = {
  endpoint: string;
  /** Grows by one with every change: write it where the stored one is smaller by one. */
  version: number;
  baselineVersion: string;
  /** Start of the last window that was folded, ISO. */
  lastWindow: string | null;
  /** By `ruleId`. */
  rules: Record<string, RuleState>;
  /** Alarms that wait for the anchors to be judged again. */
  waiting: Alarm[];
  /** Findings that are open. A closed one leaves with the call that closed it. */
  findings: OpenFinding[];
  /** Findings that the monitor closed itself, until remediation was told that there is nothing left to do. */
  ended: MonitorFinding[];
  anchors: AnchorMemory;
  /** For which reason people were asked to revise the baseline; `null`: for none. */
  revision: RevisionKind | null;
  /** Variant → whether it serves the baseline's model, where it ever served another. */
  models: Record<string, ModelSeen>;
};

/** What about a baseline makes that it should be revised. */
export type RevisionKind = "judge" | "scorers" | "model" | "age" | "traffic";

export type RuleState =
  | {
      kind: "judged";
      rule: AlarmRule;
      /** For each fold that is some bet's onset: the grades since, per bin of the baseline's segments. */
      since: { fold: number; bins: QualitySums[] }[];
      /** The newest windows, back to 30 judged and at most 24 hours. */
      recent: { fold: number; sums: QualitySums }[];
      /** The lowest grades since the change that has most evidence, at most five. */
      worst: FoldedExample[];
      segments: SegmentEvidence;
      /** With daily folds the day that is not over yet: its evidence and its grades, by the day that they are of. */
      openDay: { fold: number; evidence: Evidence; bins: { fold: number; bins: QualitySums[] }[] } | null;
    }
  | { kind: "judge"; rule: AlarmRule }
  | {
      kind: "shares";
      rule: AlarmRule;
      /** For each fold that is some bet's onset, what occurred since, per bin. */
      since: { fold: number; counts: number[] }[];
      /** Of the judged answers, whose texts are known, the lowest scores since the change that has most evidence. */
      worst: FoldedExample[];
    };

/** A rule that has just reached its threshold. */
export type Alarm = {
  rule: string;
  /** The window that was folded when it did, or the reading of the anchors; ISO. */
  at: string;
  evidence: number;
  /** The judge's shift that grades were read by until then; `null`: none was known. */
  scale: JudgeShift | null;
};

/**
 * A finding, and, while its cause is undecided or may turn out to be another than capacity, the alarm whose cause it is, the last reading
 * that was asked, and how many judged answers there were then: it is worth asking again when there are twice as many.
 */
export type OpenFinding = {
  finding: MonitorFinding;
  undecided: { alarm: Alarm; readAt: string | null; judged: number } | null;
};

export type AnchorMemory = {
  /** The last readings: criterion → anchor → new minus stored grade. Three, so that two more can be pooled with the first. */
  readings: { time: string; differences: Record<string, Record<string, number>> }[];
  /** Spread of a reading where the baseline has none. */
  spread: Record<string, number>;
  /** Shifts of the judge that were found: the baseline's grades are read as if given today. */
  shifts: Record<string, JudgeShift>;
};

/** What one fold adds: the window of every variant that has one, and grades of windows that were folded before. */
export type WindowFold = {
  window: string;
  records: readonly WindowRecord[];
  late: readonly LateJudgedRow[];
  /** Variants that are not compared, since they serve another model than the baseline's; absent: all are. */
  apart?: readonly string[];
};

/** What is known of one signal after a window. One line of `assay monitor`, one set of metrics. */
export type SignalLine = {
  window: string;
  endpoint: string;
  /** `null` where the signal is the endpoint's. */
  variant: string | null;
  signal: string;
  /** Answers and judged answers (of the judge: anchors) that the estimate rests on. */
  n: number;
  judged: number;
  /** Mean grade with its 95 % interval; of the judge its mean shift, of a rate its share. `null`: not enough data, or there is no such figure. */
  estimate: number | null;
  lower: number | null;
  upper: number | null;
  /** 0 = none, 1 = alarm. */
  evidence: number;
  state: "quiet" | "alarm" | "needs_data";
  /** With `needs_data`: how many more, and of what. */
  needs?: Needs;
};

/** What is known of all signals of an endpoint, as it stands in the results bucket: the newest only. `window`: the last that was folded. */
export type KnownSignals = { endpoint: string; asOf: string; window: string | null; signals: SignalLine[] };

/** What a signal needs before it can be compared. */
export type Needs = {
  n: number;
  of:
    | "judged answers"
    | "judged answers in the baseline"
    | "windows in the baseline"
    | "baselines with its model"
    | "anchors"
    | "answers";
};
