import { z } from "zod";
import { defineResource } from "../resource.ts";

const schema = z.strictObject({
  Action: z.string(),
  FunctionName: z.string(),
  Principal: z.string(),
  SourceArn: z.string().optional(),
  SourceAccount: z.string().optional(),
});

export const lambdaPermission = defineResource({
  type: "AWS::Lambda::Permission",
  schema,
  replacedBy: ["Action", "FunctionName", "Principal", "SourceArn", "SourceAccount"],
  async create(properties, { call, generateName }) {
    const StatementId = generateName(100);
    await call("lambda", "AddPermission", { ...properties, StatementId });
    return { physicalId: StatementId, attributes: { Id: StatementId } };
  },
  // Every change is a replacement.
  configure: async () => {},
  remove: async ({ FunctionName }, { physicalId: StatementId }, { call }) =>
    void (await call("lambda", "RemovePermission", { FunctionName, StatementId })),
});
