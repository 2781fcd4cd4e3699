import { z } from "zod";
import { defineResource, tags } from "../resource.ts";

const target = z.looseObject({ Id: z.string(), Arn: z.string() });
const schema = z.strictObject({
  Name: z.string().optional(),
  Description: z.string().optional(),
  EventBusName: z.literal("default").optional(),
  EventPattern: z.record(z.string(), z.unknown()).optional(),
  ScheduleExpression: z.string().optional(),
  State: z.enum(["ENABLED", "DISABLED"]).optional(),
  /** Their members are the API's, and PutTargets refuses what it does not honour. */
  Targets: z.array(target).default([]),
  Tags: tags,
});

export const eventRule = defineResource({
  type: "AWS::Events::Rule",
  schema,
  replacedBy: ["Name", "EventBusName"],
  async create({ Name }, { generateName, world: { region, accountId } }) {
    const name = Name ?? generateName(64);
    return { physicalId: name, attributes: { Arn: `arn:aws:events:${region}:${accountId}:rule/${name}` } };
  },
  async configure({ EventPattern, Targets, Tags: _, ...rest }, { physicalId: Name }, { call }, before) {
    await call("events", "PutRule", { ...rest, Name, ...(EventPattern ? { EventPattern: JSON.stringify(EventPattern) } : {}) });
    const dropped = (before?.Targets ?? []).map(({ Id }) => Id).filter((id) => !Targets.some(({ Id }) => Id === id));
    if (dropped.length > 0) await call("events", "RemoveTargets", { Rule: Name, Ids: dropped });
    if (Targets.length > 0) await call("events", "PutTargets", { Rule: Name, Targets });
  },
  async remove({ Targets }, { physicalId: Name }, { call }) {
    if (Targets.length > 0) await call("events", "RemoveTargets", { Rule: Name, Ids: Targets.map(({ Id }) => Id) });
    await call("events", "DeleteRule", { Name });
  },
});
