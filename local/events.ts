import { z } from "zod";
import { compilePattern, type EventPattern, InvalidEventPattern } from "./eventPattern.ts";
import { bodyFor, kindOf, type Target, target } from "./eventTarget.ts";
import { parseInput } from "./parseInput.ts";
import { follow, InvalidSchedule, parseSchedule, type Schedule } from "./schedule.ts";
import { AwsError, type Operation, type Part, type Principal, type World } from "./world.ts";

/** What a rule could not deliver: refused by the target's policy, or no such target. */
type FailedDelivery = {
  ruleArn: string;
  targetArn: string;
  eventId: string;
  code: string;
  message: string;
  deadLettered: boolean;
};

export type Events = Part & {
  /**
   * Sends an event (in EventBridge's own envelope) to the targets of every rule that matches it. Never rejects: a target
   * that refuses gets nothing, as on AWS, and is listed in `failedDeliveries`.
   */
  deliver(event: Record<string, unknown>): Promise<void>;
  readonly failedDeliveries: readonly FailedDelivery[];
  /** Computes every schedule's next firing anew. To be called after the clock was put to another moment. */
  rearm(): void;
};

const ruleName = z.string().regex(/^[.\-_A-Za-z0-9]{1,64}$/);
const bus = z.literal("default").optional();
const putRule = z.strictObject({
  Name: ruleName,
  EventPattern: z.string().optional(),
  ScheduleExpression: z.string().optional(),
  State: z.enum(["ENABLED", "DISABLED"]).default("ENABLED"),
  Description: z.string().optional(),
  EventBusName: bus,
  Tags: z.unknown().optional(),
});
const named = z.strictObject({ Name: ruleName, EventBusName: bus, Force: z.boolean().optional() });
const ofRule = z.strictObject({ Rule: ruleName, EventBusName: bus });
const putTargets = ofRule.extend({ Targets: z.array(target).min(1) });
const removeTargets = ofRule.extend({ Ids: z.array(z.string()).min(1), Force: z.boolean().optional() });
const listRules = z.strictObject({ NamePrefix: z.string().default(""), EventBusName: bus, Limit: z.number().optional() });
const entry = z.strictObject({
  Source: z.string(),
  DetailType: z.string(),
  Detail: z.string(),
  Resources: z.array(z.string()).default([]),
  Time: z.number().optional(),
  EventBusName: bus,
});
const putEvents = z.strictObject({ Entries: z.array(entry).min(1).max(10) });

type Rule = z.output<typeof putRule> & {
  matches: EventPattern | null;
  schedule: Schedule | null;
  /** Stops following the schedule. */
  stop: (() => void) | null;
  targets: Map<string, Target>;
};

