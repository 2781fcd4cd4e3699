import { z } from "zod";
import { defineResource, flag, integer, tags } from "../resource.ts";

const schema = z.strictObject({
  QueueName: z.string().optional(),
  FifoQueue: flag.optional(),
  ContentBasedDeduplication: flag.optional(),
  DelaySeconds: integer.optional(),
  MaximumMessageSize: integer.optional(),
  MessageRetentionPeriod: integer.optional(),
  ReceiveMessageWaitTimeSeconds: integer.optional(),
  VisibilityTimeout: integer.optional(),
  SqsManagedSseEnabled: flag.optional(),
  RedrivePolicy: z.strictObject({ deadLetterTargetArn: z.string(), maxReceiveCount: integer }).optional(),
  RedriveAllowPolicy: z.record(z.string(), z.unknown()).optional(),
  Tags: tags,
});

/** What the API's attributes are when the template says nothing. Source: SQS API reference, SetQueueAttributes. */
const defaults: Record<string, string> = {
  DelaySeconds: "0",
  MaximumMessageSize: "1048576",
  MessageRetentionPeriod: "345600",
  ReceiveMessageWaitTimeSeconds: "0",
  VisibilityTimeout: "30",
  RedrivePolicy: "",
  RedriveAllowPolicy: "",
  SqsManagedSseEnabled: "true",
};

export const queue = defineResource({
  type: "AWS::SQS::Queue",
  schema,
  replacedBy: ["QueueName", "FifoQueue"],
  async create(properties, { call, generateName, world: { region, accountId } }) {
    const name = properties.QueueName ?? (properties.FifoQueue ? `${generateName(75)}.fifo` : generateName(80));
    const { QueueUrl } = await call("sqs", "CreateQueue", { QueueName: name, Attributes: attributesOf(properties) });
    const attributes = { Arn: `arn:aws:sqs:${region}:${accountId}:${name}`, QueueName: name, QueueUrl };
    return { physicalId: String(QueueUrl), attributes };
  },
  async configure(properties, { physicalId: QueueUrl }, { call }, before) {
    if (!before) return;
    const [old, wanted] = [attributesOf(before), attributesOf(properties)];
    const dropped = Object.keys(old).filter((name) => !(name in wanted));
    const Attributes = { ...Object.fromEntries(dropped.map((name) => [name, defaults[name] ?? ""])), ...wanted };
    await call("sqs", "SetQueueAttributes", { QueueUrl, Attributes });
  },
  remove: async (_, { physicalId: QueueUrl }, { call }) => void (await call("sqs", "DeleteQueue", { QueueUrl })),
});

function attributesOf({ QueueName: _, Tags: __, ...attributes }: z.output<typeof schema>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(attributes)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, typeof value === "object" ? JSON.stringify(value) : String(value)]),
  );
}
