import { expect, test } from "@jest/globals";
import { type CloudFormation, createCloudFormation } from "../../../local/cloudformation/part.ts";
import { AwsError, type Call } from "../../../local/world.ts";
import { recordingWorld } from "../recordingWorld.ts";

const call: Call = { principal: { kind: "admin" }, requestId: "r" };
const secure = { Statement: [{ Effect: "Deny", Principal: "*", Action: "s3:*", Resource: "*" }] };
const bucket = (properties: object = {}) => ({ Type: "AWS::S3::Bucket", Properties: properties });
const policyOf = (logicalId: string) => ({
  Type: "AWS::S3::BucketPolicy",
  Properties: { Bucket: { Ref: logicalId }, PolicyDocument: secure },
});
const role = (...policies: string[]) => ({
  Type: "AWS::IAM::Role",
  Properties: { AssumeRolePolicyDocument: {}, Policies: policies.map((PolicyName) => ({ PolicyName, PolicyDocument: {} })) },
});

function stackOf(answers: Parameters<typeof recordingWorld>[0] = {}) {
  const { world, calls } = recordingWorld({
    "iam:CreateRole": ({ RoleName }) => ({ Role: { Arn: `arn:aws:iam::000000000000:role/${RoleName}`, RoleId: "AROA" } }),
    "iam:ListRolePolicies": () => ({ PolicyNames: ["p"] }),
    "sqs:CreateQueue": ({ QueueName }) => ({ QueueUrl: `http://127.0.0.1:4566/000000000000/${QueueName}` }),
    "lambda:CreateEventSourceMapping": () => ({ UUID: "mapping-1" }),
    "dynamodb:DescribeTable": () => ({ Table: { TableStatus: "ACTIVE" } }),
    ...answers,
  });
  const part = createCloudFormation(world);
  return { part, calls, made: () => calls.splice(0).map(({ service, operation }) => `${service}:${operation}`) };
}
const run = async (part: CloudFormation, operation: string, input: Record<string, unknown>) => {
  const output = await part.operations[operation]!(input, call);
  await part.idle();
  return output;
};
const withTemplate = (Resources: object, more: object = {}) => ({
  StackName: "assay-dev",
  TemplateBody: JSON.stringify({ Resources, ...more }),
  Capabilities: ["CAPABILITY_NAMED_IAM"],
  NotificationARNs: "",
});
type Event = {
  LogicalResourceId: string;
  ResourceStatus: string;
  ResourceStatusReason?: string;
  EventId: string;
  PhysicalResourceId: string;
};
const eventsOf = async (part: CloudFormation, StackName = "assay-dev") => {
  const { StackEvents } = await run(part, "DescribeStackEvents", { StackName });
  return (StackEvents as Event[]).toReversed();
};
const statusOf = async (part: CloudFormation) => {
  const { Stacks } = (await run(part, "DescribeStacks", { StackName: "assay-dev" })) as { Stacks: { StackStatus: string }[] };
  return Stacks[0]!.StackStatus;
};

test("a stack is created in order of dependence, reports each step, and is removed the other way round", async () => {
  const { part, made } = stackOf();
  // The policy is written before its bucket.
  const { StackId } = await run(part, "CreateStack", {
    ...withTemplate({ P: policyOf("B"), B: bucket() }, { Outputs: { Name: { Value: { Ref: "B" } } } }),
    OnFailure: "DELETE",
  });
  expect(made()).toEqual(["s3:CreateBucket", "s3:PutBucketPolicy"]);
  const events = await eventsOf(part);
  expect(events.map((e) => `${e.LogicalResourceId} ${e.ResourceStatus}`)).toEqual([
    "assay-dev CREATE_IN_PROGRESS",
    "B CREATE_IN_PROGRESS",
    "B CREATE_COMPLETE",
    "P CREATE_IN_PROGRESS",
    "P CREATE_COMPLETE",
    "assay-dev CREATE_COMPLETE",
  ]);
  expect(new Set(events.map((e) => e.EventId)).size).toBe(events.length);
  expect(events[0]!.PhysicalResourceId).toBe(StackId);
  const { Stacks } = await run(part, "DescribeStacks", { StackName: "assay-dev" });
  expect(Stacks).toMatchObject([
    {
      StackStatus: "CREATE_COMPLETE",
      Outputs: [{ OutputKey: "Name", OutputValue: expect.stringMatching(/^assay-dev-b-[0-9a-f]{12}$/) }],
    },
  ]);

  await run(part, "DeleteStack", { StackName: "assay-dev" });
  expect(made()).toEqual(["s3:DeleteBucketPolicy", "s3:DeleteBucket"]);
  await expect(run(part, "DescribeStacks", { StackName: "assay-dev" })).rejects.toThrow("Stack with id assay-dev does not exist");
  expect((await eventsOf(part, String(StackId))).at(-1)).toMatchObject({ ResourceStatus: "DELETE_COMPLETE" });
  expect(await run(part, "DeleteStack", { StackName: "assay-dev" })).toEqual({});
});

