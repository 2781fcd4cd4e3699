import { z } from "zod";
import { defineResource, tags } from "../resource.ts";

const schema = z.strictObject({
  TopicName: z.string().optional(),
  DisplayName: z.string().optional(),
  KmsMasterKeyId: z.string().optional(),
  Tags: tags,
});

const attributes = ["DisplayName", "KmsMasterKeyId"] as const;

export const topic = defineResource({
  type: "AWS::SNS::Topic",
  schema,
  replacedBy: ["TopicName"],
  async create({ TopicName }, { call, generateName }) {
    const Name = TopicName ?? generateName(256);
    const TopicArn = String((await call("sns", "CreateTopic", { Name })).TopicArn);
    return { physicalId: TopicArn, attributes: { TopicArn, TopicName: Name } };
  },
  async configure(properties, { physicalId: TopicArn }, { call }, before) {
    for (const AttributeName of attributes) {
      const AttributeValue = properties[AttributeName] ?? "";
      if (AttributeValue !== (before?.[AttributeName] ?? ""))
        await call("sns", "SetTopicAttributes", { TopicArn, AttributeName, AttributeValue });
    }
  },
  remove: async (_, { physicalId: TopicArn }, { call }) => void (await call("sns", "DeleteTopic", { TopicArn })),
});
