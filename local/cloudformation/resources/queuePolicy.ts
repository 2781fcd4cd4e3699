import { z } from "zod";
import { type Context, defineResource } from "../resource.ts";

const set = async ({ call }: Context, queues: readonly string[], Policy: string) => {
  for (const QueueUrl of queues) await call("sqs", "SetQueueAttributes", { QueueUrl, Attributes: { Policy } });
};

export const queuePolicy = defineResource({
  type: "AWS::SQS::QueuePolicy",
  schema: z.strictObject({ Queues: z.array(z.string()).min(1), PolicyDocument: z.record(z.string(), z.unknown()) }),
  replacedBy: [],
  create: async (_, { generateName }) => ({ physicalId: generateName(128), attributes: {} }),
  async configure({ Queues, PolicyDocument }, _, ctx, before) {
    await set(ctx, before?.Queues.filter((url) => !Queues.includes(url)) ?? [], "");
    await set(ctx, Queues, JSON.stringify(PolicyDocument));
  },
  remove: ({ Queues }, _, ctx) => set(ctx, Queues, ""),
});