/** EventBridge's default bus: rules with event patterns or schedules, to queues, functions and state machines. */
export function createEvents(world: World): Events {
  const rules = new Map<string, Rule>();
  const failedDeliveries: FailedDelivery[] = [];
  const arnOf = (name: string) => `arn:aws:events:${world.region}:${world.accountId}:rule/${name}`;
  const found = (name: string): Rule => {
    const rule = rules.get(name);
    if (!rule) throw new AwsError("ResourceNotFoundException", `Rule ${name} does not exist on EventBus default.`);
    return rule;
  };
  const described = ({ Name, EventPattern, ScheduleExpression, State, Description }: Rule) => ({
    Name,
    Arn: arnOf(Name),
    ...(EventPattern === undefined ? {} : { EventPattern }),
    ...(ScheduleExpression === undefined ? {} : { ScheduleExpression }),
    State,
    EventBusName: "default",
    ...(Description === undefined ? {} : { Description }),
  });

  /** Follows the schedule of a rule from now on, if it has one and is enabled. */
  function arm(rule: Rule): void {
    disarm(rule);
    if (rule.schedule && rule.State === "ENABLED") rule.stop = follow(rule.schedule, (dueMs) => void fire(rule, dueMs));
  }
  function disarm(rule: Rule): void {
    rule.stop?.();
    rule.stop = null;
  }

  const isoSeconds = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;
  async function fire({ Name, targets }: Rule, dueMs: number): Promise<void> {
    const event = {
      version: "0",
      id: world.uuid("scheduled-event"),
      "detail-type": "Scheduled Event",
      source: "aws.events",
      account: world.accountId,
      time: isoSeconds(dueMs),
      region: world.region,
      resources: [arnOf(Name)],
      detail: {},
    };
    for (const to of targets.values()) await deliverTo(arnOf(Name), to, event);
  }
  function setState(input: Record<string, unknown>, State: Rule["State"]): Record<string, unknown> {
    const rule = found(parse(named, input).Name);
    rule.State = State;
    arm(rule);
    return {};
  }

  const operations: Record<string, Operation> = {
    PutRule(input) {
      const rule = parse(putRule, input);
      if (rule.EventPattern === undefined && rule.ScheduleExpression === undefined)
        throw new AwsError("ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified.");
      const matches = rule.EventPattern === undefined ? null : compile(rule.EventPattern);
      const schedule = rule.ScheduleExpression === undefined ? null : scheduled(rule.ScheduleExpression);
      const before = rules.get(rule.Name);
      if (before) disarm(before);
      const put: Rule = { ...rule, matches, schedule, stop: null, targets: before?.targets ?? new Map() };
      rules.set(rule.Name, put);
      arm(put);
      return { RuleArn: arnOf(rule.Name) };
    },
    EnableRule: (input) => setState(input, "ENABLED"),
    DisableRule: (input) => setState(input, "DISABLED"),
    DescribeRule: (input) => described(found(parse(named, input).Name)),
    ListRules: (input) => {
      const { NamePrefix } = parse(listRules, input);
      return { Rules: [...rules.values()].filter(({ Name }) => Name.startsWith(NamePrefix)).map(described) };
    },
    DeleteRule(input) {
      const { Name } = parse(named, input);
      const rule = rules.get(Name);
      if (rule?.targets.size) throw new AwsError("ValidationException", "Rule can't be deleted since it has targets.");
      if (rule) disarm(rule);
      rules.delete(Name);
      return {};
    },
    PutTargets(input) {
      const { Rule, Targets } = parse(putTargets, input);
      const { targets } = found(Rule);
      for (const { Id, Arn, RoleArn, Input, InputPath, InputTransformer } of Targets) {
        const kind = kindOf(Arn);
        if (!kind)
          throw new AwsError(
            "ValidationException",
            `Target ${Id} of rule ${Rule}: the embedded AWS delivers to queues, functions and state machines only, not to ${Arn}.`,
          );
        if (kind === "states" && RoleArn === undefined)
          throw new AwsError("ValidationException", `RoleArn is required for target ${Arn}.`);
        if (kind !== "states" && RoleArn !== undefined)
          throw new AwsError(
            "ValidationException",
            `RoleArn of target ${Id} is not honoured: a queue and a function let a rule in by their own policies.`,
          );
        if ([Input, InputPath, InputTransformer].filter((value) => value !== undefined).length > 1)
          throw new AwsError(
            "ValidationException",
            `Only one of Input, InputPath, or InputTransformer must be provided for target ${Id}.`,
          );
      }
      for (const put of Targets) targets.set(put.Id, put);
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
    RemoveTargets(input) {
      const { Rule, Ids } = parse(removeTargets, input);
      const { targets } = found(Rule);
      for (const id of Ids) targets.delete(id);
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
    ListTargetsByRule: (input) => ({ Targets: [...found(parse(ofRule, input).Rule).targets.values()] }),
    async PutEvents(input) {
      const { Entries } = parse(putEvents, input);
      const results = [];
      for (const { Source, DetailType, Detail, Resources, Time } of Entries) {
        if (Source.startsWith("aws.")) {
          results.push({ ErrorCode: "NotAuthorizedForSourceException", ErrorMessage: "Not authorized for the source." });
          continue;
        }
        const detail = parseDetail(Detail);
        if (!detail) {
          results.push({ ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed." });
          continue;
        }
        const id = world.uuid("event");
        await deliver({
          version: "0",
          id,
          "detail-type": DetailType,
          source: Source,
          account: world.accountId,
          time: isoSeconds(Time === undefined ? Date.now() : Time * 1_000),
          region: world.region,
          resources: Resources,
          detail,
        });
        results.push({ EventId: id });
      }
      return { FailedEntryCount: results.filter((result) => "ErrorCode" in result).length, Entries: results };
    },
  };

  async function send(ruleArn: string, { Arn, RoleArn, SqsParameters }: Target, body: string): Promise<void> {
    const service: Principal = { kind: "service", service: "events.amazonaws.com", sourceArn: ruleArn };
    switch (kindOf(Arn)) {
      case "states": {
        const role: Principal = { kind: "role", roleArn: RoleArn!, sessionName: ruleArn.split("/").at(-1)! }; // PutTargets wants it
        return void (await world.call("states", "StartExecution", { stateMachineArn: Arn, input: body }, role));
      }
      case "lambda":
        return void (await world.call(
          "lambda",
          "Invoke",
          { FunctionName: Arn, InvocationType: "Event", Payload: body },
          service,
        ));
      default:
        await world.call(
          "sqs",
          "SendMessage",
          {
            QueueUrl: `${world.endpoint}/${Arn.split(":").slice(4).join("/")}`,
            MessageBody: body,
            ...(SqsParameters === undefined ? {} : { MessageGroupId: SqsParameters.MessageGroupId }),
          },
          service,
        );
    }
  }

  async function deliver(event: Record<string, unknown>): Promise<void> {
    for (const rule of [...rules.values()].sort((a, b) => (a.Name < b.Name ? -1 : 1))) {
      if (rule.State === "DISABLED" || !rule.matches?.(event)) continue;
      for (const to of rule.targets.values()) await deliverTo(arnOf(rule.Name), to, event);
    }
  }

  async function deliverTo(ruleArn: string, to: Target, event: Record<string, unknown>): Promise<void> {
    const attempt = (target: Target) => send(ruleArn, target, bodyFor(to, event)).then(() => null, asAwsError);
    const refused = await attempt(to);
    if (!refused) return;
    const deadLetters = to.DeadLetterConfig && { ...to, Arn: to.DeadLetterConfig.Arn };
    const deadLettered = deadLetters !== undefined && (await attempt(deadLetters)) === null;
    const { code, message } = refused;
    failedDeliveries.push({ ruleArn, targetArn: to.Arn, eventId: String(event.id), code, message, deadLettered });
  }

  return { scope: "events", operations, deliver, failedDeliveries, rearm: () => rules.forEach(arm) };
}

function asAwsError(error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  throw error;
}

function compile(text: string): EventPattern {
  try {
    return compilePattern(text);
  } catch (error) {
    if (error instanceof InvalidEventPattern) throw new AwsError("InvalidEventPatternException", error.message);
    throw error;
  }
}

function scheduled(expression: string): Schedule {
  try {
    return parseSchedule(expression);
  } catch (error) {
    if (error instanceof InvalidSchedule) throw new AwsError("ValidationException", error.message);
    throw error;
  }
}

function parseDetail(text: string): unknown {
  try {
    const detail: unknown = JSON.parse(text);
    return typeof detail === "object" ? detail : null;
  } catch {
    return null;
  }
}

const parse = <T>(schema: z.ZodType<T>, input: Record<string, unknown>): T => parseInput(schema, input, "ValidationException");
