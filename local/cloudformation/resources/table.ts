import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { type Context, defineResource, flag, ignored, tags } from "../resource.ts";

const keySchema = z.array(z.strictObject({ AttributeName: z.string(), KeyType: z.enum(["HASH", "RANGE"]) }));
const schema = z.strictObject({
  TableName: z.string().optional(),
  AttributeDefinitions: z.array(z.strictObject({ AttributeName: z.string(), AttributeType: z.enum(["S", "N", "B"]) })),
  KeySchema: keySchema,
  BillingMode: z.literal("PAY_PER_REQUEST", "is not honoured: nothing here measures provisioned capacity"),
  GlobalSecondaryIndexes: z
    .array(
      z.strictObject({
        IndexName: z.string(),
        KeySchema: keySchema,
        Projection: z.strictObject({
          ProjectionType: z.enum(["ALL", "KEYS_ONLY", "INCLUDE"]),
          NonKeyAttributes: z.array(z.string()).optional(),
        }),
      }),
    )
    .optional(),
  TimeToLiveSpecification: z.strictObject({ AttributeName: z.string(), Enabled: flag }).optional(),
  PointInTimeRecoverySpecification: z.strictObject({ PointInTimeRecoveryEnabled: flag }).optional(),
  SSESpecification: ignored("items are in memory, and no key of the customer's is looked up"),
  TableClass: ignored("a class is a price"),
  Tags: tags,
});

/** How often to look whether a table is there yet. */
const pollMs = 10;

export const table = defineResource({
  type: "AWS::DynamoDB::Table",
  schema,
  // The API could add an index to a table; here that makes a new one, which the explicit name then forbids.
  replacedBy: ["TableName", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes"],
  async create(properties, ctx) {
    const { AttributeDefinitions, KeySchema, BillingMode, GlobalSecondaryIndexes } = properties;
    const TableName = properties.TableName ?? ctx.generateName(255);
    await ctx.call("dynamodb", "CreateTable", {
      TableName,
      AttributeDefinitions,
      KeySchema,
      BillingMode,
      ...(GlobalSecondaryIndexes ? { GlobalSecondaryIndexes } : {}),
    });
    await untilActive(ctx, TableName);
    const { region, accountId } = ctx.world;
    return { physicalId: TableName, attributes: { Arn: `arn:aws:dynamodb:${region}:${accountId}:table/${TableName}` } };
  },
  async configure({ TimeToLiveSpecification, PointInTimeRecoverySpecification }, { physicalId: TableName }, { call }, before) {
    const oldTtl = before?.TimeToLiveSpecification;
    const ttl = TimeToLiveSpecification ?? (oldTtl && { ...oldTtl, Enabled: false });
    if (ttl && !isDeepStrictEqual(ttl, oldTtl))
      await call("dynamodb", "UpdateTimeToLive", { TableName, TimeToLiveSpecification: ttl });
    const oldRecovery = before?.PointInTimeRecoverySpecification;
    const recovery = PointInTimeRecoverySpecification ?? (oldRecovery && { PointInTimeRecoveryEnabled: false });
    if (recovery && !isDeepStrictEqual(recovery, oldRecovery))
      await call("dynamodb", "UpdateContinuousBackups", { TableName, PointInTimeRecoverySpecification: recovery });
  },
  remove: async (_, { physicalId: TableName }, { call }) => void (await call("dynamodb", "DeleteTable", { TableName })),
});

async function untilActive({ call }: Context, TableName: string): Promise<void> {
  for (;;) {
    const { Table } = await call("dynamodb", "DescribeTable", { TableName });
    if ((Table as { TableStatus: string }).TableStatus === "ACTIVE") return;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
