import { z } from "zod";
import { parseInput } from "../parseInput.ts";
import { AwsError, type Operation, type World } from "../world.ts";
import { type Alarm, type AlarmState, alarmTypes, type CompositeAlarm, type MetricAlarm, type Suppressor } from "./alarm.ts";
import type { Alarms } from "./alarms.ts";
import { parseRule } from "./compositeRule.ts";
import { missingTreatments, operators } from "./judge.ts";
import {
  compileQueries,
  dimensionsSchema,
  type MetricDataQuery,
  nameSchema,
  periodSchema,
  querySchema,
  timeSchema,
  unitSchema,
} from "./queries.ts";

const dayMs = 24 * 3_600_000;
const alarmName = z.string().min(1).max(255);
const stateValue = z.enum(["OK", "ALARM", "INSUFFICIENT_DATA"]);
const types = z.array(z.enum(["MetricAlarm", "CompositeAlarm"])).default(["MetricAlarm"]);
const action = z.string().regex(/^arn:[\w-]+:(lambda:[\w-]+:\d{12}:function:[\w-]+(:[\w$-]+)?|sns:[\w-]+:\d{12}:[\w-]+)$/, {
  error: ({ input }) => `${String(input)} is no Lambda function and no topic, and the embedded AWS performs no other action`,
});
const actions = z.array(action).max(5).default([]);

const common = {
  AlarmName: alarmName,
  AlarmDescription: z.string().max(1_024).optional(),
  ActionsEnabled: z.boolean().default(true),
  OKActions: actions,
  AlarmActions: actions,
  InsufficientDataActions: actions,
};
const metricAlarmSchema = z.strictObject({
  ...common,
  MetricName: nameSchema.optional(),
  Namespace: nameSchema.optional(),
  Statistic: z.enum(["SampleCount", "Average", "Sum", "Minimum", "Maximum"]).optional(),
  ExtendedStatistic: z.string().optional(),
  Dimensions: dimensionsSchema.optional(),
  Period: periodSchema.optional(),
  Unit: unitSchema.optional(),
  Metrics: z.array(querySchema).min(1).max(20).optional(),
  EvaluationPeriods: z.number().int().min(1),
  DatapointsToAlarm: z.number().int().min(1).optional(),
  Threshold: z.number(),
  ComparisonOperator: z.enum(operators),
  TreatMissingData: z.enum(missingTreatments).default("missing"),
  EvaluateLowSampleCountPercentile: z
    .literal("evaluate", "the embedded AWS evaluates a percentile of however few values")
    .optional(),
});
type MetricAlarmInput = z.output<typeof metricAlarmSchema>;

const compositeAlarmSchema = z.strictObject({
  ...common,
  AlarmRule: z.string().min(1).max(10_240),
  ActionsSuppressor: z.string().min(1).max(1_600).optional(),
  ActionsSuppressorWaitPeriod: z.number().int().min(0).optional(),
  ActionsSuppressorExtensionPeriod: z.number().int().min(0).optional(),
});
type CompositeAlarmInput = z.output<typeof compositeAlarmSchema>;

const describeSchema = z.strictObject({
  AlarmNames: z.array(z.string()).max(100).optional(),
  AlarmNamePrefix: z.string().optional(),
  AlarmTypes: types,
  StateValue: stateValue.optional(),
  MaxRecords: z.number().int().min(1).max(100).default(50),
  NextToken: z.string().regex(/^\d+$/).optional(),
});
const deleteSchema = z.strictObject({ AlarmNames: z.array(alarmName).max(100) });
const setStateSchema = z.strictObject({
  AlarmName: alarmName,
  StateValue: stateValue,
  StateReason: z.string().max(1_023),
  StateReasonData: z.string().max(4_000).optional(),
});
const historySchema = z.strictObject({
  AlarmName: alarmName.optional(),
  AlarmTypes: types,
  HistoryItemType: z.enum(["ConfigurationUpdate", "StateUpdate", "Action"]).optional(),
  StartDate: timeSchema.optional(),
  EndDate: timeSchema.optional(),
  ScanBy: z.enum(["TimestampDescending", "TimestampAscending"]).default("TimestampDescending"),
  MaxRecords: z.number().int().min(1).max(100).default(100),
  NextToken: z.string().regex(/^\d+$/).optional(),
});