test("an update touches only what changed, makes what is new first, and removes what is gone last", async () => {
  const { part, calls, made } = stackOf();
  await run(
    part,
    "CreateStack",
    withTemplate({ Kept: bucket(), Gone: bucket(), GonePolicy: policyOf("Gone"), R: role("p", "q") }),
  );
  made();
  await run(part, "UpdateStack", withTemplate({ Kept: bucket(), R: role("p"), New: bucket() }));
  expect(calls.filter(({ operation }) => operation === "DeleteRolePolicy").map(({ input }) => input.PolicyName)).toEqual(["q"]);
  expect(made()).toEqual([
    "iam:UpdateAssumeRolePolicy",
    "iam:PutRolePolicy",
    "iam:DeleteRolePolicy",
    "s3:CreateBucket",
    "s3:DeleteBucketPolicy",
    "s3:DeleteBucket",
  ]);
  expect(await statusOf(part)).toBe("UPDATE_COMPLETE");
});

test("a property that cannot change makes the resource anew, and the old one goes afterwards", async () => {
  const { part, calls } = stackOf();
  await run(part, "CreateStack", withTemplate({ B: bucket({ BucketName: "first" }), P: policyOf("B") }));
  calls.length = 0;
  await run(part, "UpdateStack", withTemplate({ B: bucket({ BucketName: "second" }), P: policyOf("B") }));
  expect(calls.map(({ operation, input }) => `${operation} ${input.Bucket}`)).toEqual([
    "CreateBucket second",
    "PutBucketPolicy second",
    "DeleteBucketPolicy first",
    "DeleteBucket first",
  ]);
});

test.each([
  { it: "the same template", change: {}, says: "No updates are to be performed." },
  { it: "an unknown type", change: { X: { Type: "AWS::Kinesis::Stream" } }, says: "AWS::Kinesis::Stream (X)" },
])("UpdateStack refuses $it", async ({ change, says }) => {
  const { part } = stackOf();
  await run(part, "CreateStack", withTemplate({ B: bucket() }));
  await expect(run(part, "UpdateStack", withTemplate({ B: bucket(), ...change }))).rejects.toMatchObject({
    code: "ValidationError",
    message: expect.stringContaining(says),
  });
});

test.each([
  { onFailure: "DELETE", ends: "DELETE_COMPLETE" },
  { onFailure: "ROLLBACK", ends: "ROLLBACK_COMPLETE" },
  { onFailure: "DO_NOTHING", ends: "CREATE_FAILED" },
])("a property that is not honoured fails the stack by name; OnFailure $onFailure ends in $ends", async ({ onFailure, ends }) => {
  const { part, made } = stackOf();
  const resources = { A: bucket(), B: { ...bucket({ WebsiteConfiguration: {} }), DependsOn: "A" } };
  const { StackId } = await run(part, "CreateStack", { ...withTemplate(resources), OnFailure: onFailure });
  expect(made()).toEqual(onFailure === "DO_NOTHING" ? ["s3:CreateBucket"] : ["s3:CreateBucket", "s3:DeleteBucket"]);
  const events = await eventsOf(part, String(StackId));
  expect(events.find((e) => e.ResourceStatus === "CREATE_FAILED")).toMatchObject({
    LogicalResourceId: "B",
    ResourceStatusReason: expect.stringContaining("WebsiteConfiguration of AWS::S3::Bucket is not honoured"),
  });
  expect(events.at(-1)).toMatchObject({ LogicalResourceId: "assay-dev", ResourceStatus: ends });
});

