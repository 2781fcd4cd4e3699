import { z } from "zod";
import { type Context, defineResource } from "../resource.ts";

const set = async ({ call }: Context, topics: readonly string[], AttributeValue: string) => {
  for (const TopicArn of topics) await call("sns", "SetTopicAttributes", { TopicArn, AttributeName: "Policy", AttributeValue });
};

export const topicPolicy = defineResource({
  type: "AWS::SNS::TopicPolicy",
  schema: z.strictObject({ Topics: z.array(z.string()).min(1), PolicyDocument: z.record(z.string(), z.unknown()) }),
  replacedBy: [],
  create: async (_, { generateName }) => ({ physicalId: generateName(128), attributes: {} }),
  async configure({ Topics, PolicyDocument }, _, ctx, before) {
    await set(ctx, before?.Topics.filter((arn) => !Topics.includes(arn)) ?? [], "");
    await set(ctx, Topics, JSON.stringify(PolicyDocument));
  },
  remove: ({ Topics }, _, ctx) => set(ctx, Topics, ""),
});