export function alarmOperations(world: World, alarms: Alarms): Record<string, Operation> {
  const arnPrefix = `arn:aws:cloudwatch:${world.region}:${world.accountId}:alarm:`;

  return {
    PutMetricAlarm(input) {
      const given = parse(metricAlarmSchema, input);
      if (alarms.get(given.AlarmName)?.kind === "composite") throw invalid(`${given.AlarmName} is a composite alarm.`);
      alarms.put(metricAlarmOf(given));
      return {};
    },

    PutCompositeAlarm(input) {
      const given = parse(compositeAlarmSchema, input);
      const { AlarmName, AlarmRule } = given;
      if (alarms.get(AlarmName)?.kind === "metric") throw invalid(`${AlarmName} is a metric alarm.`);
      const rule = parseRule(AlarmRule, arnPrefix);
      const path = pathBackTo(AlarmName, rule.children);
      if (path)
        throw invalid(`AlarmRule: ${[AlarmName, ...path].join(" → ")} is a circle; a composite alarm cannot depend on itself.`);
      const missing = rule.children.filter((name) => !alarms.get(name));
      if (missing.length > 0)
        throw invalid(`Could not save the composite alarm as alarms [${missing.join(", ")}] in the alarm rule do not exist.`);
      alarms.put({ ...commonOf(given), kind: "composite", ruleText: AlarmRule, rule, suppressor: suppressorOf(given) });
      return {};
    },

    DescribeAlarms(input) {
      const { AlarmNames, AlarmNamePrefix, AlarmTypes, StateValue, MaxRecords, NextToken } = parse(describeSchema, input);
      if (AlarmNames && AlarmNamePrefix !== undefined) throw invalid("AlarmNames and AlarmNamePrefix are mutually exclusive.");
      const found = alarms
        .list()
        .filter(({ kind }) => AlarmTypes.includes(alarmTypes[kind]))
        .filter(({ name }) => AlarmNames?.includes(name) ?? name.startsWith(AlarmNamePrefix ?? ""))
        .filter(({ state }) => (StateValue ?? state.value) === state.value);
      const { page, NextToken: next } = paged(found, MaxRecords, NextToken);
      return {
        MetricAlarms: page.filter(({ kind }) => kind === "metric").map(describe),
        CompositeAlarms: page.filter(({ kind }) => kind === "composite").map(describe),
        ...next,
      };
    },

    DeleteAlarms(input) {
      const { AlarmNames } = parse(deleteSchema, input);
      for (const name of AlarmNames) {
        if (!alarms.get(name)) throw notFound(name);
        const parent = alarms
          .list()
          .find((alarm) => alarm.kind === "composite" && alarm.rule.children.includes(name) && !AlarmNames.includes(alarm.name));
        if (parent) throw invalid(`Cannot delete ${name} as there are composite alarm(s) depending on it: ${parent.name}.`);
      }
      for (const name of AlarmNames) alarms.delete(name);
      return {};
    },

    async SetAlarmState(input) {
      const { AlarmName, StateValue: value, StateReason: reason, StateReasonData } = parse(setStateSchema, input);
      if (!alarms.get(AlarmName)) throw notFound(AlarmName);
      if (StateReasonData !== undefined && !isJson(StateReasonData)) throw invalid("StateReasonData must be JSON.");
      await alarms.setState(AlarmName, { value, reason, reasonData: StateReasonData ?? null });
      return {};
    },

    DescribeAlarmHistory(input) {
      const { AlarmName, AlarmTypes, HistoryItemType, StartDate, EndDate, ScanBy, MaxRecords, NextToken } = parse(
        historySchema,
        input,
      );
      const found = alarms.history
        .filter(({ kind, alarm }) => AlarmTypes.includes(alarmTypes[kind]) && (AlarmName ?? alarm) === alarm)
        .filter(({ type }) => (HistoryItemType ?? type) === type)
        .filter(({ atMs }) => atMs >= (StartDate ?? atMs) && atMs <= (EndDate ?? atMs));
      const { page, NextToken: next } = paged(ScanBy === "TimestampDescending" ? found.reverse() : found, MaxRecords, NextToken);
      return {
        AlarmHistoryItems: page.map(({ alarm, kind, type, summary, data, atMs }) => ({
          AlarmName: alarm,
          AlarmType: alarmTypes[kind],
          Timestamp: atMs / 1_000,
          HistoryItemType: type,
          HistorySummary: summary,
          HistoryData: data,
        })),
        ...next,
      };
    },
  };

  function suppressorOf({
    ActionsSuppressor,
    ActionsSuppressorWaitPeriod,
    ActionsSuppressorExtensionPeriod,
  }: CompositeAlarmInput): Suppressor | null {
    if (ActionsSuppressor === undefined) {
      if (ActionsSuppressorWaitPeriod !== undefined || ActionsSuppressorExtensionPeriod !== undefined)
        throw invalid("ActionsSuppressorWaitPeriod and ActionsSuppressorExtensionPeriod need an ActionsSuppressor.");
      return null;
    }
    if (ActionsSuppressorWaitPeriod === undefined || ActionsSuppressorExtensionPeriod === undefined)
      throw invalid("An ActionsSuppressor needs ActionsSuppressorWaitPeriod and ActionsSuppressorExtensionPeriod.");
    const alarm = ActionsSuppressor.startsWith(arnPrefix) ? ActionsSuppressor.slice(arnPrefix.length) : ActionsSuppressor;
    if (!alarms.get(alarm)) throw invalid(`The actions suppressor ${alarm} does not exist.`);
    return { alarm, waitMs: ActionsSuppressorWaitPeriod * 1_000, extensionMs: ActionsSuppressorExtensionPeriod * 1_000 };
  }

  function metricAlarmOf(given: MetricAlarmInput): MetricAlarm {
    const { EvaluationPeriods, DatapointsToAlarm = EvaluationPeriods } = given;
    if (DatapointsToAlarm > EvaluationPeriods)
      throw invalid(`DatapointsToAlarm (${DatapointsToAlarm}) must not be over EvaluationPeriods (${EvaluationPeriods}).`);
    const alsoSingle = (
      ["MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Dimensions", "Period", "Unit"] as const
    ).filter((name) => given[name] !== undefined);
    if (given.Metrics && alsoSingle.length > 0) throw invalid(`Metrics and ${alsoSingle.join(", ")} are mutually exclusive.`);
    const queries = given.Metrics ?? [singleMetric(given)];
    const compiled = compileQueries(queries);
    const returned = compiled.filter(({ returnData }) => returnData);
    const [watched] = returned;
    if (!watched || returned.length > 1)
      throw invalid(
        `Exactly one element of Metrics must return data, not ${returned.length}: set ReturnData of the others to false.`,
      );
    const differing = compiled.find(({ periodMs }) => periodMs !== watched.periodMs);
    if (differing) throw invalid(`Metrics: ${differing.id} has another period than ${watched.id}; all must have the same.`);
    if (watched.periodMs * EvaluationPeriods > dayMs)
      throw invalid("EvaluationPeriods times Period is over one day, which the embedded AWS does not evaluate.");
    const metric = queries.find(({ Id }) => Id === watched.id)!.MetricStat;
    const counted = metric && { Id: watched.id, MetricStat: { ...metric, Stat: "SampleCount" }, ReturnData: true };
    return {
      ...commonOf(given),
      kind: "metric",
      rule: {
        operator: given.ComparisonOperator,
        threshold: given.Threshold,
        evaluationPeriods: EvaluationPeriods,
        datapointsToAlarm: DatapointsToAlarm,
        treatMissingData: given.TreatMissingData,
      },
      watched,
      sampleCount: counted ? compileQueries([counted])[0]! : null,
      statistic: metric?.Stat ?? null,
      queries,
      configuration: { ...given, DatapointsToAlarm },
    };
  }

  function singleMetric({
    MetricName,
    Namespace,
    Statistic,
    ExtendedStatistic,
    Dimensions = [],
    Period,
    Unit,
  }: MetricAlarmInput): MetricDataQuery {
    const Stat = Statistic ?? ExtendedStatistic;
    if (MetricName === undefined || Namespace === undefined || Period === undefined || Stat === undefined)
      throw invalid("An alarm needs either Metrics or MetricName, Namespace, Period and one of Statistic and ExtendedStatistic.");
    if (Statistic && ExtendedStatistic) throw invalid("Statistic and ExtendedStatistic are mutually exclusive.");
    const Metric = { Namespace, MetricName, Dimensions };
    // In events AWS gives the one metric of an alarm a UUID as its id.
    return { Id: world.uuid("alarm-metric"), MetricStat: { Metric, Period, Stat, Unit }, ReturnData: true };
  }

  function commonOf(given: z.output<z.ZodObject<typeof common>>) {
    const { AlarmName, AlarmDescription, ActionsEnabled, OKActions, AlarmActions, InsufficientDataActions } = given;
    const actionsOf: Record<AlarmState, string[]> = {
      OK: OKActions,
      ALARM: AlarmActions,
      INSUFFICIENT_DATA: InsufficientDataActions,
    };
    return {
      name: AlarmName,
      arn: `${arnPrefix}${AlarmName}`,
      description: AlarmDescription ?? null,
      actionsEnabled: ActionsEnabled,
      actions: actionsOf,
      configuredAtMs: Date.now(),
      state: {
        value: "INSUFFICIENT_DATA" as AlarmState,
        reason: "Unchecked: Initial alarm creation",
        reasonData: null,
        atMs: Date.now(),
      },
    };
  }

  function pathBackTo(name: string, children: readonly string[]): string[] | null {
    for (const child of children) {
      if (child === name) return [name];
      const alarm = alarms.get(child);
      const path = alarm?.kind === "composite" ? pathBackTo(name, alarm.rule.children) : null;
      if (path) return [child, ...path];
    }
    return null;
  }
}