test("a resource that fails half way leaves nothing behind", async () => {
  const { part, made } = stackOf({
    "s3:PutPublicAccessBlock": () => {
      throw new AwsError("InternalError", "no", 500);
    },
  });
  const block = bucket({ PublicAccessBlockConfiguration: { BlockPublicAcls: true } });
  await run(part, "CreateStack", { ...withTemplate({ B: block }), OnFailure: "DELETE" });
  expect(made()).toEqual(["s3:CreateBucket", "s3:PutPublicAccessBlock", "s3:DeleteBucket"]);
});

test("an update that fails goes back to what was there", async () => {
  const { part, calls } = stackOf({
    "sqs:CreateQueue": () => {
      throw new AwsError("InvalidAttributeValue", "no such attribute");
    },
  });
  await run(part, "CreateStack", withTemplate({ B: bucket(), P: policyOf("B") }));
  calls.length = 0;
  const changed = { ...policyOf("B"), Properties: { Bucket: { Ref: "B" }, PolicyDocument: { Statement: [] } } };
  const queue = { Type: "AWS::SQS::Queue", DependsOn: ["P", "NewPolicy"] };
  const wanted = withTemplate({ B: bucket(), P: changed, New: bucket(), NewPolicy: policyOf("New"), Q: queue });
  await run(part, "UpdateStack", wanted);
  expect(calls.map(({ operation, input }) => `${operation} ${input.Policy ?? ""}`.trim())).toEqual([
    `PutBucketPolicy ${JSON.stringify({ Statement: [] })}`,
    "CreateBucket",
    `PutBucketPolicy ${JSON.stringify(secure)}`,
    "CreateQueue",
    "DeleteBucketPolicy",
    "DeleteBucket",
    `PutBucketPolicy ${JSON.stringify(secure)}`,
  ]);
  expect(await statusOf(part)).toBe("UPDATE_ROLLBACK_COMPLETE");
  // It went back to the first template: the second is still an update, and so is a third.
  await run(part, "UpdateStack", wanted);
  expect(await statusOf(part)).toBe("UPDATE_ROLLBACK_COMPLETE");
  await run(part, "UpdateStack", withTemplate({ B: bucket() }));
  expect(await statusOf(part)).toBe("UPDATE_COMPLETE");
});

test("removal: what is retained stays, what is gone already is no failure, and what refuses stops it", async () => {
  let refusal: AwsError | null = new AwsError("BucketNotEmpty", "The bucket you tried to delete is not empty", 409);
  const { part, calls } = stackOf({
    "s3:DeleteBucket": () => {
      if (refusal) throw refusal;
      return {};
    },
  });
  await run(part, "CreateStack", withTemplate({ Kept: { ...bucket(), DeletionPolicy: "Retain" }, B: bucket() }));
  await run(part, "DeleteStack", { StackName: "assay-dev" });
  expect(await statusOf(part)).toBe("DELETE_FAILED");
  refusal = new AwsError("NoSuchBucket", "The specified bucket does not exist", 404);
  await run(part, "DeleteStack", { StackName: "assay-dev" });
  await expect(statusOf(part)).rejects.toThrow("does not exist");
  expect(calls.filter(({ operation }) => operation === "DeleteBucket")).toHaveLength(2);
});

test("a template is read from the deployment bucket, whatever the host of its URL", async () => {
  const template = JSON.stringify({ Resources: { B: bucket() } });
  const { part, calls } = stackOf({ "s3:GetObject": () => ({ Body: Buffer.from(template) }) });
  for (const TemplateURL of [
    "https://s3.amazonaws.com/deploy/serverless/t.json",
    "http://127.0.0.1:4566/deploy/serverless/t.json",
    "https://deploy.s3.eu-west-1.amazonaws.com/serverless/t.json",
  ]) {
    await run(part, "ValidateTemplate", { TemplateURL });
  }
  expect(calls.map(({ input }) => input)).toEqual(Array(3).fill({ Bucket: "deploy", Key: "serverless/t.json" }));
});

