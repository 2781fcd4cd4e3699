import type { CompositeRule } from "./compositeRule.ts";
import type { ThresholdRule } from "./judge.ts";
import type { MetricDataQuery, Query } from "./queries.ts";

export type AlarmState = "OK" | "ALARM" | "INSUFFICIENT_DATA";
export type StateRecord = {
  value: AlarmState;
  reason: string;
  /** JSON as AWS writes it; `null` where a state was set by hand or never evaluated. */
  reasonData: string | null;
  atMs: number;
};

type Common = {
  name: string;
  arn: string;
  description: string | null;
  actionsEnabled: boolean;
  /** ARNs of what a change to a state invokes. */
  actions: Readonly<Record<AlarmState, readonly string[]>>;
  configuredAtMs: number;
  state: StateRecord;
};

export type MetricAlarm = Common & {
  kind: "metric";
  rule: ThresholdRule;
  watched: Query;
  /** How many values made a point, where one metric is watched and not an expression. */
  sampleCount: Query | null;
  /** Of one metric; `null` for an expression. */
  statistic: string | null;
  queries: readonly MetricDataQuery[];
  /** Members of DescribeAlarms as they were put. */
  configuration: Readonly<Record<string, unknown>>;
};

/** While this alarm is on, a composite performs no actions; they wait for it to come on, and for a while after it is off. */
export type Suppressor = { alarm: string; waitMs: number; extensionMs: number };

export type CompositeAlarm = Common & { kind: "composite"; ruleText: string; rule: CompositeRule; suppressor: Suppressor | null };
export type Alarm = MetricAlarm | CompositeAlarm;

/** How the API names the two kinds. */
export const alarmTypes = { metric: "MetricAlarm", composite: "CompositeAlarm" } as const;
