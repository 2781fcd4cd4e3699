import {
  CreateTopicCommand,
  DeleteTopicCommand,
  ListTopicsCommand,
  PublishCommand,
  SetTopicAttributesCommand,
  SNSClient,
} from "@aws-sdk/client-sns";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Embedded, startEmbedded } from "../embeddedAws.ts";

let aws: Embedded;
let sns: SNSClient;
beforeAll(async () => {
  aws = await startEmbedded();
  sns = new SNSClient(aws.client);
});
afterAll(() => aws.stop());

const arn = "arn:aws:sns:eu-west-1:000000000000:pages";

test("a topic is made once, and what was published to it can be read", async () => {
  const Attributes = { KmsMasterKeyId: "alias/aws/sns" };
  await expect(sns.send(new CreateTopicCommand({ Name: "pages", Attributes }))).resolves.toMatchObject({ TopicArn: arn });
  await sns.send(new SetTopicAttributesCommand({ TopicArn: arn, AttributeName: "DisplayName", AttributeValue: "Assay" }));
  await sns.send(new CreateTopicCommand({ Name: "pages" })); // one of that name is the one that was asked for
  await expect(sns.send(new ListTopicsCommand({}))).resolves.toMatchObject({ Topics: [{ TopicArn: arn }] });
  const { MessageId } = await sns.send(new PublishCommand({ TopicArn: arn, Subject: "Look", Message: "Line <1>\n& two" }));
  expect(MessageId).toMatch(/^[0-9a-f-]{36}$/);
  expect(await aws.control("published")).toEqual({
    messages: [{ topic: "pages", atMs: expect.any(Number), subject: "Look", message: "Line <1>\n& two" }],
  });
});

test.each([
  { it: "a topic that is not there", input: { TopicArn: `${arn}s`, Message: "m" }, name: "NotFoundException" },
  { it: "an empty message", input: { TopicArn: arn, Message: "" }, name: "InvalidParameterException" },
  { it: "a subject of two lines", input: { TopicArn: arn, Subject: "a\nb", Message: "m" }, name: "InvalidParameterException" },
  {
    it: "what it does not honour",
    input: { TopicArn: arn, Message: "m", MessageStructure: "json" },
    name: "InvalidParameterException",
  },
])("publishing refuses $it", async ({ input, name }) => {
  await expect(sns.send(new PublishCommand(input))).rejects.toMatchObject({ name });
});

test("a policy of the topic is checked, and goes with it", async () => {
  const Statement = [{ Effect: "Deny", Principal: "*", Action: "sns:Publish", Resource: arn }];
  const AttributeValue = JSON.stringify({ Version: "2012-10-17", Statement });
  await sns.send(new SetTopicAttributesCommand({ TopicArn: arn, AttributeName: "Policy", AttributeValue }));
  const publish = new PublishCommand({ TopicArn: arn, Message: "m" });
  await expect(sns.send(publish)).rejects.toMatchObject({ name: "AuthorizationErrorException" });
  await sns.send(new DeleteTopicCommand({ TopicArn: arn }));
  await expect(sns.send(publish)).rejects.toMatchObject({ name: "NotFoundException" });
});
