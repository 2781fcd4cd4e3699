import { z } from "zod";
import { parseInput } from "./parseInput.ts";
import { AwsError, type Part, type World } from "./world.ts";

/** A message that somebody would have received. */
type Published = { topic: string; atMs: number; subject: string | null; message: string };

export type Sns = Part & {
  /** Everything that was published, in order: nobody is subscribed, so the demo and tests read it here. */
  published: readonly Published[];
};

const topic = { TopicArn: z.string() };
const pair = z.strictObject({ key: z.string(), value: z.string() });
const inputs = {
  create: z.strictObject({
    Name: z.string().regex(/^[A-Za-z0-9_-]{1,256}$/, "Topic names are letters, digits, hyphens and underscores, at most 256."),
    Attributes: z.strictObject({ entry: z.record(z.string(), pair) }).optional(),
  }),
  topic: z.strictObject(topic),
  setAttribute: z.strictObject({ ...topic, AttributeName: z.string(), AttributeValue: z.string().default("") }),
  list: z.strictObject({ NextToken: z.string().optional() }),
  publish: z.strictObject({
    ...topic,
    Message: z.string().min(1, "Empty message").max(262_144, "Message too long"),
    // The API's rule for the subject of an e-mail.
    Subject: z
      .string()
      .regex(/^(?! )[\x20-\x7e]{1,100}$/, "Subject")
      .optional(),
  }),
};
const settable: ReadonlySet<string> = new Set(["DisplayName", "KmsMasterKeyId", "Policy"]);

/** SNS: topics, their attributes and policies, and a memory of what was published. No subscriptions. */
export function createSns(world: World, registerPolicy: (arn: string, policy: string | null) => void): Sns {
  const topics = new Map<string, Map<string, string>>();
  const published: Published[] = [];

  const attributesOf = (arn: string) => {
    const found = topics.get(arn);
    if (!found) throw new AwsError("NotFound", "Topic does not exist", 404);
    return found;
  };
  const set = (arn: string, name: string, value: string) => {
    if (!settable.has(name))
      throw new AwsError("InvalidParameter", `Invalid parameter: AttributeName (the embedded AWS does not honour ${name})`);
    if (name === "Policy") registerPolicy(arn, value === "" ? null : value);
    if (value === "") attributesOf(arn).delete(name);
    else attributesOf(arn).set(name, value);
  };

  return {
    scope: "sns",
    published,
    operations: {
      /** One of that name is the one that was asked for. */
      CreateTopic(raw) {
        const { Name, Attributes } = parse(inputs.create, raw);
        const TopicArn = `arn:aws:sns:${world.region}:${world.accountId}:${Name}`;
        if (!topics.has(TopicArn)) topics.set(TopicArn, new Map());
        for (const { key, value } of Object.values(Attributes?.entry ?? {})) set(TopicArn, key, value);
        return { TopicArn };
      },
      /** One that is not there is deleted already. */
      DeleteTopic(raw) {
        const { TopicArn } = parse(inputs.topic, raw);
        topics.delete(TopicArn);
        registerPolicy(TopicArn, null);
        return {};
      },
      SetTopicAttributes(raw) {
        const { TopicArn, AttributeName, AttributeValue } = parse(inputs.setAttribute, raw);
        attributesOf(TopicArn);
        set(TopicArn, AttributeName, AttributeValue);
        return {};
      },
      ListTopics(raw) {
        parse(inputs.list, raw);
        return { Topics: [...topics.keys()].sort().map((TopicArn) => ({ TopicArn })) };
      },
      Publish(raw) {
        const { TopicArn, Message, Subject } = parse(inputs.publish, raw);
        attributesOf(TopicArn);
        published.push({ topic: TopicArn.split(":").at(-1)!, atMs: Date.now(), subject: Subject ?? null, message: Message });
        return { MessageId: world.uuid("sns-message") };
      },
    },
  };
}

const parse = <T>(schema: z.ZodType<T>, input: Record<string, unknown>): T => parseInput(schema, input, "InvalidParameter");
