import { z } from "zod";
import { compilePattern, type EventPattern, InvalidEventPattern } from "./eventPattern.ts";
import { parseInput } from "./parseInput.ts";
import { AwsError, type Operation, type Part, type World } from "./world.ts";

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
};

const ruleName = z.string().regex(/^[.\-_A-Za-z0-9]{1,64}$/);
const bus = z.literal("default").optional();
const target = z.strictObject({
  Id: z.string(),
  Arn: z.string(),
  Input: z.string().optional(),
  InputPath: z.string().optional(),
  InputTransformer: z
    .strictObject({ InputPathsMap: z.record(z.string(), z.string()).default({}), InputTemplate: z.string() })
    .optional(),
  SqsParameters: z.strictObject({ MessageGroupId: z.string() }).optional(),
  DeadLetterConfig: z.strictObject({ Arn: z.string() }).optional(),
  // A target here answers at once or refuses for good: there is nothing to try again.
  RetryPolicy: z.unknown().optional(),
});
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

type Target = z.output<typeof target>;
type Rule = z.output<typeof putRule> & { EventPattern: string; matches: EventPattern; targets: Map<string, Target> };

/** EventBridge's default bus: rules with event patterns, to queues. */
export function createEvents(world: World): Events {
  const rules = new Map<string, Rule>();
  const failedDeliveries: FailedDelivery[] = [];
  const arnOf = (name: string) => `arn:aws:events:${world.region}:${world.accountId}:rule/${name}`;
  const found = (name: string): Rule => {
    const rule = rules.get(name);
    if (!rule) throw new AwsError("ResourceNotFoundException", `Rule ${name} does not exist on EventBus default.`);
    return rule;
  };
  const described = ({ Name, EventPattern, State, Description }: Rule) => ({
    Name,
    Arn: arnOf(Name),
    EventPattern,
    State,
    EventBusName: "default",
    ...(Description === undefined ? {} : { Description }),
  });

  const operations: Record<string, Operation> = {
    PutRule(input) {
      const { ScheduleExpression, EventPattern, ...rest } = parse(putRule, input);
      if (ScheduleExpression !== undefined)
        throw new AwsError(
          "ValidationException",
          `ScheduleExpression of rule ${rest.Name} is not honoured: the embedded AWS runs event patterns only.`,
        );
      if (EventPattern === undefined)
        throw new AwsError("ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified.");
      const matches = compile(EventPattern);
      rules.set(rest.Name, { ...rest, EventPattern, matches, targets: rules.get(rest.Name)?.targets ?? new Map() });
      return { RuleArn: arnOf(rest.Name) };
    },
    DescribeRule: (input) => described(found(parse(named, input).Name)),
    ListRules: (input) => {
      const { NamePrefix } = parse(listRules, input);
      return { Rules: [...rules.values()].filter(({ Name }) => Name.startsWith(NamePrefix)).map(described) };
    },
    DeleteRule(input) {
      const { Name } = parse(named, input);
      if (rules.get(Name)?.targets.size) throw new AwsError("ValidationException", "Rule can't be deleted since it has targets.");
      rules.delete(Name);
      return {};
    },
    PutTargets(input) {
      const { Rule, Targets } = parse(putTargets, input);
      const { targets } = found(Rule);
      for (const { Id, Arn, Input, InputPath, InputTransformer } of Targets) {
        if (!Arn.startsWith("arn:aws:sqs:"))
          throw new AwsError(
            "ValidationException",
            `Target ${Id} of rule ${Rule}: ${Arn} is no queue, and the embedded AWS delivers to queues only.`,
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
          time: `${new Date(Time === undefined ? Date.now() : Time * 1_000).toISOString().slice(0, 19)}Z`,
          region: world.region,
          resources: Resources,
          detail,
        });
        results.push({ EventId: id });
      }
      return { FailedEntryCount: results.filter((result) => "ErrorCode" in result).length, Entries: results };
    },
  };

  const send = (ruleArn: string, queueArn: string, body: string, groupId: string | undefined) =>
    world.call(
      "sqs",
      "SendMessage",
      {
        QueueUrl: `${world.endpoint}/${queueArn.split(":").slice(4).join("/")}`,
        MessageBody: body,
        ...(groupId === undefined ? {} : { MessageGroupId: groupId }),
      },
      { kind: "service", service: "events.amazonaws.com", sourceArn: ruleArn },
    );

  async function deliver(event: Record<string, unknown>): Promise<void> {
    for (const rule of [...rules.values()].sort((a, b) => (a.Name < b.Name ? -1 : 1))) {
      if (rule.State === "DISABLED" || !rule.matches(event)) continue;
      for (const to of rule.targets.values()) await deliverTo(arnOf(rule.Name), to, event);
    }
  }

  async function deliverTo(ruleArn: string, to: Target, event: Record<string, unknown>): Promise<void> {
    const attempt = (queueArn: string) =>
      send(ruleArn, queueArn, bodyFor(to, event), to.SqsParameters?.MessageGroupId).then(() => null, asAwsError);
    const refused = await attempt(to.Arn);
    if (!refused) return;
    const deadLettered = to.DeadLetterConfig !== undefined && (await attempt(to.DeadLetterConfig.Arn)) === null;
    const { code, message } = refused;
    failedDeliveries.push({ ruleArn, targetArn: to.Arn, eventId: String(event.id), code, message, deadLettered });
  }

  return { scope: "events", operations, deliver, failedDeliveries };
}

/** What a target gets: the event, its constant, a part of it, or its template with `<name>` filled in. */
function bodyFor({ Input, InputPath, InputTransformer }: Target, event: Record<string, unknown>): string {
  if (Input !== undefined) return Input;
  if (InputPath !== undefined) return JSON.stringify(at(event, InputPath) ?? null);
  if (!InputTransformer) return JSON.stringify(event);
  const { InputPathsMap, InputTemplate } = InputTransformer;
  // Inside quotes a text goes in bare, outside as JSON. What the map does not name stays as it is.
  return InputTemplate.replace(
    /("[^"]*")|<([A-Za-z0-9_.-]+)>/g,
    (whole, quoted: string | undefined, name: string | undefined) => {
      const valueAt = (key: string) => (key in InputPathsMap ? at(event, InputPathsMap[key]!) : undefined);
      if (name !== undefined) return name in InputPathsMap ? JSON.stringify(valueAt(name) ?? null) : whole;
      return quoted!.replace(/<([A-Za-z0-9_.-]+)>/g, (placeholder, key: string) => {
        if (!(key in InputPathsMap)) return placeholder;
        const value = valueAt(key) ?? "";
        return typeof value === "string"
          ? JSON.stringify(value).slice(1, -1)
          : JSON.stringify(JSON.stringify(value)).slice(1, -1);
      });
    },
  );
}

/** A JSON path of names only: `$`, `$.detail.object.key`. */
function at(event: Record<string, unknown>, path: string): unknown {
  if (!/^\$(\.[\w-]+)*$/.test(path))
    throw new AwsError(
      "ValidationException",
      `Path ${path} is not evaluated by the embedded AWS: names only, as in $.detail.object.key.`,
    );
  const names = path.split(".").slice(1);
  return names.reduce<unknown>(
    (value, name) => (typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined),
    event,
  );
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

function parseDetail(text: string): unknown {
  try {
    const detail: unknown = JSON.parse(text);
    return typeof detail === "object" ? detail : null;
  } catch {
    return null;
  }
}

const parse = <T>(schema: z.ZodType<T>, input: Record<string, unknown>): T => parseInput(schema, input, "ValidationException");
