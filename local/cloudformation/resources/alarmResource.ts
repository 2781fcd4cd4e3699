import type { z } from "zod";
import { defineResource, type ResourceType } from "../resource.ts";

/** A kind of alarm: CloudFormation's property names are those of the operation that puts it, and tags are nobody's here. */
export function alarmResource<P extends { AlarmName?: string | undefined; Tags?: unknown }>(
  type: string,
  putOperation: "PutMetricAlarm" | "PutCompositeAlarm",
  schema: z.ZodType<P>,
): ResourceType {
  return defineResource<P>({
    type,
    schema,
    replacedBy: ["AlarmName"],
    async create({ AlarmName }, { generateName, world: { region, accountId } }) {
      const name = AlarmName ?? generateName(255);
      return { physicalId: name, attributes: { Arn: `arn:aws:cloudwatch:${region}:${accountId}:alarm:${name}` } };
    },
    configure: async ({ Tags: _, ...properties }, { physicalId: AlarmName }, { call }) =>
      void (await call("monitoring", putOperation, { ...properties, AlarmName })),
    remove: async (_, { physicalId }, { call }) => void (await call("monitoring", "DeleteAlarms", { AlarmNames: [physicalId] })),
  });
}
