import { z } from "zod";
import { defineResource, flag, integer, tags } from "../resource.ts";

const schema = z.strictObject({
  FunctionName: z.string(),
  EventSourceArn: z.string(),
  BatchSize: integer.default(10),
  MaximumBatchingWindowInSeconds: integer.default(0),
  Enabled: flag.default(true),
  FunctionResponseTypes: z.array(z.literal("ReportBatchItemFailures")).default([]),
  ScalingConfig: z.strictObject({ MaximumConcurrency: integer }).optional(),
  Tags: tags,
});

export const eventSourceMapping = defineResource({
  type: "AWS::Lambda::EventSourceMapping",
  schema,
  replacedBy: ["EventSourceArn"],
  async create({ Tags: _, ...properties }, { call, world: { region, accountId } }) {
    const { UUID } = await call("lambda", "CreateEventSourceMapping", properties);
    const id = String(UUID);
    return {
      physicalId: id,
      attributes: { Id: id, EventSourceMappingArn: `arn:aws:lambda:${region}:${accountId}:event-source-mapping:${id}` },
    };
  },
  async configure({ Tags: _, EventSourceArn: __, ...properties }, { physicalId: UUID }, { call }, before) {
    if (before) await call("lambda", "UpdateEventSourceMapping", { UUID, ...properties });
  },
  remove: async (_, { physicalId: UUID }, { call }) => void (await call("lambda", "DeleteEventSourceMapping", { UUID })),
});
