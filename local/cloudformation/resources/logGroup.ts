import { z } from "zod";
import { defineResource, integer, tags } from "../resource.ts";

const schema = z.strictObject({
  LogGroupName: z.string().optional(),
  RetentionInDays: integer.optional(),
  LogGroupClass: z.literal("STANDARD").optional(),
  Tags: tags,
});

export const logGroup = defineResource({
  type: "AWS::Logs::LogGroup",
  schema,
  replacedBy: ["LogGroupName"],
  async create({ LogGroupName }, { call, generateName, world: { region, accountId } }) {
    const logGroupName = LogGroupName ?? generateName(512);
    await call("logs", "CreateLogGroup", { logGroupName });
    return { physicalId: logGroupName, attributes: { Arn: `arn:aws:logs:${region}:${accountId}:log-group:${logGroupName}:*` } };
  },
  async configure({ RetentionInDays }, { physicalId: logGroupName }, { call }, before) {
    if (RetentionInDays !== undefined)
      await call("logs", "PutRetentionPolicy", { logGroupName, retentionInDays: RetentionInDays });
    else if (before?.RetentionInDays !== undefined) await call("logs", "DeleteRetentionPolicy", { logGroupName });
  },
  remove: async (_, { physicalId: logGroupName }, { call }) => void (await call("logs", "DeleteLogGroup", { logGroupName })),
});
