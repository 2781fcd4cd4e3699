import {
  CloudFormationClient,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStackResourcesCommand,
  GetTemplateCommand,
  UpdateStackCommand,
  waitUntilStackDeleteComplete,
  waitUntilStackUpdateComplete,
} from "@aws-sdk/client-cloudformation";
import {
  CreateBucketCommand,
  GetBucketNotificationConfigurationCommand,
  type NotificationConfiguration,
  PutBucketNotificationConfigurationCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { buckets } from "../../infrastructure/buckets.ts";
import { compile } from "../../infrastructure/bundle.ts";
import { frameworkIds } from "../../infrastructure/cloudformation.ts";
import { table } from "../../infrastructure/table.ts";
import { parseAssay } from "../../shared/config/load.ts";
import { type Embedded, startEmbedded } from "../embeddedAws.ts";
import { deployFunction } from "../local/deployFunction.ts";

const theirs: NotificationConfiguration = {
  QueueConfigurations: [
    {
      Id: "theirs",
      QueueArn: "arn:aws:sqs:eu-west-1:000000000000:theirs",
      Events: ["s3:ObjectCreated:*"],
      Filter: { Key: { FilterRules: [{ Name: "prefix", Value: "uploads/" }] } },
    },
  ],
};

let aws: Embedded;
let s3: S3Client;
let cloudformation: CloudFormationClient;
let source: string;
beforeAll(async () => {
  aws = await startEmbedded();
  s3 = new S3Client({ ...aws.client, forcePathStyle: true });
  cloudformation = new CloudFormationClient(aws.client);
  const entry = "functions/bucket/events.handler.ts";
  source = Buffer.from((await compile([entry], [])).get(entry)!.code).toString("utf8");
});
afterAll(() => aws.stop());

async function bucket(name: string, notifications: NotificationConfiguration): Promise<void> {
  await s3.send(new CreateBucketCommand({ Bucket: name }));
  await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket: name, NotificationConfiguration: notifications }));
}
async function notificationsOf(name: string): Promise<NotificationConfiguration> {
  const { $metadata: _, ...found } = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket: name }));
  return found;
}

/** What the packaged template has of an existing bucket, with the function as `deployFunction` makes it. */
function resourcesFor(name: string): Record<string, { Type: string; Properties: Record<string, unknown> }> {
  const assay = parseAssay(
    `captures: s3://${name}/prod\nendpoints: { chat: { variants: [a] } }\ndeployment: { captureBucket: existing, removal: delete }\n`,
    "assay.yml",
  );
  const { CaptureBucket, BucketEventsRole } = buckets(assay, "test");
  const { Table } = table(assay, `of-${name}`);
  const text = JSON.stringify({ CaptureBucket, BucketEventsRole, Table })
    .replaceAll(frameworkIds.bucketEvents.lambda, "Function")
    .replaceAll(frameworkIds.bucketEvents.logs, "Log");
  return JSON.parse(text) as ReturnType<typeof resourcesFor>;
}

const deploy = (stack: string, name: string) =>
  deployFunction(aws, stack, {
    source,
    properties: {
      Role: { "Fn::GetAtt": ["BucketEventsRole", "Arn"] },
      Timeout: 60,
      MemorySize: 256,
      Environment: { Variables: { TABLE_NAME: { Ref: "Table" } } },
    },
    more: resourcesFor(name),
  });

async function remove(StackName: string): Promise<void> {
  await cloudformation.send(new DeleteStackCommand({ StackName }));
  await waitUntilStackDeleteComplete({ client: cloudformation, maxWaitTime: 60, minDelay: 0.05, maxDelay: 0.05 }, { StackName });
}

test.each([
  { it: "a bucket with notifications of others", name: "busy", before: theirs, after: theirs },
  {
    it: "a bucket that sent its events already",
    name: "sending",
    before: { ...theirs, EventBridgeConfiguration: {} },
    after: { ...theirs, EventBridgeConfiguration: {} },
  },
])("$it sends events as well, and with the stack goes what the stack added", async ({ name, before, after }) => {
  await bucket(name, before);
  await deploy(`on-${name}`, name);
  expect(await notificationsOf(name)).toEqual({ ...theirs, EventBridgeConfiguration: {} });
  await remove(`on-${name}`);
  expect(await notificationsOf(name)).toEqual(after);
});

test("another bucket takes its place, and the first is left as it was", async () => {
  await bucket("first", theirs);
  await bucket("second", {});
  await deploy("moving", "first");
  const { StackResources = [] } = await cloudformation.send(new DescribeStackResourcesCommand({ StackName: "moving" }));
  expect(StackResources).toContainEqual(
    expect.objectContaining({ LogicalResourceId: "CaptureBucket", PhysicalResourceId: "first" }),
  );
  const { TemplateBody } = await cloudformation.send(new GetTemplateCommand({ StackName: "moving" }));
  const changed = JSON.parse(TemplateBody!) as { Resources: Record<string, unknown> };
  const { CaptureBucket, BucketEventsRole } = resourcesFor("second");
  const [own] = BucketEventsRole!.Properties.Policies as { PolicyDocument: { Statement: { Resource: unknown }[] } }[];
  own!.PolicyDocument.Statement[1]!.Resource = ["first", "second"].map((name) => `arn:aws:s3:::${name}`);
  Object.assign(changed.Resources, { CaptureBucket, BucketEventsRole });
  await cloudformation.send(
    new UpdateStackCommand({ StackName: "moving", TemplateBody: JSON.stringify(changed), Capabilities: ["CAPABILITY_IAM"] }),
  );
  await waitUntilStackUpdateComplete(
    { client: cloudformation, maxWaitTime: 60, minDelay: 0.05, maxDelay: 0.05 },
    { StackName: "moving" },
  );
  expect(await notificationsOf("second")).toEqual({ EventBridgeConfiguration: {} });
  expect(await notificationsOf("first")).toEqual(theirs);
});

test("a bucket that is not there fails the deployment, and says why", async () => {
  await expect(deploy("nowhere", "nowhere")).rejects.toThrow();
  const { StackEvents = [] } = await cloudformation.send(new DescribeStackEventsCommand({ StackName: "nowhere" }));
  expect(StackEvents.map(({ ResourceStatusReason }) => ResourceStatusReason)).toContainEqual(
    expect.stringContaining("The notifications of the bucket cannot be changed (NoSuchBucket: "),
  );
});