test.each([
  {
    it: "a role that nobody acknowledged",
    input: { ...withTemplate({ R: role() }), Capabilities: "" },
    code: "InsufficientCapabilitiesException",
    says: "CAPABILITY_IAM",
  },
  {
    it: "a member that is not honoured",
    input: { ...withTemplate({ B: bucket() }), RoleARN: "arn" },
    code: "ValidationError",
    says: "RoleARN",
  },
  {
    it: "an SNS topic",
    input: { ...withTemplate({ B: bucket() }), NotificationARNs: ["arn"] },
    code: "ValidationError",
    says: "NotificationARNs",
  },
  { it: "a template with no resources", input: withTemplate({}), code: "ValidationError", says: "At least one Resources member" },
])("CreateStack refuses $it", async ({ input, code, says }) => {
  const { part } = stackOf();
  await expect(run(part, "CreateStack", input)).rejects.toMatchObject({ code, message: expect.stringContaining(says) });
});

test("asking for a resource that the stack does not have says so in CloudFormation's words, which the framework matches", async () => {
  const { part } = stackOf();
  await run(part, "CreateStack", withTemplate({ B: bucket() }));
  await expect(run(part, "DescribeStackResource", { StackName: "assay-dev", LogicalResourceId: "X" })).rejects.toThrow(
    "Resource X does not exist for stack assay-dev",
  );
  expect(await run(part, "ListStackResources", { StackName: "assay-dev" })).toMatchObject({
    StackResourceSummaries: [{ LogicalResourceId: "B", ResourceType: "AWS::S3::Bucket", ResourceStatus: "CREATE_COMPLETE" }],
  });
});

test.each([
  {
    type: "AWS::SQS::Queue",
    properties: { QueueName: "q", VisibilityTimeout: 360, RedrivePolicy: { deadLetterTargetArn: "arn", maxReceiveCount: 5 } },
    calls: [
      [
        "CreateQueue",
        {
          QueueName: "q",
          Attributes: { VisibilityTimeout: "360", RedrivePolicy: '{"deadLetterTargetArn":"arn","maxReceiveCount":5}' },
        },
      ],
    ],
  },
  {
    type: "AWS::S3::Bucket",
    properties: {
      BucketName: "b",
      NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
      LifecycleConfiguration: { Rules: [{ Id: "old", Status: "Enabled", Prefix: "x/", ExpirationInDays: 30 }] },
    },
    calls: [
      ["CreateBucket", { Bucket: "b" }],
      [
        "PutBucketLifecycleConfiguration",
        {
          Bucket: "b",
          LifecycleConfiguration: {
            Rules: [{ ID: "old", Filter: { Prefix: "x/" }, Expiration: { Days: 30 }, Status: "Enabled" }],
          },
        },
      ],
      ["PutBucketNotificationConfiguration", { Bucket: "b", NotificationConfiguration: { EventBridgeConfiguration: {} } }],
    ],
  },
  {
    type: "AWS::DynamoDB::Table",
    properties: {
      TableName: "ttt",
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      TimeToLiveSpecification: { AttributeName: "ttl", Enabled: true },
    },
    calls: [
      ["CreateTable", expect.objectContaining({ TableName: "ttt", BillingMode: "PAY_PER_REQUEST" })],
      ["DescribeTable", { TableName: "ttt" }],
      ["UpdateTimeToLive", { TableName: "ttt", TimeToLiveSpecification: { AttributeName: "ttl", Enabled: true } }],
    ],
  },
  {
    type: "AWS::Events::Rule",
    properties: {
      Name: "r",
      EventPattern: { source: ["aws.s3"] },
      Targets: [{ Id: "q", Arn: "arn:aws:sqs:eu-west-1:000000000000:q" }],
    },
    calls: [
      ["PutRule", { Name: "r", EventPattern: '{"source":["aws.s3"]}' }],
      ["PutTargets", { Rule: "r", Targets: [{ Id: "q", Arn: "arn:aws:sqs:eu-west-1:000000000000:q" }] }],
    ],
  },
  {
    type: "AWS::Logs::LogGroup",
    properties: { LogGroupName: "/aws/lambda/f", RetentionInDays: 14 },
    calls: [
      ["CreateLogGroup", { logGroupName: "/aws/lambda/f" }],
      ["PutRetentionPolicy", { logGroupName: "/aws/lambda/f", retentionInDays: 14 }],
    ],
  },
])("$type becomes the service's own calls", async ({ type, properties, calls: wanted }) => {
  const { part, calls } = stackOf();
  await run(part, "CreateStack", withTemplate({ X: { Type: type, Properties: properties } }));
  expect(calls.map(({ operation, input }) => [operation, input])).toEqual(wanted);
  expect(await statusOf(part)).toBe("CREATE_COMPLETE");
});
