import { z } from "zod";
import { defineResource, flag, tags } from "../resource.ts";

const schema = z.strictObject({
  AlarmName: z.string().optional(),
  AlarmRule: z.string(),
  AlarmDescription: z.string().optional(),
  ActionsEnabled: flag.optional(),
  AlarmActions: z.array(z.string()).optional(),
  OKActions: z.array(z.string()).optional(),
  InsufficientDataActions: z.array(z.string()).optional(),
  Tags: tags,
});

export const compositeAlarm = defineResource({
  type: "AWS::CloudWatch::CompositeAlarm",
  schema,
  replacedBy: ["AlarmName"],
  async create({ AlarmName }, { generateName, world: { region, accountId } }) {
    const name = AlarmName ?? generateName(255);
    return { physicalId: name, attributes: { Arn: `arn:aws:cloudwatch:${region}:${accountId}:alarm:${name}` } };
  },
  configure: async ({ Tags: _, ...properties }, { physicalId: AlarmName }, { call }) =>
    void (await call("monitoring", "PutCompositeAlarm", { ...properties, AlarmName })),
  remove: async (_, { physicalId }, { call }) => void (await call("monitoring", "DeleteAlarms", { AlarmNames: [physicalId] })),
});