function describe(alarm: Alarm): Record<string, unknown> {
  const { name, arn, description, actionsEnabled, actions: of, configuredAtMs, state } = alarm;
  return {
    ...(alarm.kind === "metric" ? alarm.configuration : { AlarmRule: alarm.ruleText, ...describedSuppressor(alarm) }),
    AlarmName: name,
    AlarmArn: arn,
    ...(description === null ? {} : { AlarmDescription: description }),
    ActionsEnabled: actionsEnabled,
    OKActions: of.OK,
    AlarmActions: of.ALARM,
    InsufficientDataActions: of.INSUFFICIENT_DATA,
    AlarmConfigurationUpdatedTimestamp: configuredAtMs / 1_000,
    StateValue: state.value,
    StateReason: state.reason,
    ...(state.reasonData === null ? {} : { StateReasonData: state.reasonData }),
    StateUpdatedTimestamp: state.atMs / 1_000,
    StateTransitionedTimestamp: state.atMs / 1_000,
  };
}

function describedSuppressor({ suppressor }: CompositeAlarm): Record<string, unknown> {
  return suppressor === null
    ? {}
    : {
        ActionsSuppressor: suppressor.alarm,
        ActionsSuppressorWaitPeriod: suppressor.waitMs / 1_000,
        ActionsSuppressorExtensionPeriod: suppressor.extensionMs / 1_000,
      };
}

function paged<T>(all: readonly T[], size: number, token: string | undefined): { page: T[]; NextToken: { NextToken?: string } } {
  const from = Number(token ?? 0);
  return { page: all.slice(from, from + size), NextToken: from + size < all.length ? { NextToken: String(from + size) } : {} };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const invalid = (message: string) => new AwsError("ValidationError", message);
const notFound = (name: string) => new AwsError("ResourceNotFound", `There is no alarm ${name}.`, 404);
const parse = <T>(schema: z.ZodType<T>, input: Record<string, unknown>): T => parseInput(schema, input, "ValidationError");
