import { CloudWatchClient, DescribeAnomalyDetectorsCommand } from "@aws-sdk/client-cloudwatch";
import { DescribeBackupCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetAccountSettingsCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { ListTrainingJobsCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Embedded, startEmbedded } from "../embeddedAws.ts";

let aws: Embedded;
beforeAll(async () => {
  aws = await startEmbedded();
});
afterAll(() => aws.stop());

test.each([
  {
    it: "CloudWatch",
    says: "monitoring:DescribeAnomalyDetectors",
    ask: () => new CloudWatchClient(aws.client).send(new DescribeAnomalyDetectorsCommand({})),
  },
  {
    it: "DynamoDB",
    says: "dynamodb:DescribeBackup",
    ask: () => new DynamoDBClient(aws.client).send(new DescribeBackupCommand({ BackupArn: `arn:${"-".repeat(40)}` })),
  },
  {
    it: "SageMaker",
    says: "sagemaker:ListTrainingJobs",
    ask: () => new SageMakerClient(aws.client).send(new ListTrainingJobsCommand({})),
  },
  {
    it: "Lambda",
    says: "lambda:GET /2016-08-19/account-settings",
    ask: () => new LambdaClient(aws.client).send(new GetAccountSettingsCommand({})),
  },
])("an operation of $it that nobody implemented is refused by its name", async ({ ask, says }) => {
  await expect(ask()).rejects.toMatchObject({
    name: "NotImplemented",
    message: `The embedded AWS does not implement ${says}. docs/local-aws.md lists what it does.`,
    $metadata: expect.objectContaining({ httpStatusCode: 501 }),
  });
});

/** A request as a client of the given service would sign it, in short. */
const raw = (service: string, headers: Record<string, string>, body: string) =>
  fetch(aws.endpoint, {
    method: "POST",
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=local/20260302/eu-west-1/${service}/aws4_request, SignedHeaders=host, Signature=-`,
      ...headers,
    },
    body,
  });
const form = { "content-type": "application/x-www-form-urlencoded" };

test.each([
  {
    it: "a body that is not JSON",
    ask: () => raw("dynamodb", { "x-amz-target": "DynamoDB_20120810.GetItem" }, "{bad"),
    status: 400,
    says: "SerializationException",
  },
  {
    it: "a body that is no object",
    ask: () => raw("dynamodb", { "x-amz-target": "DynamoDB_20120810.GetItem" }, "null"),
    status: 400,
    says: "SerializationException",
  },
  {
    it: "a body that only says that it is gzip",
    ask: () => raw("monitoring", { "x-amz-target": "Granite.PutMetricData", "content-encoding": "gzip" }, "plain"),
    status: 400,
    says: "SerializationException",
  },
  {
    it: "a name that every object has",
    ask: () => raw("sts", form, "Action=constructor&Version=2011-06-15"),
    status: 501,
    says: "sts:constructor",
  },
  {
    it: "a service that nobody implemented",
    ask: () => raw("kinesis", { "x-amz-target": "Kinesis_20131202.ListStreams" }, "{}"),
    status: 501,
    says: "does not implement kinesis:ListStreams",
  },
  {
    it: "a form where a service speaks JSON here",
    ask: () => raw("sqs", form, "Action=ListQueues&Version=2012-11-05"),
    status: 400,
    says: /^<ErrorResponse><Error>.*<Code>InvalidAction<.*sqs:ListQueues: this client speaks the query protocol.*Use a newer AWS CLI/,
  },
  {
    it: "an unsigned request",
    ask: () => fetch(aws.endpoint, { method: "POST", body: "{}" }),
    status: 403,
    says: "The request is not signed. Any key pair will do here.",
  },
])("$it is answered with an error that says so", async ({ ask, status, says }) => {
  const response = await ask();
  const body = await response.text();
  expect(response.status).toBe(status);
  expect(body).toMatch(says);
});

test("no response tells the machine's time, which is not the clock's", async () => {
  const response = await raw("sqs", { "x-amz-target": "AmazonSQS.ListQueues" }, "{}");
  expect(response.status).toBe(200);
  expect(response.headers.get("date")).toBeNull();
  expect(await new SQSClient(aws.client).send(new ListQueuesCommand({}))).toMatchObject({ $metadata: { attempts: 1 } });
});
