import { expect, test } from "@jest/globals";
import { habitProblems, permissionProblems, referenceProblems, schemaProblems, type Template } from "./checkTemplate.ts";

const queue = { Type: "AWS::SQS::Queue", Properties: { QueueName: "q" } };
const bucket = { Type: "AWS::S3::Bucket", Properties: {} };
const trust = { Version: "2012-10-17" };
const role = (Action: string, Resource: unknown) => ({
  Type: "AWS::IAM::Role",
  Properties: {
    AssumeRolePolicyDocument: trust,
    Policies: [{ PolicyName: "p", PolicyDocument: { Statement: [{ Effect: "Allow", Action: [Action], Resource }] } }],
  },
});
const lambda = (properties: Record<string, unknown>) => ({
  Type: "AWS::Lambda::Function",
  Properties: { FunctionName: "f", Role: { "Fn::GetAtt": ["Role", "Arn"] }, ...properties },
});
const log = (properties: Record<string, unknown>) => ({
  Type: "AWS::Logs::LogGroup",
  Properties: { LogGroupName: "/aws/lambda/f", ...properties },
});

test.each<{ it: string; resources: Template["Resources"]; finds: string[] }>([
  { it: "nothing in a sound queue", resources: { queue }, finds: [] },
  { it: "a type that does not exist", resources: { q: { Type: "AWS::SQS::Que" } }, finds: ["q: AWS::SQS::Que does not exist"] },
  {
    it: "a mistyped property",
    resources: { q: { ...queue, Properties: { VisibilityTimeOut: 1 } } },
    finds: ["q (AWS::SQS::Queue): VisibilityTimeOut does not exist"],
  },
  {
    it: "a mistyped property inside",
    resources: { b: { ...bucket, Properties: { NotificationConfiguration: { EventBridge: {} } } } },
    finds: ["b (AWS::S3::Bucket).NotificationConfiguration: EventBridge does not exist"],
  },
  {
    it: "text for a number",
    resources: { q: { ...queue, Properties: { VisibilityTimeout: "60" } } },
    finds: ["q (AWS::SQS::Queue).VisibilityTimeout is no integer"],
  },
  {
    it: "a required property that is missing",
    resources: { t: { Type: "AWS::DynamoDB::Table", Properties: {} } },
    finds: ["t (AWS::DynamoDB::Table): KeySchema is missing"],
  },
])("the schema check finds $it", ({ resources, finds }) => expect(schemaProblems({ Resources: resources })).toEqual(finds));

test.each<{ it: string; template: Template; finds: string[] }>([
  {
    it: "nothing in sound references",
    template: {
      Resources: {
        queue,
        b: { ...bucket, DependsOn: "queue", Properties: { BucketName: { "Fn::Sub": "${AWS::Region}-${queue.Arn}" } } },
      },
      Outputs: { o: { Value: { Ref: "queue" } } },
    },
    finds: [],
  },
  {
    it: "a Ref to nothing",
    template: { Resources: { b: { ...bucket, Properties: { BucketName: { Ref: "gone" } } } } },
    finds: ["b.Properties.BucketName: there is no gone"],
  },
  {
    it: "an attribute that there is not",
    template: { Resources: { queue, b: { ...bucket, Properties: { BucketName: { "Fn::GetAtt": ["queue", "Url"] } } } } },
    finds: ["b.Properties.BucketName: queue (AWS::SQS::Queue) has no attribute Url"],
  },
  {
    it: "a name in Fn::Sub that there is not",
    template: { Resources: { b: { ...bucket, Properties: { BucketName: { "Fn::Sub": "x-${gone.Arn}" } } } } },
    finds: ["b.Properties.BucketName: there is no gone"],
  },
  {
    it: "a DependsOn that there is not",
    template: { Resources: { b: { ...bucket, DependsOn: ["gone"] } } },
    finds: ["b.DependsOn: there is no gone"],
  },
  {
    it: "an output of nothing",
    template: { Resources: {}, Outputs: { o: { Value: { Ref: "gone" } } } },
    finds: ["Outputs.o.Value: there is no gone"],
  },
])("the reference check finds $it", ({ template, finds }) => expect(referenceProblems(template)).toEqual(finds));

test.each<{ it: string; action: string; resource: unknown; finds: string[] }>([
  { it: "nothing in a sound grant", action: "sqs:SendMessage", resource: { "Fn::GetAtt": ["queue", "Arn"] }, finds: [] },
  { it: "nothing in a listed grant on everything", action: "cloudwatch:PutMetricData", resource: "*", finds: [] },
  {
    it: "an action that does not exist",
    action: "sqs:SendMessages",
    resource: "*",
    finds: ["r: sqs:SendMessages does not exist"],
  },
  { it: "a service that does not exist", action: "sqsx:Send", resource: "*", finds: ["r: sqsx:Send does not exist"] },
  { it: "a wildcard", action: "sqs:*", resource: "*", finds: ["r: sqs:* is a wildcard"] },
  {
    it: "everything where a queue would do",
    action: "sqs:SendMessage",
    resource: "*",
    finds: ["r: sqs:SendMessage is allowed on every resource"],
  },
  {
    it: "a bucket where an object belongs",
    action: "s3:GetObject",
    resource: [{ "Fn::Sub": "${bucket.Arn}" }],
    finds: ["r: s3:GetObject does not take arn:aws:s3:::x"],
  },
  {
    it: "a queue where a table belongs",
    action: "dynamodb:PutItem",
    resource: { "Fn::GetAtt": ["queue", "Arn"] },
    finds: ["r: dynamodb:PutItem does not take arn:aws:sqs:x:x:x"],
  },
])("the permission check finds $it", async ({ action, resource, finds }) =>
  expect(
    await permissionProblems({ Resources: { queue, bucket, r: role(action, resource) } }, new Set(["cloudwatch:PutMetricData"])),
  ).toEqual(finds),
);

test.each<{ it: string; resources: Template["Resources"]; finds: string[] }>([
  { it: "nothing in a sound function", resources: { f: lambda({}), l: log({ RetentionInDays: 30 }) }, finds: [] },
  {
    it: "reserved concurrency",
    resources: { f: lambda({ ReservedConcurrentExecutions: 1 }), l: log({ RetentionInDays: 30 }) },
    finds: ["f reserves concurrency, which fails in new accounts"],
  },
  {
    it: "a shared role",
    resources: { f: lambda({}), g: lambda({}), l: log({ RetentionInDays: 30 }) },
    finds: ["g shares its role"],
  },
  { it: "a log without an end", resources: { f: lambda({}), l: log({}) }, finds: ["l keeps everything"] },
  {
    it: "a log group that Lambda would make",
    resources: { f: lambda({}) },
    finds: ["f has no log group of its own, so Lambda would make one that keeps everything"],
  },
  {
    it: "a stack that is too large",
    resources: Object.fromEntries(Array.from({ length: 501 }, (_, i) => [`q${i}`, queue])),
    finds: ["501 resources are more than CloudFormation takes"],
  },
])("the check of habits finds $it", ({ resources, finds }) => expect(habitProblems({ Resources: resources })).toEqual(finds));
